// Where an endpoint is added or changed: its address, its key, the models that it lists, and a name.

import { h } from "../chat/dom.js";
import { ModelPicker } from "./model_picker.js";
import { button, Panel, panelHead } from "./widgets.js";

/** The dialog. What was typed and not stored is there again when it is opened again. */
export class EndpointDialog {
  #session;
  #onstored;
  /**
   * What is typed, by the endpoint's id; "" for the new one. `answer` is what came of asking the address: "" nothing yet,
   * "listed", "unusable" where it can never be asked, or "failed".
   */
  #drafts = new Map();

  constructor(session, onstored) {
    this.#session = session;
    this.#onstored = onstored;
  }

  /** Opens it for an endpoint, or for a new one, with the cursor in `field`: "url", "key" or "name". */
  open(endpoint = null, field = endpoint ? "name" : "url") {
    const id = endpoint?.id ?? "";
    const draft = this.#drafts.get(id) ?? {
      url: endpoint?.url ?? "", key: "", name: endpoint?.name ?? "", type: endpoint?.type ?? "", withoutKey: false, listed: null,
      answer: "",
      chosen: new Set(endpoint?.models.map(({ model }) => model)),
    };
    this.#drafts.set(id, draft);
    const stored = async () => {
      this.#drafts.delete(id);
      await this.#onstored();
    };
    new OpenDialog(this.#session, endpoint, draft, { field, onstored: stored });
  }
}

class OpenDialog {
  #session;
  #endpoint;
  #draft;
  #onstored;
  #panel;
  #picker;
  #url;
  #key;
  #name;
  #keyHint = h("p", { class: "st-hint" });
  #state = h("div", { class: "st-listing", "aria-live": "polite" });
  #problem = h("p", { class: "st-problem", role: "alert" });
  #save = button("", null, { kind: "main" });
  #list;
  /** Only the answer to the last question counts. */
  #asked = 0;

  constructor(session, endpoint, draft, { field: first, onstored }) {
    this.#session = session;
    this.#endpoint = endpoint;
    this.#draft = draft;
    this.#onstored = onstored;
    const { t } = session.strings;
    this.#url = field("endpoint-url", { inputmode: "url", placeholder: "https://api.example.com/v1", spellcheck: "false", required: true });
    this.#key = field("endpoint-key", { type: "password", spellcheck: "false" });
    this.#name = field("endpoint-name", { maxlength: 100, dir: "auto" });
    this.#list = button(t("ui.endpoint_list"), () => this.#ask(), { kind: "plain" });
    this.#picker = new ModelPicker(session.strings, draft.chosen, () => this.#drawSave());
    for (const [input, name] of [[this.#url, "url"], [this.#key, "key"], [this.#name, "name"]]) {
      input.value = draft[name];
      input.addEventListener("input", () => this.#typed(name, input.value));
    }
    this.#url.addEventListener("change", () => this.#complete());
    for (const input of [this.#url, this.#key]) input.addEventListener("keydown", (event) => this.#pressed(event));
    this.#panel = new Panel("st-endpoint-dialog", (body, close) => this.#draw(body, close));
    this.#panel.element.addEventListener("close", () => this.#asked++);
    this.#panel.openOnce();
    ({ url: this.#url, key: this.#key, name: this.#name })[first].focus();
    draft.answer = draft.listed ? "listed" : "";
    this.#drawKey();
    this.#drawSave();
    if (draft.listed) this.#show(draft.listed);
    else if (endpoint) this.#ask();
  }

  get #movesAway() {
    return this.#endpoint !== null && originOf(this.#draft.url) !== originOf(this.#endpoint.url);
  }

  /** Whether the stored key is what the endpoint is asked with. */
  get #asStored() {
    return this.#endpoint !== null && this.#draft.key.trim() === "" && !this.#draft.withoutKey && this.#draft.url.trim() === this.#endpoint.url;
  }

  /** Whether there is something to add that can work: of an address that nobody asked, a model; of an unusable one, nothing. */
  get #canSave() {
    const { answer, chosen } = this.#draft;
    return this.#endpoint !== null || (answer !== "unusable" && (answer !== "" || chosen.size > 0));
  }

  #draw(body, close) {
    const { t } = this.#session.strings;
    this.#save.type = "submit";
    const form = h("form", { class: "st-fields", novalidate: true, onsubmit: (event) => this.#submit(event, close) },
      labelled(t("ui.endpoint_url"), this.#url, h("p", { class: "st-hint" }, t("ui.endpoint_url_hint"))),
      labelled(t("ui.endpoint_key"), this.#key, this.#keyHint),
      h("div", { class: "st-models-field" }, h("div", { class: "st-field-head" }, h("span", {}, t("ui.endpoint_models")), this.#list), this.#state, this.#picker.element),
      labelled(t("ui.endpoint_name"), this.#name),
      this.#problem,
      h("div", { class: "st-actions st-end" }, button(t("ui.cancel"), close, { kind: "quiet" }), this.#save),
    );
    body.append(panelHead(t(this.#endpoint ? "ui.endpoint" : "ui.endpoint_add"), t("ui.close"), close), form);
  }

  /** Enter in an address or a key asks first: nobody has seen yet what there is. */
  #pressed(event) {
    if (event.key !== "Enter" || event.isComposing || (this.#draft.listed && !this.#draft.listed.problem)) return;
    event.preventDefault();
    this.#ask();
  }

  #typed(name, value) {
    this.#draft[name] = value;
    this.#problem.textContent = "";
    if (name === "url") this.#forget();
    if (name === "key" && value) this.#draft.withoutKey = false;
    this.#drawKey();
    this.#drawSave();
  }

  /** The scheme is written where it was left out, and seen before anything goes there. */
  #complete() {
    this.#draft.url = this.#url.value = completed(this.#url.value);
  }

  /** What another address listed is no longer true. What was chosen by hand stays, and what the endpoint has. */
  #forget() {
    this.#asked++;
    const has = new Set(this.#endpoint?.models.map(({ model }) => model));
    for (const { model } of this.#draft.listed?.models ?? []) if (!has.has(model)) this.#draft.chosen.delete(model);
    this.#draft.listed = null;
    this.#draft.answer = "";
    this.#draft.type = "";
    this.#url.removeAttribute("aria-invalid");
    this.#state.replaceChildren();
    this.#picker.show([]);
    this.#list.disabled = false;
  }

  #drawKey() {
    const { t } = this.#session.strings;
    const key = this.#movesAway && this.#endpoint.key !== "none" ? "missing" : this.#endpoint?.key ?? "none";
    const isStored = key === "stored" && !this.#draft.withoutKey;
    this.#key.placeholder = t(isStored ? "ui.endpoint_key_stored" : "ui.endpoint_key_optional");
    const isAsked = (isStored || key === "missing") && !this.#draft.withoutKey;
    const none = isAsked && button(t(isStored ? "ui.endpoint_key_forget" : "ui.endpoint_key_not_needed"), () => this.#withoutKey(), { kind: "quiet" });
    const text = this.#draft.withoutKey ? "ui.endpoint_key_goes" : key === "missing" ? "ui.endpoint_key_moved" : "ui.endpoint_key_hint";
    this.#keyHint.replaceChildren(t(text), ...(none ? [" ", none] : []));
  }

  #withoutKey() {
    this.#draft.withoutKey = true;
    this.#draft.key = this.#key.value = "";
    this.#drawKey();
    this.#key.focus();
  }

  #drawSave() {
    const { t } = this.#session.strings;
    const { size } = this.#draft.chosen;
    const label = this.#endpoint ? "ui.save" : size === 0 ? "ui.endpoint_add_none" : size === 1 ? "ui.endpoint_add_one" : "ui.endpoint_add_many";
    this.#save.lastChild.textContent = t(label, { count: size });
    this.#save.hidden = !this.#canSave;
    // First to see what there is, then to add it.
    const isNext = !this.#endpoint && size === 0 && (!this.#draft.listed || this.#draft.listed.problem.endsWith("_key"));
    for (const [action, isMain] of [[this.#list, isNext], [this.#save, !isNext]]) {
      action.classList.toggle("st-button-main", isMain);
      action.classList.toggle("st-button-plain", !isMain);
    }
    const host = originOf(this.#draft.url).replace(/^\w+:\/\//, "");
    this.#name.placeholder = host || t("ui.endpoint_name_hint");
  }

  /** Ask for the models, now that there is an address. */
  async #ask() {
    const { api, strings: { t, language } } = this.#session;
    if (this.#draft.url.trim() === "") return this.#url.focus();
    this.#complete();
    const asked = ++this.#asked;
    this.#list.disabled = true;
    this.#state.replaceChildren(h("p", { class: "st-hint st-busy" }, t("ui.endpoint_asking")));
    try {
      const { url, key } = this.#draft;
      const listed = this.#asStored
        ? await api.get(`/api/endpoints/${this.#endpoint.id}/offers?language=${language}`)
        : await api.post("/api/endpoints/look", { url, key: key.trim() || null, language });
      if (asked === this.#asked) this.#show(listed);
    } catch (failure) {
      if (asked === this.#asked) this.#failed(failure);
    } finally {
      if (asked === this.#asked) this.#list.disabled = false;
    }
  }

  /** The address gave no answer. One that can never be asked is the one thing to mend, wherever somebody is by now. */
  #failed(failure) {
    const isUnusable = failure.code === "address_unusable";
    this.#draft.answer = isUnusable ? "unusable" : "failed";
    this.#state.replaceChildren(h("p", { class: "st-problem" }, this.#session.strings.sentence(failure)));
    if (isUnusable) this.#url.setAttribute("aria-invalid", "true");
    this.#drawSave();
  }

  #show(listed) {
    const { t } = this.#session.strings;
    this.#draft.listed = listed;
    this.#draft.answer = "listed";
    this.#draft.type = listed.type;
    if (!this.#endpoint && listed.models.length === 1) this.#draft.chosen.add(listed.models[0].model);
    const text = listed.problem ? `ui.endpoint_problem.${listed.problem}` : listed.models.length === 0 ? "ui.endpoint_empty" : "";
    this.#state.replaceChildren(...(text ? [h("p", { class: listed.problem.endsWith("_key") ? "st-problem" : "st-hint" }, t(text))] : []));
    this.#picker.show(listed.models);
    this.#drawSave();
    // Whoever went on to write elsewhere meanwhile is left alone.
    const { activeElement } = document;
    if (listed.problem.endsWith("_key") && (activeElement === this.#url || !activeElement?.matches("input"))) this.#key.focus();
  }

  async #submit(event, close) {
    event.preventDefault();
    if (this.#draft.url.trim() === "" || this.#draft.answer === "unusable") return this.#url.select();
    if (!this.#canSave) return this.#ask();
    this.#complete();
    this.#save.disabled = true;
    try {
      await (this.#endpoint ? this.#change() : this.#add());
      close();
      await this.#onstored();
    } catch (failure) {
      if (failure.code === "address_unusable") this.#failed(failure);
      else this.#problem.textContent = this.#session.strings.sentence(failure);
    } finally {
      this.#save.disabled = false;
    }
  }

  #add() {
    const { url, key, name, type, listed } = this.#draft;
    const { api, strings: { language } } = this.#session;
    return api.post("/api/endpoints", { url: listed?.url ?? url, key: key.trim() || null, name, type, models: this.#picker.chosen, language });
  }

  async #change() {
    const { api, strings: { language } } = this.#session;
    const { id, url: before, models } = this.#endpoint;
    const { url, key, name, withoutKey, chosen, listed } = this.#draft;
    const moved = url.trim() === before ? {} : { url: listed?.url ?? url };
    const keyed = withoutKey ? { key: "" } : key.trim() ? { key: key.trim() } : {};
    await api.patch(`/api/endpoints/${id}`, { name, ...moved, ...keyed, language });
    const fresh = this.#picker.chosen.filter(({ model }) => !models.some((each) => each.model === model));
    if (fresh.length > 0) await api.post(`/api/endpoints/${id}/models`, { models: fresh });
    for (const gone of models.filter(({ model }) => !chosen.has(model))) await api.remove(`/api/own-models/${gone.id}`);
  }
}

function field(name, props) {
  return h("input", { class: "st-input", name, autocomplete: "off", ...props });
}

function labelled(text, input, ...more) {
  return h("div", {}, h("label", {}, h("span", {}, text), input), ...more);
}

/** The address with a scheme: where none was typed, plain on this machine and in its network, encrypted elsewhere. */
function completed(typed) {
  const url = typed.trim();
  if (url === "" || /^[a-z][a-z\d+.-]*:\/\//i.test(url)) return url;
  const isNear = /^(localhost|[^/.:]+\.local|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|\[)/i.test(url);
  return `${isNear ? "http" : "https"}://${url}`;
}

/** Scheme, host and port, "" where there are none yet. */
function originOf(url) {
  try {
    return new URL(completed(url)).origin;
  } catch {
    return "";
  }
}

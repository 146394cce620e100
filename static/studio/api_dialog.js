// Where an API is added: its description pasted, chosen as a file or named by its address; then what to take of it.

import { h } from "../chat/dom.js";
import { acceptDrops } from "../chat/drops.js";
import { KeyFields } from "./key_fields.js";
import { OperationPicker } from "./operation_picker.js";
import { Waits } from "./waits.js";
import { attempt, button, fileButton, Panel, panelHead } from "./widgets.js";

const MOST_BYTES = 3_000_000;
const NO_AUTH = { kind: "none", place: "header", name: "", token_url: "", scopes: "" };
/** For an API whose description does not tell it: where tokens are, the person says. */
const OAUTH2 = { ...NO_AUTH, kind: "oauth2" };

export class ApiDialog {
  #session;
  #onstored;

  constructor(session, onstored) {
    this.#session = session;
    this.#onstored = onstored;
  }

  /** Opens it for a new API, or to choose anew of one that the agent has. */
  open(api = null) {
    new OpenDialog(this.#session, api, this.#onstored);
  }
}

class OpenDialog {
  #session;
  #api;
  #onstored;
  #panel;
  /** What was read: `source` is what is sent again with the choice. */
  #found = null;
  #source = null;
  #picker = null;
  #waits = null;
  #key = null;
  #text = h("textarea", { class: "st-input", name: "api-text", rows: 6, spellcheck: "false", wrap: "off" });
  #url = h("input", { class: "st-input", name: "api-url", inputmode: "url", placeholder: "https://api.example.com/openapi.json", autocomplete: "off", spellcheck: "false" });
  #server = h("input", { class: "st-input", name: "api-server", inputmode: "url", autocomplete: "off", spellcheck: "false", list: "api-servers" });
  #auth = h("select", { class: "st-input", name: "api-auth" });
  #keyPlace = h("div", { class: "st-api-key" });
  /** Where a client's secret is changed for tokens, and for what. */
  #tokenUrl = h("input", { class: "st-input", name: "api-token-url", inputmode: "url", autocomplete: "off", spellcheck: "false" });
  #scopes = h("input", { class: "st-input", name: "api-scopes", autocomplete: "off", spellcheck: "false" });
  #problem = h("p", { class: "st-problem", role: "alert" });
  #read = button("", () => this.#look(), { kind: "main" });
  #save = button("", null, { kind: "main" });

  constructor(session, api, onstored) {
    this.#session = session;
    this.#api = api;
    this.#onstored = onstored;
    const { t } = session.strings;
    this.#url.value = api?.source ?? "";
    this.#text.placeholder = t("ui.api_text_example");
    this.#read.lastChild.textContent = t("ui.api_read");
    this.#url.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      this.#look();
    });
    this.#auth.addEventListener("change", () => this.#chooseAuth());
    this.#panel = new Panel("st-api-dialog", (body, close) => this.#draw(body, close));
    this.#panel.openOnce();
    (this.#url.value ? this.#read : this.#text).focus();
  }

  #draw(body, close) {
    const { t } = this.#session.strings;
    body.append(panelHead(t(this.#api ? "ui.api_change" : "ui.api_add"), t("ui.close"), close));
    body.append(this.#found ? this.#choice(close) : this.#entry(close));
  }

  /** The first step: where the description is. */
  #entry(close) {
    const { t } = this.#session.strings;
    const file = fileButton(t("ui.api_file"), ([chosen]) => this.#takeFile(chosen), { accept: ".json,.yaml,.yml,application/json" });
    const part = h("div", { class: "st-fields" },
      this.#api && h("p", { class: "st-hint" }, t("ui.api_again")),
      labelled(t("ui.api_text"), this.#text, h("div", { class: "st-actions" }, file, h("span", { class: "st-hint" }, t("ui.api_kinds")))),
      labelled(t("ui.api_url"), this.#url),
      this.#problem,
      h("div", { class: "st-actions st-end" }, button(t("ui.cancel"), close, { kind: "quiet" }), this.#read),
    );
    acceptDrops(part, (files) => files.length > 0 && this.#takeFile(files[0]));
    return part;
  }

  /** The second step: the server, the key, and the operations. */
  #choice(close) {
    const { t, of } = this.#session.strings;
    const { title, version, servers, left_out: leftOut, webhooks } = this.#found;
    this.#save.type = "submit";
    const left = leftOut.map(({ operation, why, line }) =>
      h("li", {}, h("code", {}, operation), " ", of(why), line > 0 ? ` (${t("ui.api_line", { line })})` : ""));
    return h("form", { class: "st-fields", novalidate: true, onsubmit: (event) => this.#submit(event, close) },
      h("p", {}, h("b", { dir: "auto" }, title), " ", h("small", {}, version)),
      ...(webhooks > 0 ? [h("p", { class: "st-hint" }, t("ui.api_webhooks", { count: webhooks }))] : []),
      this.#picker.element,
      this.#waits.element,
      ...(left.length > 0 ? [h("details", { class: "st-left-out" }, h("summary", {}, t("ui.api_left_out", { count: left.length })), h("ul", {}, ...left))] : []),
      labelled(t("ui.api_server"), this.#server, h("datalist", { id: "api-servers" }, ...servers.map((value) => h("option", { value })))),
      labelled(t("ui.api_auth"), this.#auth, this.#keyPlace),
      this.#problem,
      h("div", { class: "st-actions st-end" }, button(t("ui.api_back"), () => this.#back(), { kind: "quiet" }), this.#save),
    );
  }

  async #takeFile(file) {
    const { t } = this.#session.strings;
    if (file.size > MOST_BYTES) return void (this.#problem.textContent = t("ui.api_file_large"));
    // Not into the field, which takes long to show thousands of lines.
    return this.#look({ text: await file.text() });
  }

  #typed() {
    return this.#text.value.trim() ? { text: this.#text.value } : { url: this.#url.value.trim() };
  }

  async #look(source = this.#typed()) {
    const { api, strings } = this.#session;
    if (source.url === "") return this.#text.focus();
    this.#read.disabled = true;
    this.#source = source;
    const look = async () => this.#show(await api.post("/api/openapi", { ...this.#source, language: strings.language }));
    await attempt(look, this.#problem, strings);
    this.#read.disabled = false;
  }

  #show(found) {
    const { strings } = this.#session;
    this.#found = found;
    const had = new Set(this.#api?.operations.map(({ name }) => name));
    const single = found.operations.length === 1 ? [found.operations[0].name] : [];
    const chosen = new Set(found.operations.map(({ name }) => name).filter((name) => had.has(name) || single.includes(name)));
    this.#picker = new OperationPicker(strings, found.operations, chosen, () => this.#drawSave());
    this.#waits = new Waits(strings, found.operations, this.#picker, found.waits, this.#api?.waits ?? null);
    this.#server.value = this.#api?.server ?? found.servers[0] ?? "";
    const offered = [...found.auths, NO_AUTH, ...(found.auths.some(({ kind }) => kind === "oauth2") ? [] : [OAUTH2])];
    const isOwn = (auth) => this.#api?.auth.kind === auth.kind && auth.kind === "oauth2";
    const auths = offered.map((auth) => (isOwn(auth) ? this.#api.auth : auth));
    this.#auth.replaceChildren(...auths.map((auth) => h("option", { value: JSON.stringify(auth) }, authName(strings, auth))));
    if (this.#api) this.#auth.value = JSON.stringify(this.#api.auth);
    if (this.#auth.selectedIndex < 0) this.#auth.selectedIndex = 0;
    this.#chooseAuth();
    this.#drawSave();
    this.#panel.redraw();
    this.#picker.focus();
  }

  #back() {
    this.#found = null;
    this.#problem.textContent = "";
    this.#panel.redraw();
    this.#text.focus();
  }

  #chooseAuth() {
    const auth = JSON.parse(this.#auth.value);
    this.#tokenUrl.value = auth.token_url ?? "";
    this.#scopes.value = auth.scopes ?? "";
    this.#drawKey();
  }

  /** The way to sign in that is chosen, as it is filled in. */
  get #chosenAuth() {
    const auth = JSON.parse(this.#auth.value);
    return auth.kind === "oauth2" ? { ...auth, token_url: this.#tokenUrl.value.trim(), scopes: this.#scopes.value.trim() } : auth;
  }

  #drawKey() {
    const { strings } = this.#session;
    const auth = JSON.parse(this.#auth.value);
    this.#key = auth.kind === "none" ? null : new KeyFields(strings, auth.kind, "new");
    const isThere = this.#found.has_key || (this.#api?.key === "stored" && this.#server.value === this.#api.server);
    const isClient = auth.kind === "oauth2";
    const hint = strings.t(isThere ? "ui.api_key_there" : isClient ? "ui.api_client_hint" : "ui.api_key_hint");
    const token = isClient ? [labelled(strings.t("ui.api_token_url"), this.#tokenUrl), labelled(strings.t("ui.api_scopes"), this.#scopes)] : [];
    this.#keyPlace.replaceChildren(...token, ...(this.#key ? [...this.#key.inputs, h("p", { class: "st-hint" }, hint)] : []));
  }

  #drawSave() {
    const { t } = this.#session.strings;
    this.#waits.draw();
    this.#save.lastChild.textContent = t("ui.api_save", { count: this.#picker.chosen.length });
    this.#save.disabled = this.#picker.chosen.length === 0;
  }

  async #submit(event, close) {
    event.preventDefault();
    const { api, strings } = this.#session;
    const key = this.#key?.value ?? "";
    const choice = {
      ...this.#source, operations: this.#picker.chosen, server: this.#server.value.trim(), auth: this.#chosenAuth,
      waits: this.#waits.value,
      ...(key ? { key } : {}), language: strings.language,
    };
    const store = async () => {
      await this.#session.ensureAgent();
      const path = `${this.#session.path}/apis`;
      const answer = this.#api ? await api.put(`${path}/${this.#api.id}`, choice) : await api.post(path, choice);
      this.#session.adopt(answer, ["openapi"]);
      close();
      await this.#onstored();
    };
    this.#save.disabled = true;
    await attempt(store, this.#problem, strings);
    this.#drawSave();
  }
}

function authName({ t }, { kind, place, name }) {
  return kind === "api_key" ? t(`ui.api_auth.api_key_${place}`, { name }) : t(`ui.api_auth.${kind}`);
}

function labelled(text, input, ...more) {
  return h("div", {}, h("label", {}, h("span", {}, text), input), ...more);
}

// *Try*: an operation of an API, called by hand. Dry shows what would be sent, live sends it.

import { h } from "../chat/dom.js";
import { hostOf } from "./on_screen.js";
import { SchemaForm, Unreadable } from "./schema_form.js";
import { button, Panel, panelHead } from "./widgets.js";

/** Opens it for an operation of an API, as the server tells of both. */
export function tryOperation(session, api, operation) {
  new TryDialog(session, api, operation);
}

class TryDialog {
  #session;
  #api;
  #operation;
  #panel;
  #form;
  /** The arguments as text, once somebody wants to write them so; null while the form stands. */
  #json = null;
  #place = h("div");
  #outcome = h("div", { class: "st-try-outcome", role: "status" });
  #dry;
  #live;

  constructor(session, api, operation) {
    this.#session = session;
    this.#api = api;
    this.#operation = operation;
    const { t } = session.strings;
    const stored = session.agent.config.openapi[api.id].operations.find(({ name }) => name === operation.name);
    this.#form = new SchemaForm(session.strings, stored?.arguments ?? {});
    this.#dry = button(t("ui.api_try_dry"), () => this.#try(false));
    this.#live = button(t("ui.api_try_live"), () => this.#try(true), { kind: "main" });
    this.#place.replaceChildren(this.#form.element);
    this.#panel = new Panel("st-try-dialog", (body, close) => this.#draw(body, close));
    this.#panel.openOnce();
    (this.#place.querySelector("input, select, textarea") ?? this.#dry).focus();
  }

  #draw(body, close) {
    const { t } = this.#session.strings;
    const { name, title, method, path, effect } = this.#operation;
    const hint = t(effect === "writes" ? "ui.api_try_hint_writes" : "ui.api_try_hint", { host: hostOf(this.#api.server) });
    const asJson = button(t("ui.api_try_json"), () => this.#writeJson(asJson), { kind: "quiet" });
    body.append(
      panelHead(t("ui.api_try_named", { operation: name }), t("ui.close"), close),
      h("div", { class: "st-fields" },
        h("p", {}, title && h("span", { dir: "auto" }, title), " ", h("small", { class: "st-place", dir: "ltr" }, `${method} ${path}`)),
        this.#place,
        h("div", { class: "st-actions" }, asJson),
        h("p", { class: "st-hint" }, hint),
        h("div", { class: "st-actions" }, this.#dry, this.#live),
        this.#outcome,
      ),
    );
  }

  #writeJson(asJson) {
    let value = {};
    try {
      value = this.#form.value;
    } catch {
      // what cannot be read yet is written anew
    }
    this.#json = h("textarea", { class: "st-input st-json", rows: 8, spellcheck: "false", "aria-label": this.#session.strings.t("ui.api_try_arguments") });
    this.#json.value = JSON.stringify(value, null, 2);
    this.#place.replaceChildren(this.#json);
    asJson.remove();
    this.#json.focus();
  }

  #arguments() {
    if (!this.#json) return this.#form.value;
    try {
      return JSON.parse(this.#json.value || "{}");
    } catch {
      this.#json.focus();
      throw new Unreadable(this.#session.strings.t("ui.api_try_arguments"));
    }
  }

  async #try(live) {
    const { api, path, strings } = this.#session;
    const place = `${path}/apis/${this.#api.id}/operations/${this.#operation.name}/try`;
    for (const each of [this.#dry, this.#live]) each.disabled = true;
    try {
      const found = await api.post(place, { arguments: this.#arguments(), live, language: strings.language });
      this.#outcome.replaceChildren(...this.#told(found));
    } catch (failure) {
      const why = failure instanceof Unreadable ? strings.t("ui.api_try_no_json", { field: failure.name }) : strings.sentence(failure);
      this.#outcome.replaceChildren(h("p", { class: "st-problem" }, why));
    } finally {
      for (const each of [this.#dry, this.#live]) each.disabled = false;
      (live ? this.#live : this.#dry).focus();
    }
  }

  #told({ request, status, answer, failed }) {
    const { t } = this.#session.strings;
    if (failed !== null) return [h("p", { class: "st-problem", dir: "auto" }, failed)];
    const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
    const sent = [`${request.method} ${request.url}`, ...headers, ...(request.body ? ["", request.body] : [])].join("\n");
    const head = status === null ? t(answer ? "ui.api_try_made_up" : "ui.api_try_untold") : t("ui.api_try_answer", { status });
    return [
      h("h3", {}, t(status === null ? "ui.api_try_would_send" : "ui.api_try_sent")), shownText(sent, t("ui.api_try_request")),
      h("h3", {}, head), ...(answer ? [shownText(pretty(answer), t("ui.api_try_answer_text"))] : []),
    ];
  }
}

function shownText(text, name) {
  return h("pre", { class: "st-try-text", dir: "ltr", tabindex: "0", "aria-label": name, role: "region" }, text);
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

// *Your endpoints*, in the dialog of models and keys: addresses that a person added, their models, and local ones.

import { h } from "../chat/dom.js";
import { EndpointDialog } from "./endpoint_dialog.js";
import { openModelDialog } from "./own_model_dialog.js";
import { button, icon, iconButton } from "./widgets.js";

const JSON_FACTS = ["context_length", "vision", "reasoning", "function_calling", "stream"];

/** What a person has, and does, with endpoints. `redraw()` draws the dialog anew; `reload()` loads all of it anew. */
export class OwnEndpoints {
  #session;
  #dialog;
  #endpoints = null;
  #removing = "";
  /** What was looked for on this machine: null, "asking", a failure, or the servers that answered. */
  #local = null;
  #row;

  constructor(session, { redraw, reload }) {
    this.#session = session;
    this.redraw = redraw;
    this.reload = reload;
    this.#dialog = new EndpointDialog(session, reload);
  }

  /** Whether none is known, be it that they are not there yet. */
  get isEmpty() {
    return !this.#endpoints?.length;
  }

  async load() {
    this.#endpoints = await this.#session.api.get("/api/endpoints");
  }

  /** Open the dialog of an endpoint, with the cursor in its "url" or its "key". */
  edit(id, field) {
    const endpoint = this.#endpoints?.find((each) => each.id === id);
    if (endpoint) this.#dialog.open(endpoint, field);
  }

  /** The section's elements. `row(model)` draws what a model of the list can do, and *Try it*. */
  draw(row) {
    this.#row = row;
    const { t } = this.#session.strings;
    const { local } = this.#session;
    const add = button(t("ui.endpoint_add"), () => this.#dialog.open(), { shape: "plus" });
    const find = local && button(t("ui.local_find"), () => this.#find(), { shape: "compass" });
    const actions = h("div", { class: "st-actions", "data-row": "endpoints" }, add, find || null);
    return h(
      "section",
      { class: "st-endpoints" },
      h("h3", {}, t("ui.endpoints")),
      ...(this.#endpoints?.length === 0 ? [h("p", { class: "st-hint" }, t(local ? "ui.endpoints_none" : "ui.endpoints_none_hosted"))] : []),
      ...(this.#endpoints ?? []).map((endpoint) => this.#card(endpoint)),
      actions,
      ...this.#found(),
    );
  }

  /** Whether a model of the server's own file is at a place that is listed here: it stands there, and nowhere else. */
  lists(model) {
    const places = [...(this.#endpoints ?? []), ...this.#servers].map(({ url }) => placeOf(url));
    return places.includes(placeOf(model.origin));
  }

  /** The local servers that were found. */
  get #servers() {
    return Array.isArray(this.#local) ? this.#local : [];
  }

  /** The local models of the server's file that are at an address. */
  #fixedAt(url) {
    const { models, default: fallback } = this.#session.models;
    return models.filter((model) => !model.own && model.local && model.key !== fallback && placeOf(model.origin) === placeOf(url));
  }

  #card(endpoint) {
    const { t } = this.#session.strings;
    const { id, name, url, key, models } = endpoint;
    const about = h("div", { class: "st-endpoint-head" },
      h("div", {}, h("b", { dir: "auto" }, name), h("small", {}, h("code", {}, short(url)), ` · ${t(`ui.endpoint_key.${key}`)}`)),
      iconButton("pencil", t("ui.endpoint_edit", { name }), () => this.#dialog.open(endpoint)),
      iconButton("trash", t("ui.endpoint_remove", { name }), () => this.#ask(id)),
    );
    const missing = key === "missing" && h("p", { class: "st-problem" }, t("ui.endpoint_key_missing"), " ",
      button(t("ui.endpoint_key_enter"), () => this.#dialog.open(endpoint, "key"), { kind: "quiet" }));
    const listed = new Map(this.#session.models.models.filter((model) => model.own).map((model) => [model.own.model, model]));
    const rows = models.map((stored) => this.#model(stored, listed.get(stored.id))).filter(Boolean);
    const fixed = this.#fixedAt(url).filter(({ model }) => !models.some((stored) => stored.model === model)).map((model) => this.#row(model));
    const none = models.length === 0 && h("p", { class: "st-hint" }, t("ui.endpoint_no_models"));
    const parts = [about, this.#removing === id && this.#confirmation(endpoint), missing, none, h("ul", { class: "st-rows" }, ...rows, ...fixed)];
    return h("div", { class: "st-endpoint", "data-row": id, "data-endpoint": id }, ...parts.filter(Boolean));
  }

  #model(stored, model) {
    if (!model) return null;
    const { t } = this.#session.strings;
    return this.#row(model, [
      iconButton("pencil", t("ui.own_model_edit", { name: model.name }), () => openModelDialog(this.#session, model, this.reload)),
      iconButton("trash", t("ui.own_model_remove", { name: model.name }), () => this.#removeModel(stored, model)),
    ]);
  }

  #ask(id) {
    this.#removing = id;
    this.redraw();
  }

  #confirmation({ id, models }) {
    const { t } = this.#session.strings;
    const remove = async () => {
      await this.#session.notices.attempt(() => this.#session.api.remove(`/api/endpoints/${id}`));
      this.#removing = "";
      await this.reload();
    };
    return h("div", { class: "st-confirm", role: "alert" }, h("p", {}, t("ui.endpoint_remove_sure", { count: models.length })),
      button(t("ui.remove"), remove, { kind: "danger" }), button(t("ui.keep"), () => this.#ask(""), { kind: "quiet" }));
  }

  /** Takes a model off the list, and offers to put it back as it was. */
  #removeModel(stored, model) {
    const { api, notices, strings: { t } } = this.#session;
    const { own: { endpoint }, facts } = model;
    const undo = () =>
      notices.attempt(async () => {
        const { models } = await api.post(`/api/endpoints/${endpoint}/models`, { models: [{ model: stored.model }] });
        const { id } = models.find((each) => each.model === stored.model);
        const kept = Object.fromEntries(JSON_FACTS.map((fact) => [fact, facts[fact]]));
        await api.patch(`/api/own-models/${id}`, { name: model.name, facts: kept });
        await this.reload();
      });
    return notices.attempt(async () => {
      await api.remove(`/api/own-models/${stored.id}`);
      await this.reload();
      notices.tell(t("ui.own_model_removed", { name: model.name }), { about: stored.key, action: { label: t("ui.undo"), run: undo } });
    });
  }

  async #find() {
    this.#local = "asking";
    this.redraw();
    try {
      this.#local = await this.#session.api.post("/api/local-models");
    } catch (failure) {
      this.#local = failure;
    }
    this.redraw();
  }

  #found() {
    const { t, sentence } = this.#session.strings;
    if (this.#local === null) return [];
    if (this.#local === "asking") return [h("p", { class: "st-hint st-busy", role: "status" }, t("ui.local_asking"))];
    if (!Array.isArray(this.#local)) return [h("p", { class: "st-problem", role: "alert" }, sentence(this.#local))];
    if (this.#local.length === 0) return [h("p", { class: "st-hint", role: "status" }, t("ui.local_none"))];
    return [h("ul", { class: "st-rows st-local", "aria-label": t("ui.local_found") }, ...this.#local.map((server) => this.#server(server)))];
  }

  #server({ url, type, models }) {
    const { t } = this.#session.strings;
    const provider = t(`ui.local_server.${type}`);
    const known = this.#endpoints?.find((endpoint) => placeOf(endpoint.url) === placeOf(url));
    const fixed = this.#session.models.models.filter((model) => !model.own && model.local && placeOf(model.origin) === placeOf(url));
    const have = (model) => known?.models.some((stored) => stored.model === model) || fixed.some((each) => answersAs(each, model));
    const fresh = models.filter(({ model }) => !have(model));
    const names = models.map(({ model }) => model).join(", ") || t("ui.local_no_models");
    const label = t(fresh.length === 1 ? "ui.local_add_one" : "ui.local_add", { count: fresh.length });
    const action = fresh.length > 0
      ? button(label, () => this.#addLocal({ url, type, name: provider, models: fresh }, known), { kind: "main" })
      : models.length > 0 && h("span", { class: "st-done" }, icon("check"), t(known ? "ui.local_added" : "ui.local_there"));
    const about = h("div", {}, h("b", {}, provider), h("small", {}, h("code", {}, short(url)), " ", names));
    const rows = known ? [] : this.#fixedAt(url).map((model) => this.#fixedRow(model, models, provider));
    return h("li", { "data-row": url }, h("div", {}, about, ...(action ? [action] : [])), ...(rows.length > 0 ? [h("ul", { class: "st-rows" }, ...rows)] : []));
  }

  /** A model of the server's file at a local server that has these `models`. */
  #fixedRow(model, models, provider) {
    const row = this.#row(model);
    if (!models.some((each) => answersAs(model, each.model))) {
      const lacks = this.#session.strings.t("ui.local_lacks", { server: provider, model: model.model });
      row.querySelector(".st-model-head > div").append(h("small", { class: "st-problem" }, lacks));
    }
    return row;
  }

  #addLocal(server, known) {
    const { api, notices } = this.#session;
    return notices.attempt(async () => {
      if (known) await api.post(`/api/endpoints/${known.id}/models`, { models: server.models });
      else await api.post("/api/endpoints", server);
      await this.reload();
    });
  }
}

/** Whether a model of the file is what a local server calls `name`. llama.cpp answers with what it was started with. */
function answersAs({ model, provider }, name) {
  return model === name || provider === "llamacpp";
}

/** Host and port of an address; this machine has one name there. */
function placeOf(url) {
  const { protocol, hostname, port } = new URL(url);
  const host = ["localhost", "[::1]"].includes(hostname) ? "127.0.0.1" : hostname;
  return `${host}:${port || (protocol === "https:" ? 443 : 80)}`;
}

/** An address without what is the same for all. */
function short(url) {
  return url.replace(/^https?:\/\//, "").replace(/\/v1$/, "");
}

// An agent from outside: from a file or an address. What becomes of everything in it is seen before any of it is stored.

import { h } from "../chat/dom.js";
import { acceptDrops } from "../chat/drops.js";
import { differenceList } from "./difference_list.js";
import { button, fileButton, icon, Panel, panelHead, section } from "./widgets.js";

const FEW_PLACES = 4;
/** What the server takes of a file: `MAX_PACKED_BYTES` in agentfabric/publish/importer/archive.py. */
const MAX_BYTES = 60_000_000;
const KINDS = ".json,.zip,.yml,.yaml,application/json,application/zip";

/** Opens the dialog. `onstored()` follows once the agent is stored and on screen. */
export function openImport(session, onstored) {
  new Incoming(session, onstored).panel.openOnce();
}

class Incoming {
  #session;
  #onstored;
  /** What was chosen: {file} or {url}. */
  #parcel = null;
  #number = 1;
  /** The id of the agent that it is to change; null for a new one. */
  #target = null;
  /** What the server says that would become of it; null before that. */
  #looked = null;
  #busy = false;
  #problem = "";

  constructor(session, onstored) {
    this.#session = session;
    this.#onstored = onstored;
    this.panel = new Panel("st-incoming", (body, close) => this.#draw(body, close));
  }

  #draw(body, close) {
    const { t } = this.#session.strings;
    body.append(panelHead(t("ui.import_title"), t("ui.close"), close));
    body.append(...(this.#looked ? this.#report(close) : this.#choice()));
  }

  #messages() {
    const state = this.#busy ? this.#session.strings.t("ui.import_looking") : "";
    return [h("p", { class: "st-hint", role: "status" }, state), h("p", { class: "st-problem", role: "alert" }, this.#problem)];
  }

  /** Where it is to come from. */
  #choice() {
    const { t } = this.#session.strings;
    const address = h("input", { class: "st-input", name: "import-address", type: "text", inputmode: "url", placeholder: "https://", autocomplete: "off", dir: "ltr" });
    const follow = (event) => {
      event.preventDefault();
      if (address.value.trim()) this.#look({ url: address.value.trim() });
    };
    const go = button(t("ui.import_look"), null);
    go.type = "submit";
    const label = h("label", {}, h("span", {}, t("ui.import_address")), address);
    const zone = h("div", { class: "st-incoming-file" }, fileButton(t("ui.import_file"), ([file]) => this.#look({ file }), { accept: KINDS }), h("span", { class: "st-hint st-by-mouse" }, t("ui.or_drop_one")));
    acceptDrops(zone, ([file]) => file && this.#look({ file }));
    return [
      h("p", { class: "st-hint" }, t("ui.import_hint")),
      zone,
      h("form", { class: "st-incoming-address", onsubmit: follow }, label, go),
      ...this.#messages(),
    ];
  }

  /** What becomes of everything, and the way to go on. */
  #report(close) {
    const { strings } = this.#session;
    const { t } = strings;
    const { origin, name, description, differences, signed_by: signer } = this.#looked;
    const isSame = this.#target !== null && differences.length === 0;
    const take = button(t(this.#target ? "ui.import_change" : "ui.import_take"), () => this.#take(close), { kind: "main" });
    take.disabled = this.#busy || isSame;
    const head = h("p", { class: "st-incoming-what" }, icon("file"),
      h("span", {}, h("b", { dir: "auto" }, name || t("ui.unnamed")), h("small", {}, t(`ui.import_from.${origin}`)), description ? h("small", { dir: "auto" }, description) : null));
    return [
      head,
      ...(signer ? [h("p", { class: "st-hint" }, t("ui.import_signed", { signer }))] : []),
      ...this.#which(),
      ...this.#where(),
      ...this.#reported("lost"),
      ...this.#reported("changed"),
      ...this.#differences(isSame),
      ...this.#kept(),
      ...this.#messages(),
      h("div", { class: "st-actions st-end" }, button(t("ui.import_back"), () => this.#back(), { kind: "quiet" }), take),
    ];
  }

  /** Which agent of several. */
  #which() {
    const { choices } = this.#looked;
    if (choices.length === 0) return [];
    const { t } = this.#session.strings;
    const select = h("select", { class: "st-input", name: "import-number", "aria-label": t("ui.import_which") }, ...choices.map((choice, at) => h("option", { value: at + 1, selected: at + 1 === this.#number }, choice)));
    select.addEventListener("change", () => {
      this.#number = Number(select.value);
      this.#look(this.#parcel);
    });
    return [h("label", { class: "st-incoming-which" }, h("span", {}, t("ui.import_which")), select)];
  }

  /** As a new agent, or as a change of the one on screen. */
  #where() {
    const { agent, config, isBlank, strings: { t } } = this.#session;
    if (!agent || isBlank) return [];
    const option = (target, label) => {
      const input = h("input", { type: "radio", name: "import-target", checked: this.#target === target });
      input.addEventListener("change", () => {
        this.#target = target;
        this.#look(this.#parcel);
      });
      return h("label", { class: "st-tick" }, input, h("span", { dir: "auto" }, label));
    };
    const name = config.name || t("ui.unnamed");
    return [h("fieldset", { class: "st-incoming-where" }, h("legend", { class: "st-unseen" }, t("ui.import_where")), option(null, t("ui.import_as_new")), option(agent.id, t("ui.import_as_change", { name })))];
  }

  #reported(kind) {
    const { strings: { t } } = this.#session;
    const rows = this.#looked.report.filter((note) => note.kind === kind).map((note) => this.#row(note));
    return section(t(`ui.import_became.${kind}`), kind === "changed" ? [...rows, ...this.#noticed()] : rows);
  }

  /** What was kept, closed until somebody looks: it is the most, and the least news. */
  #kept() {
    const { t, count } = this.#session.strings;
    const rows = this.#looked.report.filter(({ kind }) => kind === "kept").map((note) => this.#row(note));
    if (rows.length === 0) return [];
    const title = h("summary", {}, t("ui.import_kept", { count: count(rows.length) }));
    return [h("details", { class: "st-incoming-kept" }, title, h("ul", { class: "st-rows" }, ...rows))];
  }

  #row({ field, text, about, places }) {
    const { strings, toolTitle } = this.#session;
    if (places.length > FEW_PLACES) return folded(strings.t("ui.import_several", { what: strings.of(about), count: strings.count(places.length) }), places);
    const service = /^(openapi|mcpServers)\.(.+)$/s.exec(field);
    const name = service ? [strings.field(service[1], toolTitle), service[1] === "mcpServers" ? service[2] : ""].filter(Boolean).join(" ") : field && strings.field(field, toolTitle);
    return h("li", { class: "st-stored" }, name ? h("b", { dir: "auto" }, name) : null, h("small", { dir: "auto" }, strings.of(text)));
  }

  /** What is done with keys, paths and leaves on the way in. */
  #noticed() {
    const { strings: { t }, toolTitle } = this.#session;
    const told = {
      secret_moved: ({ field }) => ["key", field, t("ui.key_hidden")],
      path_replaced: ({ name }) => ["file", name, t("ui.imported_files")],
      asks_again: ({ name }) => ["check", toolTitle(name), t("ui.asks_first")],
    };
    return this.#looked.notices.map((notice) => {
      const [shape, name, about] = told[notice.kind](notice);
      return h("li", { class: "st-stored" }, icon(shape), h("code", { dir: "auto" }, name), h("small", {}, about));
    });
  }

  #differences(isSame) {
    const { t } = this.#session.strings;
    if (this.#target === null) return [];
    if (isSame) return [h("p", { class: "st-hint" }, t("ui.import_same"))];
    return [h("h3", {}, t("ui.import_differences")), differenceList(this.#session, this.#looked.differences)];
  }

  #back() {
    this.#looked = null;
    this.#parcel = null;
    this.#number = 1;
    this.#target = null;
    this.#problem = "";
    this.panel.redraw();
  }

  /** Ask what would become of it. */
  async #look(parcel) {
    if (parcel.file?.size > MAX_BYTES) {
      const megabytes = (bytes) => Math.ceil(bytes / 1e6);
      this.#problem = this.#session.strings.t("ui.import_too_large", { size: megabytes(parcel.file.size), limit: megabytes(MAX_BYTES) });
      this.panel.redraw();
      return;
    }
    await this.#doing(async () => {
      await this.#session.edits.flush();
      const looked = await this.#send("/api/imports/look", parcel, {});
      this.#parcel = parcel;
      this.#looked = looked;
    });
  }

  async #take(close) {
    await this.#doing(async () => {
      const { digest, revision } = this.#looked;
      const agent = await this.#send("/api/imports", this.#parcel, { digest, revision });
      close();
      await this.#session.brought(agent);
      this.#session.past.tellRefused(agent.refused);
      this.#onstored();
    });
  }

  #send(path, { file, url }, query) {
    const given = { ...query, agent: this.#target, number: this.#number, language: this.#session.strings.language };
    const known = Object.entries(given).filter(([, value]) => value !== null && value !== undefined);
    return this.#session.api.post(`${path}?${new URLSearchParams(known)}`, file ? formOf(file) : { url });
  }

  /** Do it, with what goes wrong told in the dialog. */
  async #doing(work) {
    if (this.#busy) return;
    this.#busy = true;
    this.#problem = "";
    this.panel.redraw();
    try {
      await work();
    } catch (failure) {
      this.#problem = this.#session.strings.sentence(failure);
    } finally {
      this.#busy = false;
      if (this.panel.element.isConnected) this.panel.redraw();
    }
  }
}

/** Fields of the file: closed until somebody looks, since they are many and little news. */
function folded(title, places) {
  const list = h("ul", {}, ...places.map((place) => h("li", {}, h("code", { dir: "ltr" }, place))));
  return h("li", { class: "st-stored" }, h("details", { class: "st-incoming-places" }, h("summary", {}, title), list));
}

function formOf(file) {
  const form = new FormData();
  form.append("file", file);
  return form;
}

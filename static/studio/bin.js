// The bin: deleted agents, when each is erased, and the way back until then.

import { h } from "../chat/dom.js";
import { button, Panel, panelHead } from "./widgets.js";

/** The dialog with deleted agents; `open` asks for them and shows it. */
export class Bin {
  /** Null while they are asked for. */
  #agents = null;
  /** The agent that the next press erases. */
  #sure = null;
  #session;

  constructor(session) {
    this.#session = session;
    this.panel = new Panel("st-bin", (body, close) => this.#draw(body, close));
    session.on("language", () => this.panel.element.open && this.panel.redraw());
  }

  open() {
    this.#agents = this.#sure = null;
    this.panel.open();
    return this.#load();
  }

  #load() {
    return this.#session.notices.attempt(async () => {
      this.#agents = await this.#session.api.get("/api/bin");
      this.#sure = null;
      this.panel.redraw();
    });
  }

  #draw(body, close) {
    const { t } = this.#session.strings;
    const content = this.#agents === null
      ? h("p", { class: "st-hint", role: "status" }, t("ui.loading"))
      : this.#agents.length === 0 ? h("p", { class: "st-hint" }, t("ui.bin_empty")) : h("ul", { class: "st-rows" }, ...this.#agents.map((agent) => this.#row(agent)));
    body.append(panelHead(t("ui.bin"), t("ui.close"), close), h("p", { class: "st-hint" }, t("ui.bin_hint")), content);
  }

  #row({ id, name, description, erased }) {
    const { t, moment } = this.#session.strings;
    const title = name || t("ui.unnamed");
    const isSure = this.#sure === id;
    const erase = button(t(isSure ? "ui.bin_sure" : "ui.bin_erase"), () => (isSure ? this.#erase(id, title) : this.#ask(id)), {
      kind: isSure ? "danger" : "quiet", name: t(isSure ? "ui.bin_sure_named" : "ui.bin_erase_named", { name: title }),
    });
    const back = button(t("ui.bin_restore"), () => this.#restore(id, title), { name: t("ui.bin_restore_named", { name: title }) });
    const words = h("div", {}, h("b", { dir: "auto" }, title), h("small", { dir: "auto" }, description), h("small", {}, h("time", { datetime: erased }, t("ui.bin_erased", { when: moment(new Date(erased)) }))));
    return h("li", { "data-row": id }, words, h("div", { class: "st-actions" }, back, erase));
  }

  /** What is erased cannot be brought back: only at the second press. */
  #ask(id) {
    this.#sure = id;
    this.panel.redraw();
  }

  #restore(id, name) {
    const { api, notices, strings } = this.#session;
    return notices.attempt(async () => {
      await api.post(`/api/agents/${id}/undelete`);
      await Promise.all([this.#session.loadAgents(), this.#load()]);
      notices.tell(strings.t("ui.bin_restored", { name }), { about: id });
    });
  }

  #erase(id, name) {
    const { api, notices, strings } = this.#session;
    return notices.attempt(async () => {
      await api.remove(`/api/bin/${id}`);
      await this.#load();
      notices.tell(strings.t("ui.bin_gone", { name }), { about: id });
    });
  }
}

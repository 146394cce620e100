// What an agent keeps from one conversation to the next: shown to its owner, who takes things out.

import { h } from "../chat/dom.js";
import { button, icon, iconButton, keepingTyped } from "./widgets.js";

/** A part that unfolds. What there is is asked for when somebody looks, and again after each answer. */
export class Kept {
  #session;
  #body = h("div", { "aria-live": "polite" });
  #words = h("span");
  /** Null while it is asked for. */
  #values = null;
  /** Whether the next press takes all of it out. */
  #isSure = false;

  constructor(session) {
    this.#session = session;
    this.element = h("details", { class: "st-kept" }, h("summary", {}, this.#words, icon("down")), this.#body);
    this.element.addEventListener("toggle", () => this.element.open && this.#load());
    session.on("agent", () => {
      this.element.open = false;
      this.#values = null;
    });
    session.on("said", () => this.element.open && this.#load());
    session.on("language", () => this.#draw());
    this.#draw();
  }

  async #load() {
    const { agent, api, path, notices } = this.#session;
    const values = agent ? await notices.attempt(() => api.get(`${path}/storage`)) : [];
    if (this.#session.agent?.id !== agent?.id || !values) return;
    this.#values = values;
    this.#isSure = false;
    this.#draw();
  }

  #draw() {
    const { t } = this.#session.strings;
    this.#words.textContent = t("ui.kept");
    keepingTyped(this.#body, () => this.#body.replaceChildren(...this.#content()));
  }

  #content() {
    const { t } = this.#session.strings;
    if (this.#values === null) return [h("p", { class: "st-hint" }, t("ui.loading"))];
    if (this.#values.length === 0) return [h("p", { class: "st-hint" }, t("ui.kept_nothing"))];
    const count = this.#values.length;
    const clear = button(t(this.#isSure ? "ui.kept_sure" : "ui.kept_clear", { count }), () => this.#clear(), { kind: "quiet" });
    return [h("ul", {}, ...this.#values.map((value) => this.#row(value))), clear];
  }

  #row({ key, value, updated }) {
    const { t, moment } = this.#session.strings;
    const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
    const remove = () => this.#take(`/${key.split("/").map(encodeURIComponent).join("/")}`);
    return h(
      "li",
      { "data-row": key },
      h("b", { dir: "auto" }, key),
      h("time", { datetime: updated }, moment(new Date(updated))),
      iconButton("trash", t("ui.kept_remove", { key }), remove),
      h("pre", { dir: "auto", tabindex: text.length > 200 ? "0" : null }, text),
    );
  }

  /** What is taken out cannot be brought back: all of it only at the second press. */
  #clear() {
    if (this.#isSure) return this.#take("");
    this.#isSure = true;
    return this.#draw();
  }

  async #take(place) {
    const { api, path, notices } = this.#session;
    await notices.attempt(() => api.remove(`${path}/storage${place}`));
    await this.#load();
  }
}

// The history of an agent: every version, what changed in it and when, and the way back.

import { ChangesView } from "../chat/changes.js";
import { h } from "../chat/dom.js";
import { changeLines } from "./change_lines.js";
import { who } from "./provenance.js";
import { button, iconButton, Panel, panelHead } from "./widgets.js";

/** A button that opens the history of the agent on screen. */
export function fillHistory(slot, session) {
  const { strings } = session;
  const history = new History(session);
  document.body.append(history.panel.element);
  const draw = () => {
    slot.hidden = !session.agent;
    slot.replaceChildren(iconButton("clock", strings.t("ui.history"), () => history.open()));
  };
  for (const topic of ["agent", "language"]) session.on(topic, draw);
  session.on("config", () => (slot.hidden = !session.agent));
  draw();
}

class History {
  #session;
  /** The versions, the newest first; null while they are asked for; a `Failure` where they could not be. */
  #versions = null;
  /** What a version changed, by its number, once somebody looked. */
  #whole = new Map();
  #open = new Set();

  constructor(session) {
    this.#session = session;
    this.panel = new Panel("st-history", (body, close) => this.#draw(body, close));
    session.on("language", () => this.#isShown && this.panel.redraw());
    session.on("past", () => this.#isShown && this.#load());
    session.on("agent", () => this.panel.close());
  }

  open() {
    this.#versions = null;
    this.#whole.clear();
    this.#open.clear();
    this.panel.open();
    this.#load();
  }

  get #isShown() {
    return this.panel.element.open;
  }

  async #load() {
    const { agent, api, path, edits } = this.#session;
    try {
      await edits.flush();
      const versions = await api.get(`${path}/versions`);
      if (this.#session.agent?.id !== agent.id) return;
      this.#versions = versions;
      this.#whole.delete(versions[0]?.number);
      for (const number of this.#open) if (!this.#whole.has(number)) await this.#look(number);
    } catch (failure) {
      this.#versions = failure;
    }
    this.panel.redraw();
  }

  /** Ask what a version changed. Throws `Failure`. */
  async #look(number) {
    this.#whole.set(number, await this.#session.api.get(`${this.#session.path}/versions/${number}`));
  }

  #draw(body, close) {
    const { t, sentence } = this.#session.strings;
    body.append(panelHead(t("ui.history"), t("ui.close"), close), h("p", { class: "st-hint" }, t("ui.history_hint")));
    if (this.#versions === null) body.append(h("p", { class: "st-hint", role: "status" }, t("ui.loading")));
    else if (!Array.isArray(this.#versions)) {
      body.append(h("p", { class: "st-problem", role: "alert" }, sentence(this.#versions)), button(t("ui.retry"), () => this.#load()));
    } else body.append(h("ol", { class: "st-versions" }, ...this.#versions.map((version, at) => this.#row(version, at === 0))));
  }

  #row(version, isNow) {
    const { strings, toolTitle, past } = this.#session;
    const { t, moment } = strings;
    const { number, author, said, updated } = version;
    const isOpen = this.#open.has(number);
    const time = new Date(updated);
    const head = h(
      "button",
      { type: "button", class: "st-version-head", "aria-expanded": String(isOpen), onclick: () => this.#turn(number) },
      h("time", { datetime: updated, title: time.toLocaleString() }, moment(time)),
      h("span", { class: "st-version-what" }, ...changeLines(strings, version, toolTitle), h("small", { dir: "auto" }, said ? t("ui.said", { said }) : who(strings, { author }))),
      isNow ? h("small", {}, t("ui.version_now")) : null,
    );
    const restore = isNow ? null : button(t("ui.restore"), () => past.restore(number), { kind: "plain" });
    restore?.setAttribute("aria-label", t("ui.restore_version", { number, time: moment(time) }));
    const details = isOpen && h("div", { class: "st-version-details" }, ...this.#details(number), restore);
    return h("li", { class: "st-version", "data-row": number }, head, details || null);
  }

  #details(number) {
    const { strings, toolTitle } = this.#session;
    const whole = this.#whole.get(number);
    if (!whole) return [h("p", { class: "st-hint", role: "status" }, strings.t("ui.loading"))];
    const list = (title, changes) => {
      if (changes.length === 0) return [];
      const view = new ChangesView(strings.chat, toolTitle);
      view.add({ changes });
      return [h("h3", {}, strings.t(title)), h("div", { class: "af-chat st-changes" }, view.element)];
    };
    return [...list("ui.version_changes", whole.changes), ...list("ui.version_since", whole.since)];
  }

  async #turn(number) {
    if (this.#open.delete(number)) {
      this.panel.redraw();
      return;
    }
    this.#open.add(number);
    this.panel.redraw();
    await this.#session.notices.attempt(() => this.#look(number));
    this.panel.redraw();
  }
}

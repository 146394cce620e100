// The history of an agent: every version, what changed in it and when, and the way back.

import { h } from "../chat/dom.js";
import { changeLines } from "./change_lines.js";
import { differenceList } from "./difference_list.js";
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
  /** What differs, by the places between which it was asked for: "version:1 draft". */
  #differences = new Map();
  #open = new Set();
  /** With what a version is compared, by its number, where somebody chose. */
  #beside = new Map();

  constructor(session) {
    this.#session = session;
    this.panel = new Panel("st-history", (body, close) => this.#draw(body, close));
    session.on("language", () => this.#isShown && this.panel.redraw());
    session.on("past", () => this.#isShown && this.#load());
    session.on("agent", () => this.panel.close());
  }

  open() {
    this.#versions = null;
    this.#differences.clear();
    this.#open.clear();
    this.#beside.clear();
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
      this.#differences.clear();
      for (const number of this.#open) await this.#look(number);
    } catch (failure) {
      this.#versions = failure;
    }
    this.panel.redraw();
  }

  /** Ask what a version changed, and what differs from it. Throws `Failure`. */
  async #look(number) {
    for (const places of this.#placesOf(number)) {
      const [from, to] = places.split(" ");
      if (!this.#differences.has(places)) this.#differences.set(places, await this.#session.api.get(`${this.#session.path}/differences?from=${from}&to=${to}`));
    }
  }

  /** What it changed, and what is different in the draft or in the version that it is compared with. */
  #placesOf(number) {
    const before = number > 1 ? `version:${number - 1}` : "nothing";
    return [`${before} version:${number}`, `version:${number} ${this.#beside.get(number) ?? "draft"}`];
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
    const { number, author, said, updated, release } = version;
    const isOpen = this.#open.has(number);
    const time = new Date(updated);
    const head = h(
      "button",
      { type: "button", class: "st-version-head", "aria-expanded": String(isOpen), onclick: () => this.#turn(number) },
      h("time", { datetime: updated, title: time.toLocaleString() }, moment(time)),
      h("span", { class: "st-version-what" }, ...changeLines(strings, version, toolTitle), h("small", { dir: "auto" }, said ? t("ui.said", { said }) : who(strings, { author }))),
      isNow || release ? h("span", { class: "st-version-tags" }, release ? h("span", { class: "st-live" }, t("ui.version_is_release", { release })) : null, isNow ? h("small", {}, t("ui.version_now")) : null) : null,
    );
    const restore = isNow ? null : button(t("ui.restore"), () => past.restore(number), { kind: "plain" });
    restore?.setAttribute("aria-label", t("ui.restore_version", { number, time: moment(time) }));
    const details = isOpen && h("div", { class: "st-version-details" }, ...this.#details(number), restore);
    return h("li", { class: "st-version", "data-row": number }, head, details || null);
  }

  #details(number) {
    const { strings } = this.#session;
    const [changes, since] = this.#placesOf(number).map((places) => this.#differences.get(places));
    if (!changes || !since) return [h("p", { class: "st-hint", role: "status" }, strings.t("ui.loading"))];
    const beside = this.#beside.get(number) ?? "draft";
    const list = (title, differences, actionOf) => [h("h3", {}, strings.t(title)), differenceList(this.#session, differences, actionOf)];
    return [
      ...(changes.length > 0 ? list("ui.version_changes", changes) : []),
      this.#choice(number, beside),
      ...(since.length > 0
        ? list(beside === "draft" ? "ui.version_since" : "ui.version_beside", since, ({ field }) => beside === "draft" && this.#restorer(number, field))
        : [h("p", { class: "st-hint" }, strings.t("ui.version_same"))]),
    ];
  }

  /** With what the version is compared. */
  #choice(number, beside) {
    const { t, moment } = this.#session.strings;
    const others = this.#versions.filter((version) => version.number !== number);
    const title = (version) => t(version.release ? "ui.version_released" : "ui.version_named", { ...version, time: moment(new Date(version.updated)) });
    const options = [["draft", t("ui.version_draft")], ...others.map((version) => [`version:${version.number}`, title(version)])];
    const select = h("select", { class: "st-input" }, ...options.map(([value, text]) => h("option", { value, selected: value === beside }, text)));
    select.addEventListener("change", async () => {
      this.#beside.set(number, select.value);
      await this.#session.notices.attempt(() => this.#look(number));
      this.panel.redraw();
    });
    return h("label", { class: "st-version-beside" }, h("span", {}, t("ui.version_compare")), select);
  }

  /** Puts one field back, and leaves all others. */
  #restorer(number, field) {
    const { strings, toolTitle, past } = this.#session;
    const name = strings.t("ui.restore_field_named", { field: strings.field(field, toolTitle), number });
    return button(strings.t("ui.restore_field"), () => past.restore(number, [field]), { kind: "quiet", name });
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

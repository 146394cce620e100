// The draft beside the builder's chat: what the agent is so far, filling in while the builder writes.

import { h, perFrame } from "../chat/dom.js";
import { written } from "../chat/changes.js";
import { provenance } from "./provenance.js";
import { button, keepingTyped } from "./widgets.js";

const GLOW_MS = 2_400;
/** Fields that are set in the form, and are not part of the draft. */
const ELSEWHERE = ["language", "model", "generation", "knowledge", "retrieval", "memory"];

export function fillDraft(slot, session) {
  const view = new DraftView(slot, session);
  const draw = perFrame(() => view.draw());
  session.on("config", ({ fields }) => {
    view.glow(fields ?? []);
    draw();
  });
  for (const topic of ["agent", "drafting", "past", "tools", "language"]) session.on(topic, draw);
  view.draw();
}

class DraftView {
  #slot;
  #session;
  #glowing = new Map();
  #expanded = false;
  /** On a narrow page only the name is seen until somebody opens the rest. */
  #open = false;
  #drawn = {};

  constructor(slot, session) {
    this.#slot = slot;
    this.#session = session;
  }

  /** Let fields glow: they were set just now. */
  glow(fields) {
    for (const field of fields) {
      clearTimeout(this.#glowing.get(field));
      this.#glowing.set(field, setTimeout(() => this.#fade(field), GLOW_MS));
    }
  }

  draw() {
    const { t } = this.#session.strings;
    const { agent, avatarUrl, drafted: config, enabledTools, isBlank, toolTitle } = this.#session;
    const isEmpty = isBlank && !agent?.locks?.length;
    const tools = enabledTools.map(toolTitle);
    this.#slot.setAttribute("aria-label", t("ui.draft"));
    this.#slot.setAttribute("role", "region");
    this.#slot.classList.toggle("st-draft-empty", isEmpty);
    this.#part("title", [t("ui.draft")], () => h("h2", {}, t("ui.draft")));
    this.#part("hint", [isEmpty && t("ui.draft_empty")], (text) => h("p", { class: "st-hint" }, text));
    this.#part("avatar", [!isEmpty && avatarUrl], (url) => this.#picture(url));
    this.#part("toggle", [true, this.#open], () => button(t(this.#open ? "ui.less" : "ui.more"), () => this.#turn(), { kind: "quiet" }));
    this.#text("name", config.name, "ui.cfg_name");
    this.#text("description", config.description, "ui.cfg_description");
    this.#instruction(config.instruction);
    this.#list("tools", tools, "ui.cfg_tools", "st-chips");
    this.#text("prologue", config.prologue, "ui.cfg_prologue");
    this.#list("prompt_recommend", config.prompt_recommend, "ui.cfg_suggestions", "st-lines");
    for (const field of ELSEWHERE) this.#locked(field, config[field]);
  }

  #turn() {
    this.#open = !this.#open;
    this.#slot.classList.toggle("st-draft-open", this.#open);
    this.draw();
  }

  #picture(url) {
    const picture = h("img", { src: url, alt: "", width: 56, height: 56 });
    return this.#session.past.isLocked("avatar") ? h("div", {}, picture, provenance(this.#session, "avatar")) : picture;
  }

  /** A field that the draft shows while it is locked, so that it can be unlocked here. */
  #locked(field, value) {
    const { past, strings } = this.#session;
    this.#part(field, [past.isLocked(field), value], () => {
      const text = typeof value === "string" && value ? h("p", { dir: "auto" }, written(strings.chat, field, value)) : null;
      return h("div", {}, h("h3", {}, strings.field(field)), text, provenance(this.#session, field));
    });
  }

  #text(field, text, label) {
    this.#part(field, [text, label], () => this.#labelled(field, label, text ? h("p", { dir: "auto" }, text) : this.#nothing()));
  }

  /** What stands in place of the value of a field that is empty and locked. */
  #nothing() {
    return h("p", { class: "st-hint" }, this.#session.strings.t("ui.empty_value"));
  }

  #instruction(text) {
    const { t } = this.#session.strings;
    this.#part("instruction", [text, this.#expanded], () => {
      const long = text.length > 240 || text.split("\n").length > 6;
      const body = !text ? this.#nothing() : h("p", { dir: "auto", class: long && !this.#expanded ? "st-clamped" : "st-whole" }, text);
      const turn = () => {
        this.#expanded = !this.#expanded;
        this.draw();
      };
      const more = long && button(t(this.#expanded ? "ui.less" : "ui.more"), turn, { kind: "quiet" });
      return this.#labelled("instruction", "ui.cfg_instruction", body, more || null);
    });
  }

  #list(field, items, label, className) {
    const entries = items.filter((item) => typeof item === "string" && item !== "");
    this.#part(field, [entries.join("\n")], () => {
      const list = entries.length === 0 ? this.#nothing() : h("ul", { class: className }, ...entries.map((item) => h("li", { dir: "auto" }, item)));
      return this.#labelled(field, label, list);
    });
  }

  #labelled(field, label, ...content) {
    return h("div", {}, h("h3", {}, this.#session.strings.t(label)), ...content, provenance(this.#session, field));
  }

  /**
   * One part of the panel; drawn anew only when what it shows is another. Where the first of `values` is empty there is
   * nothing to show, but for a field that is locked.
   */
  #part(name, values, make) {
    const { past, strings } = this.#session;
    const known = [past.mark(name), past.proposals(name), past.isLocked(name), Boolean(this.#session.agent)];
    const state = JSON.stringify([values, strings.language, known]);
    let part = this.#slot.querySelector(`:scope > [data-field="${name}"]`);
    if (!part) this.#slot.append((part = h("section", { "data-field": name })));
    if (this.#drawn[name] !== state) {
      part.hidden = !values[0] && !past.isLocked(name);
      keepingTyped(part, () => part.replaceChildren(...(part.hidden ? [] : [make(values[0])])));
      this.#drawn[name] = state;
    }
    const written = Object.keys(this.#session.partial ?? {});
    part.classList.toggle("st-glow", this.#glowing.has(name) || written.includes(name));
    part.classList.toggle("st-writing", written.at(-1) === name);
  }

  #fade(field) {
    this.#glowing.delete(field);
    this.#slot.querySelector(`:scope > [data-field="${field}"]`)?.classList.remove("st-glow");
  }
}

/** What a builder turn stored: the list that ends its message, taken from the store and from nobody's claims. */

import { h, icon } from "./dom.js";
import { fieldLabel, reasonText } from "./refusal.js";

/** Languages go by their own names, whatever the page speaks. */
const LANGUAGES = { zh: "中文", en: "English" };
const LONGEST_BRIEF_CHARS = 160;
/** So far into a line, a change is out of sight: the line is shown from a little before it. */
const IN_SIGHT_CHARS = 40;
const LEAD_CHARS = 20;

export class ChangesView {
  #strings;
  #titleOf;
  #changes = new Map();
  #refused = new Map();

  /** `titleOf(id)` is what a person calls a tool. */
  constructor(strings, titleOf) {
    this.#strings = strings;
    this.#titleOf = titleOf;
    this.element = h("div", { class: "af-changes" });
  }

  /** One more write of the same turn: a field changed twice is shown from its first value to its last. */
  add({ changes = [], refused = [] }) {
    for (const change of changes) {
      const before = this.#changes.has(change.field) ? this.#changes.get(change.field).before : change.before;
      this.#changes.set(change.field, { ...change, before });
      this.#refused.delete(change.field);
    }
    for (const refusal of refused) this.#refused.set(refusal.field, refusal);
    this.#render();
  }

  #render() {
    const heading = this.#strings.say(
      h("p", { class: "af-changes-title" }),
      this.#changes.size ? "chat.changed" : "chat.nothing_changed",
    );
    if (this.#changes.size) heading.dataset.changed = "";
    const changes = [...this.#changes.values()].map((change) => this.#change(change));
    const refusals = [...this.#refused.values()].map((refusal) => this.#refusal(refusal));
    this.element.replaceChildren(heading, ...changes, ...refusals);
  }

  #change({ field, before, after, author }) {
    const proposed = author === "builder" ? this.#strings.say(h("span", { class: "af-tag" }), "chat.proposed") : null;
    const line = h("summary", {}, this.#name(field), this.#brief(field, before, after), proposed, icon("chevron"));
    const values = h("dl", {}, ...this.#value("chat.before", field, before), ...this.#value("chat.after", field, after));
    return h("details", { class: "af-change", "data-field": field }, line, values);
  }

  #refusal({ field, why }) {
    const said = this.#strings.say(h("span", { class: "af-tag af-refused" }), "chat.refused");
    const reason = h("span", { class: "af-brief", dir: "auto" });
    this.#strings.bind(reason, () => (reason.textContent = reasonText(this.#strings, why)));
    return h(
      "div",
      { class: "af-change", "data-refused": field },
      h("div", { class: "af-change-line" }, this.#name(field), reason, said),
    );
  }

  #name(field) {
    const name = h("span", { class: "af-field-name" });
    return this.#strings.bind(name, () => (name.textContent = fieldLabel(this.#strings, field, this.#titleOf)));
  }

  #brief(field, before, after) {
    const brief = h("span", { class: "af-brief", dir: "auto" });
    return this.#strings.bind(brief, () => {
      const [was, is] = [before, after].map((value) => written(this.#strings, field, value));
      const taken = takenLines(was, is);
      brief.replaceChildren(taken ? h("del", {}, inOneLine(taken)) : inOneLine(changedPart(was, is)));
    });
  }

  #value(key, field, value) {
    const text = h("dd", { dir: "auto" });
    this.#strings.bind(text, () => (text.textContent = written(this.#strings, field, value)));
    return [this.#strings.say(h("dt"), key), text];
  }
}

const inOneLine = (text) => text.replace(/\s+/g, " ").trim().slice(0, LONGEST_BRIEF_CHARS);

/** The lines that were taken away, where nothing else was done: what is left would not tell what is gone. Else "". */
function takenLines(was, is) {
  const kept = is.split("\n");
  let met = 0;
  const taken = was.split("\n").filter((line) => {
    const isKept = line === kept[met];
    if (isKept) met += 1;
    return !isKept;
  });
  return met === kept.length ? taken.join("\n").trim() : "";
}

/** A text from the line on in which it first differs from what it was. */
function changedPart(was, is) {
  let at = 0;
  while (at < is.length && is[at] === was[at]) at += 1;
  if (at === is.length) at = is.trimEnd().length; // something was taken off: its last line is next to it
  else if (!is.slice(0, at).trim()) at = 0;
  else at += is.slice(at).search(/\S|$/);
  let begin = is.lastIndexOf("\n", at - 1) + 1;
  if (at - begin > IN_SIGHT_CHARS) {
    const word = is.indexOf(" ", at - LEAD_CHARS) + 1;
    begin = word > 0 && word <= at ? word : at - LEAD_CHARS;
    if (/[\udc00-\udfff]/.test(is[begin])) begin += 1; // not from the middle of an emoji
  }
  return begin ? `… ${is.slice(begin)}` : is;
}

/** A field's value as a person would write it. */
function written(strings, field, value) {
  if (field === "language" && Object.hasOwn(LANGUAGES, value)) return LANGUAGES[value];
  if (field === "avatar") return strings.text(value ? "chat.picture.own" : "chat.picture.monogram");
  if (value === true || value === false) return strings.text(value ? "chat.on" : "chat.off");
  if (value === null || value === undefined || value === "" || value?.length === 0) return strings.text("chat.empty_value");
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value.join("\n");
  return typeof value === "object" ? JSON.stringify(value, null, 2) : String(value);
}

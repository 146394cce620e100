/** What a builder turn stored: the list that ends its message, taken from the store and from nobody's claims. */

import { h, icon } from "./dom.js";
import { fieldLabel, reasonText } from "./refusal.js";

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
    const line = h("summary", {}, this.#name(field), this.#brief(after), proposed, icon("chevron"));
    const values = h("dl", {}, ...this.#value("chat.before", before), ...this.#value("chat.after", after));
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

  #brief(value) {
    const brief = h("span", { class: "af-brief", dir: "auto" });
    return this.#strings.bind(brief, () => {
      brief.textContent = written(this.#strings, value).replace(/\s+/g, " ").slice(0, 160);
    });
  }

  #value(key, value) {
    const text = h("dd", { dir: "auto" });
    this.#strings.bind(text, () => (text.textContent = written(this.#strings, value)));
    return [this.#strings.say(h("dt"), key), text];
  }
}

/** A field's value as a person would write it. */
function written(strings, value) {
  if (value === true || value === false) return strings.text(value ? "chat.on" : "chat.off");
  if (value === null || value === undefined || value === "" || value?.length === 0) return strings.text("chat.empty_value");
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value.join("\n");
  return typeof value === "object" ? JSON.stringify(value, null, 2) : String(value);
}

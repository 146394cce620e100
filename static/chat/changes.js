/** What a builder turn stored: the list that ends its message, taken from the store and from nobody's claims. */

import { h, icon } from "./dom.js";
import { askingOf, fieldLabel, reasonText } from "./refusal.js";

/** Languages go by their own names, whatever the page speaks. */
const LANGUAGES = { zh: "中文", en: "English" };
const LONGEST_BRIEF_CHARS = 160;
/** So far into a line, a change is out of sight: the line is shown from a little before it. */
const IN_SIGHT_CHARS = 40;
const LEAD_CHARS = 20;

/**
 * @typedef {object} Actions
 * @property {(change: object) => "open" | "held" | "undone" | "unknown"} stateOf what became of a change; "open" is a
 *   proposal that waits
 * @property {(ids: string[]) => void} accept
 * @property {(ids: string[]) => void} undo
 */

export class ChangesView {
  #strings;
  #titleOf;
  #actions;
  #changes = new Map();
  #refused = new Map();

  /** `titleOf(id)` is what a person calls a tool; `actions` (`Actions`) is there where something can be done. */
  constructor(strings, titleOf, actions = null) {
    this.#strings = strings;
    this.#titleOf = titleOf;
    this.#actions = actions;
    this.element = h("div", { class: "af-changes" });
  }

  /** One more write of the same turn: a field changed twice is shown from its first value to its last. */
  add({ changes = [], refused = [] }) {
    for (const change of changes) {
      const earlier = this.#changes.get(change.field);
      const ids = [...(earlier?.ids ?? []), ...(change.id ? [change.id] : [])];
      this.#changes.set(change.field, { ...change, ids, before: earlier ? earlier.before : change.before });
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
    const all = this.#actions && this.#changes.size > 1 ? this.#undoAll() : null;
    this.element.replaceChildren(heading, ...changes, ...refusals, ...(all ? [all] : []));
  }

  #change(change) {
    const { field, before, after, author } = change;
    const proposed = author === "builder" ? this.#strings.say(h("span", { class: "af-tag" }), "chat.proposed") : null;
    const line = h("summary", {}, this.#name(field), this.#brief(field, before, after), proposed, icon("chevron"));
    const values = h("dl", {}, ...this.#value("chat.before", field, before), ...this.#value("chat.after", field, after));
    const details = h("details", { class: "af-change", "data-field": field }, line, values);
    return this.#actions && change.ids.length > 0 ? h("div", { class: "af-change-row" }, details, this.#offer(change, details)) : details;
  }

  /** What can be done about a change, as it stands now. */
  #offer(change, details) {
    const { accept, undo, stateOf } = this.#actions;
    return this.#strings.bind(h("div", { class: "af-change-actions" }), (offer) => {
      const state = stateOf(change);
      details.toggleAttribute("data-undone", state === "undone");
      const does = {
        open: () => [
          isService(change.field)
            ? this.#button("chat.allow_service", () => accept(change.ids), ["chat.allow_service_named", change])
            : this.#button("chat.keep", () => accept(change.ids), ["chat.keep_field", change]),
          this.#button("chat.discard", () => undo(change.ids), ["chat.discard_field", change]),
        ],
        held: () => [this.#button("chat.undo", () => undo(change.ids), ["chat.undo_field", change])],
        undone: () => [this.#strings.say(h("span", { class: "af-change-fate" }), "chat.undone")],
        unknown: () => [],
      };
      offer.replaceChildren(...does[state]());
    });
  }

  #undoAll() {
    const all = [...this.#changes.values()];
    return this.#strings.bind(h("div", { class: "af-change-all" }), (foot) => {
      const held = all.filter((change) => ["open", "held"].includes(this.#actions.stateOf(change)));
      const ids = held.flatMap((change) => change.ids);
      const proposed = held.filter((change) => this.#actions.stateOf(change) === "open" && !isService(change.field));
      const open = proposed.flatMap((change) => change.ids);
      const keep = open.length > 1 ? [this.#button("chat.keep_all", () => this.#actions.accept(open))] : [];
      foot.replaceChildren(...keep, ...(held.length > 1 ? [this.#button("chat.undo_all", () => this.#actions.undo(ids))] : []));
    });
  }

  /** A small button that says what it does; `named` [key, change] says to a screen reader also of which field. */
  #button(key, onclick, named = null) {
    const button = h("button", { type: "button", class: "af-change-button", onclick }, this.#strings.text(key));
    const [longer, change] = named ?? [];
    const field = change && fieldLabel(this.#strings, change.field, this.#titleOf);
    if (field) button.setAttribute("aria-label", this.#strings.text(longer, { field }));
    return button;
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

/** Whether the field says if a tool, or an operation of an API, asks before each call. */
export const isPolicy = (field) => askingOf(field) !== undefined;

/** Whether the field is a service outside, which is used once it has been allowed. */
const isService = (field) => /^(?:openapi\.[^.]+|mcpServers\..+)$/s.test(field);

/** A field's value as a person would write it. */
export function written(strings, field, value) {
  if (field === "language" && Object.hasOwn(LANGUAGES, value)) return LANGUAGES[value];
  if (isPolicy(field)) return strings.text(`chat.policy.${value ?? "default"}`);
  if (field === "avatar") return strings.text(value ? "chat.picture.own" : "chat.picture.monogram");
  if (isService(field) && value) return serviceWritten(field, value);
  if (value === true || value === false) return strings.text(value ? "chat.on" : "chat.off");
  if (value === null || value === undefined || value === "" || value?.length === 0) return strings.text("chat.empty_value");
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value.join("\n");
  return typeof value === "object" ? JSON.stringify(value, null, 2) : String(value);
}

/** An API by its title, or an MCP server by its name, with what was chosen of it. */
function serviceWritten(field, { title, server, operations, tools }) {
  const name = operations ? title || server : field.slice(field.indexOf(".") + 1);
  return `${name}: ${(operations ?? tools ?? []).map((each) => each.name).join(", ")}`;
}

/** Who one is talking with: the agent's card, its prologue, and its suggestions. */

import { h, suggestionButton } from "./dom.js";
import { MarkdownView } from "./markdown.js";

export class CardView {
  #strings;
  #onSuggestion;
  #avatar = h("img", { class: "af-avatar", alt: "" });
  #name = h("p", { class: "af-name", dir: "auto" });
  #description = h("p", { class: "af-description", dir: "auto" });
  #note = h("div", { class: "af-card-note", dir: "auto" });
  #prologueText = null;
  #shown = null;

  /** `onSuggestion(text)` is called when a suggestion is taken. */
  constructor(strings, { prefix, onSuggestion }) {
    this.#strings = strings;
    this.#onSuggestion = onSuggestion;
    const card = { class: "af-card", id: `${prefix}_card`, hidden: true };
    this.element = h("section", card, this.#avatar, this.#name, this.#description, this.#note);
    this.prologue = h("div", { class: "af-turn af-prologue", hidden: true });
    this.suggestions = strings.label(
      h("div", { class: "af-suggestions", id: `${prefix}_suggestions`, role: "group", hidden: true }),
      "chat.suggestions",
    );
  }

  /** @param {import("./chat.js").Card | null} card */
  show(card) {
    const { name = "", description = "", avatar = "", prologue = "", suggestions = [], note = null } = card ?? {};
    this.#name.textContent = name;
    this.#description.textContent = description;
    this.#note.replaceChildren(note ?? "");
    this.#note.hidden = !note;
    this.#avatar.hidden = !avatar;
    if (avatar && avatar !== this.#shown?.avatar) this.#avatar.src = avatar;
    if (prologue !== (this.#shown?.prologue ?? "")) this.#setPrologue(prologue);
    if (JSON.stringify(suggestions) !== JSON.stringify(this.#shown?.suggestions ?? [])) this.#setSuggestions(suggestions);
    this.element.hidden = !name && !description && !avatar && !note;
    this.#shown = { avatar, prologue, suggestions };
  }

  #setPrologue(text) {
    this.prologue.hidden = text.trim() === "";
    if (!this.#prologueText) {
      this.#prologueText = new MarkdownView(this.#strings);
      const face = h("span", { class: "af-face", "aria-hidden": "true" });
      const body = h("div", { class: "af-body" }, this.#prologueText.element);
      this.prologue.append(h("div", { class: "af-answer" }, face, body));
    }
    this.#prologueText.replace(text);
  }

  #setSuggestions(suggestions) {
    const texts = suggestions.filter((text) => text.trim() !== "");
    const chips = texts.map((text) => suggestionButton(text, () => this.#onSuggestion(text)));
    this.suggestions.replaceChildren(...chips);
    this.suggestions.hidden = !chips.length;
  }
}

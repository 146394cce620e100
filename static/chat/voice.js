/** What a screen reader is told of an answer: that it is being written, and once it is there what it says; not each word. */

import { h } from "./dom.js";

/** What a listener can do without: what is pressed, drawn twice, folded away, or told as an alert already. */
const UNSPOKEN = "button, svg, dl, .af-step, .af-cite, .af-code-bar, .af-actions, .katex-html, annotation, [role=alert], [hidden], .af-data table, .af-data-foot";
const BLOCKS = "p, li, tr, pre, summary, h1, h2, h3, h4, h5, h6";

export class Voice {
  #strings;
  #language;

  constructor(strings) {
    this.#strings = strings;
    this.#language = strings.language;
    this.element = strings.bind(h("p", { class: "af-hidden", role: "status", dir: "auto" }), () => this.#forget());
  }

  /** An answer is waited for. */
  wait() {
    this.element.textContent = this.#strings.text("chat.thinking");
  }

  /** What was said was said in the language of then. */
  #forget() {
    if (this.#language === this.#strings.language) return;
    this.#language = this.#strings.language;
    this.element.textContent = "";
  }

  /** The answer whose parts these are is complete. @param {...Element} parts */
  tell(...parts) {
    this.element.textContent = parts.map(spoken).join("\n").trim();
  }
}

function spoken(part) {
  const copy = part.cloneNode(true);
  for (const it of copy.querySelectorAll(UNSPOKEN)) it.remove();
  for (const it of copy.querySelectorAll(".af-field-name")) it.append(": ");
  for (const it of copy.querySelectorAll(".af-tag")) it.prepend(", ");
  for (const it of copy.querySelectorAll(BLOCKS)) it.append("\n");
  return copy.textContent.replace(/\n{2,}/g, "\n");
}

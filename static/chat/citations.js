/** Citations: `[1]` in an answer is a passage that was found for it. What stands in brackets and names none is no mark. */

import { SourceCard } from "./citation_card.js";
import { h } from "./dom.js";

/** `[1]`, `[1, 2]`, `【1】`, `[^1]`, `【1†notes.md】`; not the text of a link. `user_agent/knowledge/citing.py` reads the same. */
const MARK = /^(?:\[\^?|【)\s*([1-9]\d{0,2}(?:\s*[,，、;；]\s*[1-9]\d{0,2})*)\s*(?:†[^】\n]{0,80})?[\]】](?!\()/;
/** The end of a growing text that may become one. */
const BEGUN = /(?:\[\^?|【)(?:\s*[1-9]\d{0,2}\s*[,，、;；]?)*\s*$/;
const BLOCKS = "p, li, td, th, h1, h2, h3, h4, h5, h6";

/** For marked: what it writes is the mark as it stands, in an element of the class `af-mark`. */
export const citationExtension = {
  name: "citation",
  level: "inline",
  start(source) {
    const begin = source.search(/[[【]/);
    return begin < 0 ? undefined : begin;
  },
  tokenizer(source) {
    const [raw, numbers] = MARK.exec(source) ?? [];
    const isLink = this.lexer.state.inLink || (raw && numbers in this.lexer.tokens.links);
    return raw && !isLink ? { type: "citation", raw } : undefined;
  },
  renderer: ({ raw }) => `<span class="af-mark">${raw.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)}</span>`,
};

/** The passages that one answer may cite, by their numbers. */
export class Citations {
  #strings;
  #card;
  #hits = new Map();

  /** `sourceOf` is as in `SourceCard`. */
  constructor(strings, sourceOf = () => null) {
    this.#strings = strings;
    this.#card = new SourceCard(strings, sourceOf);
  }

  /** @param {{number: number | null}[]} hits as the events have them */
  add(hits) {
    for (const hit of hits) if (hit.number !== null) this.#hits.set(hit.number, hit);
  }

  /** How much of a growing text can be shown: not the beginning of a mark. */
  certain(text) {
    return this.#hits.size ? text.replace(BEGUN, "") : text;
  }

  /** Makes citations of the marks in a fragment. Where nothing was found to cite, brackets are brackets. */
  dress(fragment) {
    for (const mark of fragment.querySelectorAll(".af-mark")) {
      const text = mark.textContent;
      const numbers = MARK.exec(text)?.[1].match(/\d+/g).map(Number) ?? [];
      const known = numbers.filter((number) => this.#hits.has(number));
      if (!this.#hits.size) mark.replaceWith(text);
      else if (known.length) mark.replaceWith(...known.map((number) => this.mark(number)));
      else drop(mark);
    }
    fragment.normalize();
  }

  /** The mark of a passage, which opens its card. Its text is `[1]`, so that it is copied as it was written. */
  mark(number) {
    const hit = this.#hits.get(number);
    const bracket = (sign) => h("span", { class: "af-bracket" }, sign);
    const mark = h("a", { class: "af-cite", role: "button", tabindex: "0", "aria-haspopup": "dialog" }, bracket("["), String(number), bracket("]"));
    const open = () => this.#card.open(hit, mark, saidBefore(mark));
    mark.addEventListener("click", open);
    mark.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      open();
    });
    return this.#strings.label(mark, "chat.cite", { number, name: hit.name });
  }
}

/** Takes a mark away, with the space before it. */
function drop(mark) {
  const before = mark.previousSibling;
  if (before?.nodeType === Node.TEXT_NODE) before.data = before.data.trimEnd();
  mark.remove();
}

/** What a mark stands behind: the words of its block up to it. */
function saidBefore(mark) {
  const block = mark.closest(BLOCKS);
  if (!block) return "";
  const range = new Range();
  range.setStart(block, 0);
  range.setEndBefore(mark);
  const said = range.cloneContents();
  for (const other of said.querySelectorAll(".af-cite")) other.remove();
  return said.textContent;
}

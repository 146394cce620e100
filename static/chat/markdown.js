/**
 * Markdown that grows. What a model wrote is never trusted: HTML in it is shown as text, everything else goes through
 * DOMPurify with a short list of what may stay, and nothing is loaded from anywhere.
 */

import DOMPurify from "../vendor/dompurify-3.4.18/purify.es.mjs";
import { Marked } from "../vendor/marked-18.2.1/marked.esm.js";
import { Citations, citationExtension } from "./citations.js";
import { dressCode } from "./code.js";
import { h, perFrame } from "./dom.js";
import { drawFormulas, isSameFormula } from "./formula_view.js";
import { formulaExtensions, growingTokens, mayBeInline, withoutFormulas } from "./formulas.js";
import { graft } from "./graft.js";

const ALLOWED = {
  ALLOWED_TAGS: (
    "a blockquote br code del em h1 h2 h3 h4 h5 h6 hr img li ol p pre span strong table tbody td th thead tr ul"
  ).split(" "),
  ALLOWED_ATTR: ["align", "alt", "class", "href", "src", "start", "title"],
  ADD_URI_SAFE_ATTR: ["align", "start"],
  ALLOWED_URI_REGEXP: /^(?:https?:\/\/|mailto:)/i,
  ALLOW_DATA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};
/** Pictures that are in the text itself; all others would be fetched from wherever a model points. */
const INLINE_PICTURE = /^data:image\/(?:png|jpeg|gif|webp);base64,/;
/** How models were taught to play a sound or a video that a tool made. */
const PLAYER = /^<(audio|video)\s(?:[^>]*\s)?src="([^"<>]+)"[^>]*>(?:\s*<\/\1>)?$/i;
const PLAYER_END = /^<\/(?:audio|video)>$/i;
/** A last line shorter than this may still turn out to belong to the block before it ("2" becoming "2. …"). */
const UNDECIDED_CHARS = 4;

const purifier = DOMPurify(window);
purifier.addHook("afterSanitizeAttributes", (node) => {
  if (node.tagName !== "A" || !node.hasAttribute("href")) return;
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer nofollow");
  if (!node.title) node.title = node.getAttribute("href");
});

const escaped = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/**
 * `**重点：**后文`: CommonMark does not close bold between a punctuation mark and a letter, which Chinese without
 * spaces needs all the time. https://talk.commonmark.org/t/emphasis-and-east-asian-text/2491
 */
const cjkStrong = {
  name: "cjkStrong",
  level: "inline",
  start: (source) => source.indexOf("**"),
  tokenizer(source) {
    const match = /^\*\*(?!\s)([^*\n]*[^*\s])\*\*/.exec(source);
    if (!match || !/[\u2e80-\u9fff\uac00-\ud7af\uff00-\uffef\u2018-\u201d]/.test(match[0])) return undefined;
    return { type: "cjkStrong", raw: match[0], tokens: this.lexer.inlineTokens(match[1]) };
  },
  renderer(token) {
    return `<strong>${this.parser.parseInline(token.tokens)}</strong>`;
  },
};

const markdown = new Marked({
  gfm: true,
  breaks: true,
  extensions: [cjkStrong, citationExtension, ...formulaExtensions],
  hooks: { emStrongMask: withoutFormulas },
  tokenizer: {
    /** `7*7 and 8*8` is arithmetic: a single star after a Latin letter or digit does not open emphasis. */
    emStrong: (source, _, before) => (/^\*(?!\*)/.test(source) && /[\dA-Za-z]/.test(before) ? undefined : false),
  },
  renderer: {
    html({ text }) {
      if (/^<br\s*\/?>$/i.test(text.trim())) return "<br>";
      const [, tag, address] = PLAYER.exec(text.trim()) ?? [];
      if (tag) return `<a class="af-picture-link" title="${escaped(address)}">${tag.toLowerCase()}</a>`;
      return PLAYER_END.test(text.trim()) ? "" : escaped(text);
    },
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
    image({ href, title, text }) {
      const label = escaped(text || title || href);
      if (INLINE_PICTURE.test(href)) return `<img src="${escaped(href)}" alt="${label}">`;
      return `<a class="af-picture-link" href="${escaped(href)}" title="${escaped(href)}">${label}</a>`;
    },
  },
});

/** How many of a growing text's blocks are closed: all but the last, and but the paragraph that may yet go on with it. */
function closedTokens(tokens) {
  const last = tokens.findLastIndex((token) => token.type !== "space");
  if (!(tokens[last]?.raw.trim().length > UNDECIDED_CHARS)) return 0;
  return mayBeInline(tokens[last]) && tokens[last - 1]?.type === "paragraph" ? last - 1 : last;
}

/** One text of an answer. `element` is in the page; `append` may be called thousands of times. */
export class MarkdownView {
  #strings;
  #pictureOf;
  #citations;
  #source = "";
  #settled = 0;
  #finished = false;
  #tail = [];
  #draw = perFrame(() => this.#render());

  /**
   * `pictureOf(label, address)` is what stands in place of a picture that the text names; null for the bare link.
   * `citations` are the passages that the text may cite.
   */
  constructor(strings, { pictureOf = () => null, citations = new Citations(strings) } = {}) {
    this.#strings = strings;
    this.#pictureOf = pictureOf;
    this.#citations = citations;
    this.element = h("div", { class: "af-text", dir: "auto" });
  }

  append(text) {
    this.#source += text;
    this.#draw();
  }

  /** Another text in place of this one. */
  replace(text) {
    this.#source = text;
    this.#restart();
    this.finish();
  }

  /** No more text comes: draws what is left. */
  finish() {
    this.#finished = true;
    if (this.#settled && /^ {0,3}\[[^\]]+\]:/m.test(this.#source)) this.#restart(); // links named before they are defined
    this.#draw.now();
  }

  #restart() {
    this.#settled = 0;
    this.#tail = [...this.element.childNodes];
  }

  /** Draws the blocks that are not settled yet. Those that no further text can change settle, and are never drawn again. */
  #render() {
    const rest = this.#source.slice(this.#settled);
    const source = this.#finished ? rest : this.#citations.certain(rest);
    const tokens = this.#finished ? markdown.lexer(source) : growingTokens(markdown, source);
    const closed = this.#finished ? tokens.length : closedTokens(tokens);
    const settling = this.#drawn(tokens.slice(0, closed));
    const growing = this.#drawn(tokens.slice(closed));
    const nodes = graft(this.element, this.#tail, [...settling, ...growing], isSettled);
    if (drawFormulas(nodes, { growing: !this.#finished })) this.element.dataset.formulas = "";
    this.#settled += tokens.slice(0, closed).reduce((length, token) => length + token.raw.length, 0);
    this.#tail = nodes.slice(settling.length);
  }

  /** Puts pictures where the text names them; a paragraph that held nothing else goes with its marker. */
  #place(fragment) {
    for (const link of fragment.querySelectorAll(".af-picture-link")) {
      const picture = this.#pictureOf(link.textContent, link.title);
      if (!picture) continue;
      const around = link.closest("p");
      const alone = around?.textContent.trim() === link.textContent && around.childElementCount === 1;
      (alone ? around : link).replaceWith(picture);
    }
  }

  /** The nodes that show these tokens, not in the page yet. */
  #drawn(tokens) {
    if (!tokens.length) return [];
    const fragment = purifier.sanitize(markdown.parser(tokens), ALLOWED);
    dressCode(fragment, this.#strings);
    for (const table of fragment.querySelectorAll("table")) {
      const frame = h("div", { class: "af-table", tabindex: "0" });
      table.replaceWith(frame);
      frame.append(table);
    }
    this.#place(fragment);
    this.#citations.dress(fragment);
    return [...fragment.childNodes];
  }
}

/** Formulas are drawn once; what a button says is its own affair. */
function isSettled(old, fresh) {
  return old.tagName === "BUTTON" ? true : isSameFormula(old, fresh);
}

/** The card of a citation: which file, where in it, and the passage with the sentence that was meant. */

import { h, icon } from "./dom.js";
import { hasSlides, pictureOf, waysIn } from "./original.js";
import { meantSentences, sentencesOf } from "./sentences.js";

const GAP_PX = 8;

/** One at a time: where a passage was found. */
export class SourceCard {
  #strings;
  #sourceOf;
  #element = null;

  /**
   * `sourceOf(hit)` is null where a passage is all there is; else a function that gets what stands around it, it included:
   * `{passages: {number, text}[], original}`, the file itself as `waysIn` takes it, or null. That throws `Failure`.
   */
  constructor(strings, sourceOf) {
    this.#strings = strings;
    this.#sourceOf = sourceOf;
  }

  /** Shows it beside `mark`, with the sentence of the passage that is nearest to what was `said`. */
  open(hit, mark, said) {
    this.#element?.remove();
    const strings = this.#strings;
    const passage = h("div", { class: "af-source-text", dir: "auto", tabindex: "0" }, ...marked(hit.text, said));
    const shut = h("button", { type: "button", class: "af-source-close", onclick: () => card.hidePopover() }, icon("close"));
    const place = placeOf(strings, hit);
    const card = h(
      "div",
      { class: "af-source", role: "dialog", popover: "auto" },
      h("div", { class: "af-source-head" }, icon("book"), h("span", { class: "af-source-name", dir: "auto" }, hit.name), strings.label(shut, "chat.close")),
      place,
      passage,
      this.#opener(hit, passage, said, () => put(card, mark)),
    );
    strings.label(card, "chat.cite", { number: hit.number, name: hit.name });
    card.removeAttribute("title");
    card.addEventListener("toggle", ({ newState }) => newState === "closed" && card.remove());
    this.#element = card;
    mark.closest(".af-chat").append(card);
    card.showPopover();
    put(card, mark);
    card.querySelector("mark")?.scrollIntoView({ block: "nearest" });
    shut.focus({ preventScroll: true });
  }

  #opener(hit, passage, said, putAgain) {
    const strings = this.#strings;
    const around = this.#sourceOf(hit);
    if (!around) return null;
    const button = h("button", { type: "button", class: "af-button" }, strings.say(h("span"), "chat.source.open"));
    const foot = h("div", { class: "af-source-foot" }, button);
    button.addEventListener("click", async () => {
      button.disabled = true;
      const found = await around().catch(() => null);
      if (!found) return foot.replaceChildren(strings.say(h("p", { class: "af-note", role: "status" }), "chat.source.gone"));
      const { passages, original } = found;
      const shown = passages.map(({ text, number }) =>
        number === hit.passage ? h("p", { "data-here": true }, ...marked(text, said)) : h("p", {}, text),
      );
      const picture = original && pictureOf(original);
      passage.replaceChildren(...(picture ? [picture] : []), ...shown);
      const sentence = passage.querySelector("mark")?.textContent ?? "";
      foot.replaceChildren(...(original ? waysIn(strings, original, hit, sentence) : []));
      await picture?.decode().catch(() => {});
      putAgain();
      (picture ?? passage.querySelector("mark, [data-here]"))?.scrollIntoView({ block: "center" });
      passage.focus();
    });
    return foot;
  }
}

/** Where in its file a passage stands; nothing where that is not known. */
export function placeOf(strings, { name = "", member, page, sheet, headings = [] }) {
  const line = h("p", { class: "af-source-place", dir: "auto" });
  return strings.bind(line, () => {
    const parts = [
      member,
      page === null || page === undefined ? "" : strings.text(hasSlides(member || name) ? "chat.source.slide" : "chat.source.page", { page }),
      sheet && strings.text("chat.source.sheet", { sheet }),
      headings.join(" › "),
    ];
    line.textContent = parts.filter(Boolean).join(" · ");
    line.hidden = !line.textContent;
  });
}

/** The passage as text, with the sentences that were meant in a `mark` each. */
function marked(text, said) {
  const sentences = sentencesOf(text);
  const meant = meantSentences(sentences, said);
  return sentences.map((sentence, index) => (meant[index] ? h("mark", {}, sentence) : sentence));
}

/** Puts the card under the mark, or over it where there is more room; never out of the window, nor over what is written. */
function put(card, mark) {
  const at = mark.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = card;
  const floor = mark.closest(".af-chat").querySelector(".af-composer")?.getBoundingClientRect().top ?? innerHeight;
  const left = Math.min(Math.max(GAP_PX, at.left - width / 2), innerWidth - width - GAP_PX);
  const below = at.bottom + GAP_PX;
  const top = below + height + GAP_PX <= floor || at.top < floor / 2 ? below : at.top - height - GAP_PX;
  card.style.left = `${Math.max(GAP_PX, left)}px`;
  card.style.top = `${Math.max(GAP_PX, Math.min(top, floor - height - GAP_PX))}px`;
}

// What was made of a file: its passages in order, each with its place.

import { h } from "../chat/dom.js";
import { placeOf } from "./place.js";
import { button, Panel, panelHead } from "./widgets.js";

export class Passages {
  #session;
  #known;
  #file = null;
  #passages = [];
  #all = 0;
  #panel = new Panel("st-passages-dialog", (body, close) => this.#draw(body, close));

  constructor(session, known) {
    this.#session = session;
    this.#known = known;
  }

  get element() {
    return this.#panel.element;
  }

  open(file) {
    this.#file = file;
    this.#passages = [];
    this.#all = file.passages;
    this.#panel.open();
    this.#more();
  }

  #more() {
    const file = this.#file;
    return this.#session.notices.attempt(async () => {
      const found = await this.#known.passages(file, this.#passages.length);
      if (file !== this.#file) return;
      this.#passages = [...this.#passages, ...found.passages];
      this.#all = found.all;
      this.#panel.redraw();
    });
  }

  #draw(body, close) {
    const { strings } = this.#session;
    const { t, count } = strings;
    if (!this.#file) return;
    body.append(panelHead(this.#file.name, t("ui.close"), close));
    body.append(h("p", { class: "st-hint" }, t("ui.known_passage_count", { shown: count(this.#passages.length), all: count(this.#all) })));
    body.append(h("ol", { class: "st-passages" }, ...this.#passages.map((passage) => passageRow(passage, strings))));
    if (this.#passages.length < this.#all) body.append(button(t("ui.known_passages_more"), () => this.#more(), { kind: "plain" }));
  }
}

/** A passage with its place; `more` stands beside the place. */
export function passageRow(passage, strings, ...more) {
  const place = placeOf(passage.place, strings);
  return h(
    "li",
    { class: "st-passage", "data-kind": passage.kind },
    h("p", { class: "st-passage-place" }, ...more, h("span", { dir: "auto" }, place || strings.t("ui.place_number", { number: passage.number + 1 }))),
    h("blockquote", { dir: "auto" }, passage.text),
  );
}

/** The turns of a conversation in the page, in order. */

import { h } from "./dom.js";

export class TurnList {
  element = h("div", { class: "af-turns" });
  #turns = [];

  get last() {
    return this.#turns.at(-1) ?? null;
  }

  /** Those whose message was not taken. */
  get unsent() {
    return this.#turns.filter(({ element }) => "unsent" in element.dataset);
  }

  /** Whether something here would be lost with the turns: a question that is being changed, a message that was not taken. */
  get isHeld() {
    return this.element.querySelector(".af-editor, [data-unsent]") !== null;
  }

  get isEmpty() {
    return !this.element.hasChildNodes();
  }

  find(id) {
    return this.#turns.find((turn) => turn.id === id);
  }

  /** Puts a turn at the end, or before all others. */
  add(turn, { first }) {
    if (!first) this.last?.letGo();
    this.#turns[first ? "unshift" : "push"](turn);
    this.element[first ? "prepend" : "append"](turn.element);
  }

  drop(turns) {
    for (const { element } of turns) element.remove();
    this.#turns = this.#turns.filter((turn) => !turns.includes(turn));
  }

  /** Takes away a turn and what followed it. */
  dropFrom(turn) {
    this.drop(this.#turns.slice(this.#turns.indexOf(turn)));
  }

  /** Offers the other versions of each turn that has some: {turn: [turns]}. */
  offer(versions) {
    for (const turn of this.#turns) if (versions[turn.id]) turn.offer(versions[turn.id]);
  }

  clear() {
    this.#turns = [];
    this.element.replaceChildren();
  }
}

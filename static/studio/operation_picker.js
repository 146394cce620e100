// Which operations of an API: a list that can be searched, with what each costs in every turn.

import { h } from "../chat/dom.js";
import { ordersNote } from "./orders_note.js";

const FILTERED_FROM = 9;
/** A list of hundreds is drawn as far as somebody looks; searching finds the rest. */
const MOST_DRAWN = 300;

export class OperationPicker {
  #strings;
  #operations;
  #chosen;
  #onchange;
  #filter = h("input", { class: "st-input", name: "operation-filter", type: "search", autocomplete: "off" });
  #list = h("ul", { class: "st-picks st-operations" });
  #sum = h("p", { class: "st-hint", "aria-live": "polite" });

  /** `chosen` is a set of names; `onchange()` is called when it changes here. */
  constructor(strings, operations, chosen, onchange) {
    const { t } = (this.#strings = strings);
    this.#operations = operations;
    this.#chosen = chosen;
    this.#onchange = onchange;
    this.#filter.placeholder = t("ui.api_filter");
    this.#filter.setAttribute("aria-label", t("ui.api_filter"));
    this.#filter.hidden = operations.length < FILTERED_FROM;
    this.#filter.addEventListener("input", () => this.#draw());
    this.#filter.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
    const head = h("div", { class: "st-field-head" }, h("span", {}, t("ui.api_operations")));
    this.element = h("div", { class: "st-models-field" }, head, this.#filter, this.#list, this.#sum);
    this.#draw();
    this.#drawSum();
  }

  /** The names that are chosen, in the description's order. */
  get chosen() {
    return this.#operations.map(({ name }) => name).filter((name) => this.#chosen.has(name));
  }

  focus() {
    (this.#filter.hidden ? this.#list.querySelector("input") : this.#filter)?.focus();
  }

  #draw() {
    const { t } = this.#strings;
    const wanted = this.#filter.value.trim().toLowerCase().split(/\s+/);
    const says = ({ name, title, path, description }) => `${name} ${title} ${path} ${description}`.toLowerCase();
    const found = this.#operations.filter((operation) => wanted.every((word) => says(operation).includes(word)));
    const rest = found.length - MOST_DRAWN;
    const none = this.#operations.length === 0 ? "ui.api_empty" : "ui.api_filter_none";
    const rows = found.slice(0, MOST_DRAWN).map((operation) => this.#pick(operation));
    if (rest > 0) rows.push(h("li", { class: "st-hint" }, t("ui.api_more", { count: rest })));
    this.#list.replaceChildren(...(rows.length > 0 ? rows : [h("li", { class: "st-hint" }, t(none))]));
  }

  #pick({ name, title, description, method, path, effect, tokens, orders }) {
    const { t } = this.#strings;
    const tick = h("input", { type: "checkbox", "data-operation": name });
    tick.checked = this.#chosen.has(name);
    tick.addEventListener("change", () => {
      if (tick.checked) this.#chosen.add(name);
      else this.#chosen.delete(name);
      this.#drawSum();
      this.#onchange();
    });
    const place = h("small", { class: "st-place", dir: "ltr" }, h("span", { "data-method": method }, method), ` ${path}`);
    const cost = h("small", {}, t(effect === "writes" ? "ui.api_tokens_asks" : "ui.api_tokens", { tokens }));
    const words = h("span", {}, h("b", { dir: "auto" }, title || name), place, cost);
    return h("li", {}, h("label", { class: "st-tick", title: description || null }, tick, words), ordersNote(orders, this.#strings));
  }

  #drawSum() {
    const { t } = this.#strings;
    const chosen = this.#operations.filter(({ name }) => this.#chosen.has(name));
    const tokens = chosen.reduce((sum, operation) => sum + operation.tokens, 0);
    this.#sum.textContent = t("ui.api_sum", { count: this.#chosen.size, tokens });
  }
}

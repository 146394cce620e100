// Which models of an endpoint: ticked in the list that it gives, or written by hand where it gives none.

import { h } from "../chat/dom.js";
import { button } from "./widgets.js";

const FILTERED_FROM = 9;

export class ModelPicker {
  #strings;
  #chosen;
  #onchange;
  #models = [];
  #filter = h("input", { class: "st-input", name: "model-filter", type: "search", autocomplete: "off" });
  #list = h("ul", { class: "st-picks" });
  #other = h("input", { class: "st-input", name: "model-other", autocomplete: "off", spellcheck: "false", maxlength: 200 });

  /** `chosen` is a set of the endpoint's names for models; it is changed here, and `onchange()` called then. */
  constructor(strings, chosen, onchange) {
    const { t } = (this.#strings = strings);
    this.#chosen = chosen;
    this.#onchange = onchange;
    this.#filter.placeholder = t("ui.endpoint_filter");
    this.#filter.setAttribute("aria-label", t("ui.endpoint_filter"));
    this.#filter.addEventListener("input", () => this.#draw());
    this.#filter.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
    this.#other.placeholder = t("ui.endpoint_other");
    this.#other.setAttribute("aria-label", t("ui.endpoint_other"));
    this.#other.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      this.#addOther();
    });
    const other = h("div", { class: "st-other" }, this.#other, button(t("ui.endpoint_other_add"), () => this.#addOther(), { kind: "plain" }));
    this.element = h("div", {}, this.#filter, this.#list, other);
    this.show([]);
  }

  /** The chosen models, with what is known of them. What stands in the field for others counts as chosen. */
  get chosen() {
    this.#addOther();
    return [...this.#chosen].map((name) => this.#models.find(({ model }) => model === name) ?? { model: name });
  }

  /** Show what the endpoint lists. What was chosen stays chosen, listed or not. */
  show(models) {
    const listed = new Set(models.map(({ model }) => model));
    const byHand = [...this.#chosen].filter((name) => !listed.has(name)).map((model) => ({ model, context_length: null }));
    this.#models = [...byHand, ...models];
    this.#filter.hidden = this.#models.length < FILTERED_FROM;
    if (this.#filter.hidden) this.#filter.value = "";
    this.#draw();
  }

  #draw() {
    const wanted = this.#filter.value.trim().toLowerCase();
    const shown = this.#models.filter(({ model }) => model.toLowerCase().includes(wanted));
    const { t } = this.#strings;
    this.#list.hidden = this.#models.length === 0;
    const none = h("li", { class: "st-hint" }, t("ui.endpoint_filter_none"));
    this.#list.replaceChildren(...(shown.length > 0 ? shown.map((model) => this.#pick(model)) : [none]));
  }

  #pick({ model, context_length: length }) {
    const { t } = this.#strings;
    const tick = h("input", { type: "checkbox", "data-model": model });
    tick.checked = this.#chosen.has(model);
    tick.addEventListener("change", () => {
      if (tick.checked) this.#chosen.add(model);
      else this.#chosen.delete(model);
      this.#onchange();
    });
    const about = length ? h("small", {}, t("ui.model_context", { tokens: `${Math.round(length / 1000)}K` })) : null;
    return h("li", {}, h("label", { class: "st-tick" }, tick, h("span", {}, model, about)));
  }

  #addOther() {
    const model = this.#other.value.trim();
    if (model === "") return;
    this.#other.value = "";
    this.#chosen.add(model);
    if (!this.#models.some((each) => each.model === model)) this.#models.unshift({ model, context_length: null });
    this.#draw();
    this.#onchange();
  }
}

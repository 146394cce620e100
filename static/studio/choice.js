// One of many: a field that says what is chosen, and a list that opens below it. The cursor stays in the field, so Tab
// goes on from there. (Gradio's own loses it, and its list stays open when it is left by keyboard.)

import { h } from "../chat/dom.js";
import { icon } from "./widgets.js";

const GAP_PX = 6;
const MOVES = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };

export class Choice {
  #onchoose;
  #options = [];
  #value = "";
  /** Where the list is pointed at while it is open, as an index. */
  #active = 0;
  #label;
  #field;
  #list;

  /** `onchoose(value)` is called when another value is taken. `id` begins the ids of the parts. */
  constructor(id, onchoose) {
    this.#onchoose = onchoose;
    this.#label = h("label", { id: `${id}_label`, for: `${id}_field` });
    this.#list = h("ul", { class: "st-options", id: `${id}_list`, role: "listbox", tabindex: "-1", popover: "manual", "aria-labelledby": `${id}_label` });
    this.#field = h("input", {
      id: `${id}_field`, class: "st-input", readonly: true, role: "combobox", autocomplete: "off", "aria-haspopup": "listbox",
      "aria-expanded": "false", "aria-controls": this.#list.id,
    });
    this.element = h("div", { class: "st-choice" }, this.#label, h("div", {}, this.#field, icon("down")), this.#list);
    this.#listen();
  }

  /** Show what can be chosen, `options` being [label, value] pairs, and what is. */
  show(label, options, value) {
    this.#label.textContent = label;
    this.#options = options;
    this.#value = value;
    this.#field.value = this.#field.title = options.find(([, key]) => key === value)?.[0] ?? "";
    if (this.#isOpen) this.#drawList();
  }

  get #isOpen() {
    return this.#list.matches(":popover-open");
  }

  #listen() {
    this.#field.addEventListener("click", () => (this.#isOpen ? this.#close() : this.#open()));
    this.#field.addEventListener("keydown", (event) => this.#press(event));
    this.#field.addEventListener("blur", () => this.#close());
    // A press on the list must not take the cursor out of the field: that closes it.
    this.#list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.#list.addEventListener("mousedown", (event) => event.preventDefault());
    this.#list.addEventListener("click", ({ target }) => {
      const index = [...this.#list.children].indexOf(target.closest("li"));
      if (index >= 0) this.#choose(index);
    });
    // The list is at a place of the window; what it belongs to is not.
    addEventListener("resize", () => this.#close());
    document.addEventListener("scroll", ({ target }) => target === this.#list || this.#close(), true);
  }

  #press(event) {
    const { key } = event;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (!this.#isOpen && ["ArrowDown", "ArrowUp", "Enter", " "].includes(key)) this.#open();
    else if (this.#isOpen && key in MOVES) this.#point(this.#active + MOVES[key]);
    else if (this.#isOpen && ["Enter", " "].includes(key)) this.#choose(this.#active);
    else if (this.#isOpen && key === "Escape") this.#close();
    else if (key.length === 1 && key !== " ") this.#seek(key.toLowerCase());
    else return;
    event.preventDefault();
  }

  /** To the next option that begins with this letter, as in any list. */
  #seek(letter) {
    if (!this.#isOpen) this.#open();
    const { length } = this.#options;
    const order = this.#options.map((_, step) => (this.#active + 1 + step) % length);
    const found = order.find((index) => this.#options[index][0].toLowerCase().startsWith(letter));
    if (found !== undefined) this.#point(found);
  }

  #open() {
    this.#list.showPopover();
    this.#field.setAttribute("aria-expanded", "true");
    this.#active = Math.max(0, this.#options.findIndex(([, value]) => value === this.#value));
    this.#drawList();
    this.#place();
    this.#point(this.#active);
  }

  #close() {
    if (!this.#isOpen) return;
    this.#list.hidePopover();
    this.#field.setAttribute("aria-expanded", "false");
    this.#field.removeAttribute("aria-activedescendant");
  }

  #choose(index) {
    const [, value] = this.#options[index];
    this.#close();
    if (value !== this.#value) this.#onchoose(value);
  }

  #drawList() {
    this.#list.replaceChildren(
      ...this.#options.map(([label, value], index) => {
        const isChosen = value === this.#value;
        const props = { role: "option", id: `${this.#list.id}_${index}`, "aria-selected": String(isChosen), dir: "auto" };
        return h("li", props, h("span", {}, label), isChosen ? icon("check") : null);
      }),
    );
  }

  /** Below the field, or above it where there is more room. */
  #place() {
    const { left, top, bottom, width } = this.#field.getBoundingClientRect();
    const below = innerHeight - bottom;
    const goesUp = below < this.#list.scrollHeight + 2 * GAP_PX && top > below;
    Object.assign(this.#list.style, {
      left: `${left}px`,
      width: `${width}px`,
      top: goesUp ? "auto" : `${bottom + GAP_PX}px`,
      bottom: goesUp ? `${innerHeight - top + GAP_PX}px` : "auto",
      maxHeight: `${Math.min(330, (goesUp ? top : below) - 2 * GAP_PX)}px`,
    });
  }

  #point(index) {
    this.#active = Math.min(Math.max(index, 0), this.#options.length - 1);
    for (const [place, option] of [...this.#list.children].entries()) option.classList.toggle("st-active", place === this.#active);
    const option = this.#list.children[this.#active];
    this.#field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }
}

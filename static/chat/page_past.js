/** The visitor's own conversations: a column on wide screens, a drawer on narrow ones. */

import { h, icon } from "./dom.js";

export class Past {
  #strings;
  #doors;
  #items = [];
  #open = null;
  #list = h("ul", { class: "af-page-list af-plain" });
  #none;

  /**
   * `list()` gives the conversations, `remove(item)` takes one away; `onChoose(item)` and `onNew()` are the person's;
   * `onFailure(failure)` hears why there is no list. What else is theirs (`below`) stands at the foot of the column.
   */
  constructor(strings, doors, below = null) {
    this.#strings = strings;
    this.#doors = doors;
    this.#none = strings.say(h("p", { class: "af-muted" }), "chat.page_none");
    const begin = h("button", { type: "button", class: "af-page-new", onclick: () => doors.onNew() }, icon("pencil"), strings.say(h("span"), "chat.page_new"));
    const close = strings.label(h("button", { type: "button", class: "af-page-button af-page-close", onclick: () => this.close() }, icon("close")), "chat.page_close");
    const heading = h("div", { class: "af-page-heading" }, strings.say(h("h2"), "chat.page_conversations"), close);
    const panel = strings.label(h("nav", { class: "af-page-past", tabindex: "-1" }, heading, begin, this.#list, this.#none, below), "chat.page_conversations");
    panel.title = "";
    const shade = h("div", { class: "af-page-shade", onclick: () => this.close() });
    this.element = h("div", { class: "af-page-side" }, shade, panel);
    this.element.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
  }

  /** What is listed is read anew; that one is open. */
  async load(open) {
    try {
      this.#items = await this.#doors.list();
    } catch (failure) {
      return this.#doors.onFailure(failure); // that the server cannot be reached, the chat itself says
    }
    this.mark(open);
  }

  mark(open) {
    this.#open = open;
    this.#list.replaceChildren(...this.#items.map((item) => this.#row(item)));
    this.#none.hidden = this.#items.length > 0;
  }

  toggle() {
    if (!this.element.toggleAttribute("data-open")) return;
    (this.#list.querySelector("button") ?? this.element.querySelector("button")).focus();
  }

  close() {
    this.element.removeAttribute("data-open");
  }

  #row(item) {
    const name = h("button", { type: "button", class: "af-page-item", dir: "auto", "aria-current": item.id === this.#open ? "true" : null, onclick: () => this.#doors.onChoose(item) }, item.title);
    const remove = h("button", { type: "button", class: "af-page-button", onclick: () => this.#remove(item, remove) }, icon("close"));
    this.#strings.label(remove, "chat.page_delete", { name: item.title });
    return h("li", {}, name, remove);
  }

  /** The first press asks whether it is meant; nothing brings back what is gone. */
  async #remove(item, button) {
    if (!button.hasAttribute("data-sure")) {
      button.setAttribute("data-sure", "");
      button.replaceChildren(this.#strings.text("chat.page_sure"));
      button.addEventListener("blur", () => this.mark(this.#open), { once: true });
      return;
    }
    button.disabled = true;
    try {
      await this.#doors.remove(item);
    } finally {
      await this.load(item.id === this.#open ? null : this.#open);
    }
  }
}

/** The visitor's own conversations: a column on wide screens, a drawer on narrow ones. */

import { h, icon } from "./dom.js";

export class Past {
  #strings;
  #doors;
  #items = [];
  #open = null;
  /** How often the list was asked for: only the last answer counts. */
  #loads = 0;
  #rows = new Map();
  #list = h("ul", { class: "af-page-list af-plain" });
  #none;
  #begin;

  /**
   * `list()` gives the conversations, `remove(item)` takes one away, or says why not; `onChoose(item)` and `onNew()` are the person's;
   * `onFailure(failure)` hears why there is no list. What else is theirs (`below`) stands at the foot of the column.
   */
  constructor(strings, doors, below = null) {
    this.#strings = strings;
    this.#doors = doors;
    this.#none = strings.say(h("p", { class: "af-muted" }), "chat.page_none");
    this.#begin = h("button", { type: "button", class: "af-page-new", onclick: () => doors.onNew() }, icon("pencil"), strings.say(h("span"), "chat.page_new"));
    const close = strings.label(h("button", { type: "button", class: "af-page-button af-page-close", onclick: () => this.close() }, icon("close")), "chat.page_close");
    const heading = h("div", { class: "af-page-heading" }, strings.say(h("h2"), "chat.page_conversations"), close);
    const panel = strings.label(h("nav", { class: "af-page-past", tabindex: "-1" }, heading, this.#begin, this.#list, this.#none, below), "chat.page_conversations");
    panel.title = "";
    const shade = h("div", { class: "af-page-shade", onclick: () => this.close() });
    this.element = h("div", { class: "af-page-side" }, shade, panel);
    this.element.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
  }

  /** What is listed is read anew. */
  async load() {
    const load = ++this.#loads;
    try {
      const items = await this.#doors.list();
      if (load === this.#loads) this.#items = items;
    } catch (failure) {
      this.#doors.onFailure(failure); // that the server cannot be reached, the chat itself says
    }
    this.#draw();
  }

  /** That one is open. */
  mark(open) {
    this.#open = open;
    this.#draw();
  }

  /** A row that tells the same stays, so that whoever is at it with a keyboard stays there, too. */
  #draw() {
    const keyOf = ({ id, title }) => JSON.stringify([id, title]);
    const focused = document.activeElement;
    this.#rows = new Map(this.#items.map((item) => [keyOf(item), this.#rows.get(keyOf(item)) ?? this.#row(item)]));
    this.#list.replaceChildren(...this.#rows.values());
    for (const item of this.#items) {
      const { firstChild: name } = this.#rows.get(keyOf(item));
      if (item.id === this.#open) name.setAttribute("aria-current", "true");
      else name.removeAttribute("aria-current");
    }
    if (this.#list.contains(focused)) focused.focus({ preventScroll: true });
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
    const name = h("button", { type: "button", class: "af-page-item", dir: "auto", onclick: () => this.#doors.onChoose(item) }, item.title);
    const remove = h("button", { type: "button", class: "af-page-button", onclick: () => this.#remove(item, remove) }, icon("close"));
    this.#strings.label(remove, "chat.page_delete", { name: item.title });
    return h("li", {}, name, remove);
  }

  /** The first press asks whether it is meant; nothing brings back what is gone. */
  async #remove(item, button) {
    const ready = (isSure) => {
      button.toggleAttribute("data-sure", isSure);
      button.replaceChildren(isSure ? this.#strings.text("chat.page_sure") : icon("close"));
    };
    if (!button.hasAttribute("data-sure")) {
      button.addEventListener("blur", () => ready(false), { once: true });
      return ready(true);
    }
    const place = [...this.#rows.values()].indexOf(button.parentElement);
    button.disabled = true;
    await this.#doors.remove(item);
    button.disabled = false;
    ready(false);
    await this.load();
    if (document.activeElement !== document.body) return;
    const row = this.#list.children[Math.min(place, this.#list.children.length - 1)];
    (button.isConnected ? button : (row?.lastChild ?? this.#begin)).focus();
  }
}

/** What the agent noted of the visitor: listed below their conversations, to be forgotten one by one or all at once. */

import { h, icon } from "./dom.js";

const isGone = (failure) => failure.code === "not_found" || Promise.reject(failure);

export class Known {
  #strings;
  #ask;
  #onFailure;
  #facts = [];
  #title = h("summary");
  #list = h("ul", { class: "af-plain" });
  #none;
  #all;

  /** `ask(path, init)` asks the server below the page's own address. `onFailure(failure)` hears why something was not done. */
  constructor(strings, ask, onFailure) {
    this.#strings = strings;
    this.#ask = ask;
    this.#onFailure = onFailure;
    strings.bind(this.#title, (title) => (title.textContent = strings.text("chat.page_known", { count: strings.number(this.#facts.length) })));
    this.#none = strings.say(h("p", { class: "af-muted" }), "chat.page_known_none");
    this.#all = h("button", { type: "button", class: "af-page-button", onclick: () => this.#forgetAll() });
    strings.bind(this.#all, (button) => (button.textContent = strings.text(this.#isSure ? "chat.page_forget_sure" : "chat.page_forget_all")));
    this.#all.addEventListener("blur", () => this.#ready(false));
    this.element = h("details", { class: "af-page-known" }, this.#title, this.#list, this.#none, this.#all);
    this.#draw();
  }

  /** What is listed is read anew. */
  async load() {
    try {
      this.#facts = await (await this.#ask("memory")).json();
    } catch {
      return; // the chat itself says that the server cannot be reached
    }
    this.#draw();
  }

  /** Takes back what an answer noted, or struck out. Whether that worked. */
  async undo({ change, id, text }) {
    return this.#do(() => (change === "forgotten" ? this.#note(text) : this.#remove(id)));
  }

  /** Whether that was taken back since. */
  async isUndone({ change, id, text }) {
    const known = await (await this.#ask("memory")).json();
    return change === "remembered" ? !known.some((fact) => fact.id === id) : known.some((fact) => fact.text === text);
  }

  get #isSure() {
    return this.#all.hasAttribute("data-sure");
  }

  #note(text) {
    return this.#ask("memory", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ text }) });
  }

  #remove(id) {
    return this.#ask(`memory/${encodeURIComponent(id)}`, { method: "DELETE" }).catch(isGone);
  }

  #draw() {
    this.#list.replaceChildren(...this.#facts.map((fact) => this.#row(fact)));
    this.#list.hidden = this.#all.hidden = this.#facts.length === 0;
    this.#none.hidden = this.#facts.length > 0;
    this.#ready(false);
  }

  #row({ id, text }) {
    const forget = h("button", { type: "button", class: "af-page-button" }, icon("close"));
    forget.addEventListener("click", async () => {
      forget.disabled = true;
      await this.#do(() => this.#remove(id));
      forget.disabled = false;
      this.#title.focus();
    });
    this.#strings.label(forget, "chat.page_forget", { text });
    return h("li", {}, h("span", { dir: "auto" }, text), forget);
  }

  /** The first press asks whether it is meant; nothing brings back what is gone. */
  async #forgetAll() {
    if (!this.#isSure) return this.#ready(true);
    if (await this.#do(() => this.#ask("memory", { method: "DELETE" }))) this.#title.focus();
  }

  /** Does it, and reads the list anew. Whether that worked. */
  async #do(work) {
    const isDone = await work().then(() => true, (failure) => this.#onFailure(failure));
    await this.load();
    return isDone === true;
  }

  #ready(isSure) {
    this.#all.toggleAttribute("data-sure", isSure);
    this.#strings.again(this.element);
  }
}

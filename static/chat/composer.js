/** Where a message is written: the field, its files, and the one button that sends or stops. */

import { Attachments } from "./attachments.js";
import { h, icon } from "./dom.js";
import { Unsent } from "./unsent.js";

const LONGEST_MESSAGE_CHARS = 100_000;
/** What browsers report for every key while an input method composes; Safari ends a composition with it. */
const COMPOSING_KEY_CODE = 229;

export class Composer {
  #strings;
  #attachments = null;
  #onSend;
  #onStop;
  #onClear;
  #running = false;
  #unsent;
  #placeholder;
  #text = h("textarea", { rows: "1", dir: "auto", autocomplete: "off" });
  #notice = h("p", { class: "af-notice", role: "status", dir: "auto" });
  #main = h("button", { type: "button", class: "af-round af-main" });

  /**
   * `onSend(text, files)`, `onStop()` and `onClear()` are called when the person asks for it; without `onClear`, a
   * conversation cannot be cleared here. Files may be dropped anywhere in `area`.
   * `seesPictures()`, `hearsSounds()`: whether pictures, and sounds, are of use to whoever answers. `aheadUrl()` is where
   * files are read before they are sent, or null.
   * @param {{prefix: string, uploads: boolean, placeholder?: string | {zh: string, en: string}, area: HTMLElement,
   *   takes?: "files" | "descriptions", onOthers?: (files: File[]) => void, seesPictures?: () => boolean, hearsSounds?: () => boolean, aheadUrl?: () => string | null, onSend: (text: string, files: File[]) => void, onStop: () => void, onClear?: () => void}} options
   */
  constructor(strings, options) {
    const { prefix, uploads, placeholder, area, onSend, onStop, onClear = null } = options;
    const { takes = "files", onOthers = () => {}, seesPictures = () => true, hearsSounds = () => true, aheadUrl = () => null } = options;
    this.#strings = strings;
    this.#onSend = onSend;
    this.#onStop = onStop;
    this.#onClear = onClear;
    this.#unsent = new Unsent(prefix);
    this.#placeholder = placeholder;
    const files = { area, takes, onOthers, seesPictures, hearsSounds, aheadUrl, onRefused: (tell) => this.notify(tell), onChange: () => this.#tellReady() };
    if (uploads) this.#attachments = new Attachments(strings, files);
    const name = strings.say(h("span", { class: "af-hidden" }), "chat.message");
    const field = h("label", { class: "af-field", id: `${prefix}_input` }, name, this.#text);
    const row = h("div", { class: "af-row" }, this.#attachments?.button ?? null, this.#clearButton(), field, this.#main);
    const box = h("div", { class: "af-box" }, this.#attachments?.element ?? null, row);
    this.element = h("div", { class: "af-composer" }, this.#notice, box);
    strings.bind(this.#text, () => {
      this.#text.placeholder = strings.pick(this.#placeholder) || strings.text("chat.placeholder");
    });
    strings.bind(this.#main, () => this.#drawMain());
    this.#listen(area);
  }

  /** What the empty field invites to. @param {string | {zh: string, en: string}} placeholder */
  set placeholder(placeholder) {
    if (placeholder === this.#placeholder) return;
    this.#placeholder = placeholder;
    this.#strings.again(this.element);
  }

  /**
   * What is typed is kept under this name until it is sent, and is there again after a reload. `name` is null while it is
   * not known for which conversation one types, or a function where it changes. What was typed for another waits there.
   */
  keepAs(name) {
    const text = this.#unsent.turnTo(name, this.#text.value);
    // Words that are there already are not written again: whoever types keeps the cursor and what is selected.
    if (text !== this.#text.value) this.#text.value = text;
    this.#fit();
  }

  /** While an answer runs, the button stops it, and Enter only says so. */
  set running(running) {
    if (running === this.#running) return;
    this.#running = running;
    this.#main.disabled = false;
    this.#drawMain();
    this.notify(null);
  }

  /** One sentence above the field; null takes it away. `tell()` is asked again when the language changes. */
  notify(tell) {
    this.#notice.replaceChildren();
    if (!tell) return;
    const words = h("span");
    this.#notice.append(words);
    this.#strings.bind(words, () => (words.textContent = tell()));
  }

  /** Whether this can be sent; where not, the sentence that says why is shown. */
  accepts(text, files) {
    const key = this.#refusal(text, files);
    const limit = new Intl.NumberFormat("en").format(LONGEST_MESSAGE_CHARS);
    this.notify(key && (() => this.#strings.text(key, { limit })));
    return !key;
  }

  clear() {
    this.#text.value = "";
    this.#attachments?.clear();
    this.#unsent.keep("");
    this.#fit();
  }

  /** Takes away what is said now by other means. */
  forget(text) {
    if (this.#text.value === text) this.clear();
  }

  /** Puts back what could not be sent, unless something else was written since. */
  restore(text, files) {
    if (this.#text.value.trim() !== "") return;
    this.#text.value = text;
    if (!this.#attachments?.files.length) this.#attachments?.add(files);
    this.#unsent.keep(text);
    this.#fit();
  }

  /** Puts a text behind what is written. */
  write(text) {
    this.#text.value = [this.#text.value.trim(), text].filter(Boolean).join("\n\n");
    this.#unsent.keep(this.#text.value);
    this.#fit();
  }

  focus() {
    this.#text.focus();
  }

  #refusal(text, files) {
    if (this.#running) return "chat.still_answering";
    if (text.trim() === "" && !files.length) return "error.empty_message";
    return text.length > LONGEST_MESSAGE_CHARS ? "chat.too_long" : null;
  }

  #listen(area) {
    this.#text.addEventListener("input", () => {
      this.#unsent.keep(this.#text.value);
      this.#fit();
    });
    this.#text.addEventListener("paste", (event) => this.#attachments?.paste(event));
    this.#text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || composes(event)) return;
      event.preventDefault();
      this.#send();
    });
    area.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#running && !composes(event)) this.#stop();
    });
    this.#main.addEventListener("click", () => (this.#running ? this.#stop() : this.#send()));
  }

  #clearButton() {
    if (!this.#onClear) return null;
    const onclick = () => (this.#running ? this.notify(() => this.#strings.text("chat.still_answering")) : this.#onClear());
    return this.#strings.label(h("button", { type: "button", class: "af-round af-clear", onclick }, icon("clear")), "chat.clear");
  }

  #send() {
    this.#onSend(this.#text.value, this.#attachments?.files ?? []);
  }

  #stop() {
    this.#main.disabled = true;
    this.notify(() => this.#strings.text("chat.stopping"));
    this.#onStop();
  }

  #drawMain() {
    const name = this.#strings.text(this.#running ? "chat.stop" : "chat.send");
    this.#main.setAttribute("aria-label", name);
    this.#main.title = name;
    this.#main.dataset.action = this.#running ? "stop" : "send";
    this.#main.replaceChildren(icon(this.#running ? "stop" : "send"));
    this.#tellReady();
  }

  /** Whether there is something to send, or to stop. Where not, the button can still be pressed, and says why. */
  #tellReady() {
    const isReady = this.#running || this.#text.value.trim() !== "" || Boolean(this.#attachments?.files.length);
    this.#main.setAttribute("aria-disabled", String(!isReady));
  }

  /** The field is as high as its text; the style sheet says how far that goes. */
  #fit() {
    this.#text.style.height = "auto";
    if (this.#text.value) this.#text.style.height = `${this.#text.scrollHeight}px`;
    if (this.#text.value) this.notify(null);
    this.#tellReady();
  }
}

function composes(event) {
  return event.isComposing || event.keyCode === COMPOSING_KEY_CODE;
}

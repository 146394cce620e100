/** What a person said: their words exactly as typed, the files that came along, and what can be done with them. */

import { actionButton, actionRow, copyAction, versionSwitch } from "./actions.js";
import { sayReading } from "./ahead.js";
import { h, icon } from "./dom.js";
import { questionEditor } from "./editor.js";

/** Raster pictures are shown; anything else, drawings with scripts in them included, is a link. */
export const PICTURE = /^image\/(?:png|jpeg|gif|webp|avif|bmp)$/;

/** A question in the page. A file of it is `{name, media_type, size_bytes, url}`. */
export class QuestionView {
  #strings;
  #message;
  #onChange;
  #onTeach;
  #progress = null;
  /** How far files are that are being read, and why some were not, by name. */
  #readings = new Map();
  #actions = actionRow();
  #words = h("div", { class: "af-said" });

  /**
   * `onChange(text)` asks the question like this instead; null where it cannot be changed. `onTeach(index)` has the agent
   * know that file from now on, and resolves to whether it does; null where that cannot be asked for.
   * @param {{text: string, files: object[]}} message
   */
  constructor(strings, message, { onChange, onTeach = null }) {
    this.#strings = strings;
    this.#message = message;
    this.#onChange = onChange;
    this.#onTeach = onTeach;
    const who = strings.say(h("span", { class: "af-hidden" }), "chat.you");
    this.element = h("div", { class: "af-user" }, who, this.#files(), this.#words, this.#actions);
    this.#show();
  }

  /** Tells how much of the files has gone out, from 0 to 1; what is done is told no more. */
  uploading(part) {
    this.#progress?.remove();
    this.#progress = null;
    if (part === 1) return;
    const name = this.#strings.say(h("span"), "chat.uploading");
    this.#progress = h("label", { class: "af-uploading" }, name, h("progress", { value: part, max: 1 }));
    this.#words.before(this.#progress);
  }

  /** Tells how far a file of that name is, or why it could not be read: `known` is as in `sayReading`. */
  reading(name, known) {
    this.#readings.set(name, known);
    if (this.#message.files.some((file) => file.name === name)) this.#strings.again(this.element);
  }

  /** Offers the other versions; see `versionSwitch`. */
  offer(versions) {
    this.#actions.querySelector(".af-versions")?.remove();
    this.#actions.append(versionSwitch(this.#strings, versions) ?? "");
  }

  /** Puts the cursor on the way to another version, or on what is left of it at the first and the last. */
  focusVersions(step) {
    const ways = [...this.#actions.querySelectorAll(".af-versions button:enabled")];
    (ways.find((way) => way.dataset.step === step) ?? ways[0])?.focus();
  }

  #show() {
    const { text } = this.#message;
    const strings = this.#strings;
    this.#words.replaceChildren(text ? h("div", { class: "af-bubble", dir: "auto" }, text) : "");
    this.#actions.hidden = false;
    if (this.#actions.hasChildNodes()) return;
    if (text) this.#actions.append(copyAction(strings, "chat.copy_message", () => text));
    if (!this.#onChange) return;
    const edit = actionButton(strings, "pencil", "chat.edit_message", () => this.#edit());
    edit.classList.add("af-edit");
    this.#actions.append(edit);
  }

  /** The files, each with a way into what the agent knows. */
  #files() {
    const list = fileList(this.#strings, this.#message.files, (name) => this.#readings.get(name) ?? null);
    if (!list || !this.#onTeach) return list;
    [...list.children].forEach((link, index) => {
      const pair = h("span", { class: "af-file-pair" });
      link.replaceWith(pair);
      pair.append(teachButton(this.#strings, () => this.#onTeach(index)), link);
    });
    return list;
  }

  #edit() {
    const leave = () => {
      this.#show();
      this.#actions.querySelector(".af-edit").focus();
    };
    const editor = questionEditor(this.#strings, {
      text: this.#message.text,
      onSend: (text) => this.#onChange(text),
      onCancel: leave,
    });
    this.#words.replaceChildren(editor.element);
    this.#actions.hidden = true;
    editor.focus();
    editor.element.scrollIntoView({ block: "nearest" });
  }
}

/** A button that has the agent know a file; `teach()` resolves to whether it does. */
function teachButton(strings, teach) {
  let state = "chat.teach";
  const button = h("button", { type: "button", class: "af-action" });
  strings.bind(button, () => {
    button.title = strings.text(state);
    button.setAttribute("aria-label", button.title);
    button.replaceChildren(icon(state === "chat.taught" ? "check" : "book"));
  });
  button.addEventListener("click", async () => {
    if (state === "chat.taught" || button.ariaBusy) return;
    button.ariaBusy = "true";
    if (await teach()) state = "chat.taught";
    button.ariaBusy = null;
    strings.again(button.parentElement);
  });
  return button;
}

/** Files of a message as thumbnails and links; null where there are none. `readingOf(name)` is as in `sayReading`. */
export function fileList(strings, files, readingOf = () => null) {
  if (!files.length) return null;
  return h("div", { class: "af-files" }, ...files.map((file) => fileLink(strings, file, readingOf)));
}

function fileLink(strings, { name, media_type: type, size_bytes: size, url }, readingOf) {
  const link = { href: url, target: "_blank", rel: "noopener", title: name };
  if (PICTURE.test(type)) return h("a", { ...link, class: "af-picture" }, h("img", { src: url, alt: name }));
  const facts = h("span", { class: "af-muted" });
  strings.bind(facts, () => sayReading(strings, facts, size, readingOf(name)));
  return h("a", { ...link, class: "af-chip", download: name }, icon("file"), h("span", { dir: "auto" }, name), facts);
}

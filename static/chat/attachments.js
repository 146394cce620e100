/** Files chosen for the next message: picked, dropped or pasted; each a chip that can be taken away again. */

import { ReadingAhead, sayReading } from "./ahead.js";
import { h, icon } from "./dom.js";
import { acceptDrops } from "./drops.js";

/** As the server takes them: service/saying.py. Which files can be read, the server finds out, and tells in the steps. */
const MOST_FILES = 10;
const LARGEST_BYTES = 20_000_000;
const LARGEST_DESCRIPTION_BYTES = 3_000_000;
const PICTURES = /^image\/(?:png|jpeg|webp|gif)$/;
const SOUNDS = /^audio\//;
const UNREADABLE = /^(?:image|video)\//;
const DESCRIPTIONS = /\.(?:json|ya?ml)$/i;

export class Attachments {
  #strings;
  #files = [];
  /** Where the pictures among them can be seen, by file. */
  #pictures = new Map();
  #onRefused;
  #onChange;
  #seesPictures;
  #hearsSounds;
  #takes;
  #onOthers;
  #ahead;
  /** Where it is told how far each is, by file. */
  #facts = new WeakMap();
  #picker = h("input", { type: "file", multiple: true, hidden: true, tabindex: "-1" });

  /**
   * `area` is where files may be dropped. `takes`: "files" that somebody reads, or "descriptions" of services alone; `onOthers(files)` is then given what else was chosen. `seesPictures()` and `hearsSounds()`: whether whoever answers does.
   * `onRefused(tell)` is given what to say of files that were not taken, or that will not help; null where all is well.
   * `onChange()` is called when there are others. `aheadUrl()` is where they are read before they are sent, or null.
   */
  constructor(strings, { area, takes, onOthers, seesPictures, hearsSounds, aheadUrl, onRefused, onChange }) {
    this.#strings = strings;
    this.#seesPictures = seesPictures;
    this.#hearsSounds = hearsSounds;
    this.#takes = takes;
    this.#onOthers = onOthers;
    this.#onRefused = onRefused;
    this.#onChange = onChange;
    this.#ahead = new ReadingAhead(aheadUrl, (file) => this.#read(file));
    this.chips = strings.label(h("ul", { class: "af-chips af-plain", hidden: true }), "chat.attached");
    this.button = h("button", { type: "button", class: "af-round", onclick: () => this.#picker.click() }, icon("clip"));
    strings.label(this.button, takes === "descriptions" ? "chat.attach_description" : "chat.attach");
    this.element = h("div", { class: "af-attachments" }, this.chips, this.#picker);
    this.#picker.addEventListener("change", () => {
      this.choose([...this.#picker.files]);
      this.#picker.value = "";
    });
    acceptDrops(area, (files, folders) => this.choose(files, folders));
  }

  /** @returns {File[]} */
  get files() {
    return [...this.#files];
  }

  /** Takes those that can be of use, and says why the others are not. */
  choose(files, folders = []) {
    const refused = folders.map((name) => ["chat.no_folder", { name }]);
    const taken = [];
    const others = this.#takes === "descriptions" ? files.filter(({ name }) => !DESCRIPTIONS.test(name)) : [];
    for (const file of files.filter((each) => !others.includes(each))) {
      const why = this.#refusal(file, this.#files.length + taken.length);
      if (why) refused.push([why, { name: file.name, limit: why === "chat.too_many_files" ? MOST_FILES : this.#strings.size(this.#largest) }]);
      else taken.push(file);
    }
    if (taken.some(({ type }) => PICTURES.test(type)) && !this.#seesPictures()) refused.push(["chat.sees_no_pictures", {}]);
    if (taken.some(({ type }) => SOUNDS.test(type)) && !this.#hearsSounds()) refused.push(["chat.hears_no_sounds", {}]);
    this.add(taken);
    const said = new Map(refused.map(([key, params]) => [this.#strings.text(key, params), [key, params]]));
    this.#onRefused(said.size > 0 ? () => [...said.values()].map(([key, params]) => this.#strings.text(key, params)).join(" ") : null);
    if (others.length > 0) this.#onOthers(others);
  }

  add(files) {
    this.#files.push(...files);
    this.#render();
    for (const file of files) this.#ahead.add(file);
  }

  clear() {
    this.#files = [];
    this.#render();
  }

  /** Takes the files of a paste; leaves a paste of text alone, which office programs send with a picture of itself. */
  paste(event) {
    const { files = [], types = [] } = event.clipboardData ?? {};
    if (!files.length || types.includes("text/plain")) return;
    event.preventDefault();
    this.choose([...files]);
  }

  #refusal({ type, size }, count) {
    if (this.#takes === "files" && UNREADABLE.test(type) && !PICTURES.test(type)) return "chat.no_such_kind";
    if (size > this.#largest) return "chat.file_too_large";
    return count >= MOST_FILES ? "chat.too_many_files" : null;
  }

  get #largest() {
    return this.#takes === "descriptions" ? LARGEST_DESCRIPTION_BYTES : LARGEST_BYTES;
  }

  #render() {
    for (const [file, url] of this.#pictures) {
      if (this.#files.includes(file)) continue;
      URL.revokeObjectURL(url);
      this.#pictures.delete(file);
    }
    this.chips.replaceChildren(...this.#files.map((file) => this.#chip(file)));
    this.chips.hidden = !this.#files.length;
    this.#onChange();
  }

  #chip(file) {
    const size = h("span", { class: "af-muted" });
    this.#facts.set(file, size);
    this.#strings.bind(size, () => sayReading(this.#strings, size, file.size, this.#ahead.stateOf(file)));
    const remove = h("button", { type: "button", class: "af-remove", onclick: () => this.#remove(file) }, icon("close"));
    this.#strings.label(remove, "chat.remove_file", { name: file.name });
    return h("li", { class: "af-chip" }, this.#sign(file), h("span", { dir: "auto" }, file.name), size, remove);
  }

  #sign(file) {
    if (!PICTURES.test(file.type)) return icon("file");
    if (!this.#pictures.has(file)) this.#pictures.set(file, URL.createObjectURL(file));
    return h("img", { src: this.#pictures.get(file), alt: "" });
  }

  /** More is known of how far a file is. Why one cannot be read is said over the field, too. */
  #read(file) {
    const facts = this.#facts.get(file);
    if (facts) this.#strings.again(facts.parentElement);
    const known = this.#ahead.stateOf(file);
    if (known?.state === "failed" && this.#files.includes(file)) this.#onRefused(() => this.#strings.pick(known.why));
  }

  /** Takes one away; the cursor goes on to the next, so that a keyboard can take away several. */
  #remove(file) {
    const place = this.#files.indexOf(file);
    this.#files = this.#files.filter((other) => other !== file);
    this.#ahead.drop(file);
    this.#render();
    const rest = this.chips.querySelectorAll(".af-remove");
    (rest[place] ?? rest[place - 1] ?? this.button).focus();
  }
}

/** Files chosen for the next message: picked, dropped or pasted; each a chip that can be taken away again. */

import { h, icon } from "./dom.js";

export class Attachments {
  #strings;
  #files = [];
  #picker = h("input", { type: "file", multiple: true, hidden: true, tabindex: "-1" });

  /** `area` is where files may be dropped. */
  constructor(strings, area) {
    this.#strings = strings;
    this.chips = strings.label(h("ul", { class: "af-chips af-plain", hidden: true }), "chat.attached");
    this.button = h("button", { type: "button", class: "af-round", onclick: () => this.#picker.click() }, icon("clip"));
    strings.label(this.button, "chat.attach");
    this.element = h("div", { class: "af-attachments" }, this.chips, this.#picker);
    this.#picker.addEventListener("change", () => {
      this.add(this.#picker.files);
      this.#picker.value = "";
    });
    this.#acceptDrops(area);
  }

  /** @returns {File[]} */
  get files() {
    return [...this.#files];
  }

  add(files) {
    this.#files.push(...files);
    this.#render();
  }

  clear() {
    this.#files = [];
    this.#render();
  }

  /** Takes the files of a paste; leaves a paste of text alone. */
  paste(event) {
    const files = event.clipboardData?.files ?? [];
    if (!files.length) return;
    event.preventDefault();
    this.add(files);
  }

  #acceptDrops(area) {
    const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
    let depth = 0; // dragenter and dragleave come for every child on the way
    const mark = (entered) => {
      depth = entered === 0 ? 0 : Math.max(0, depth + entered);
      area.toggleAttribute("data-dropping", depth > 0);
    };
    area.addEventListener("dragenter", (event) => carriesFiles(event) && mark(1));
    area.addEventListener("dragleave", (event) => carriesFiles(event) && mark(-1));
    area.addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
    area.addEventListener("drop", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      mark(0);
      this.add(event.dataTransfer.files);
    });
  }

  #render() {
    this.chips.replaceChildren(...this.#files.map((file) => this.#chip(file)));
    this.chips.hidden = !this.#files.length;
  }

  #chip(file) {
    const size = h("span", { class: "af-muted" });
    this.#strings.bind(size, () => (size.textContent = this.#strings.size(file.size)));
    const remove = h("button", { type: "button", class: "af-remove", onclick: () => this.#remove(file) }, icon("close"));
    this.#strings.label(remove, "chat.remove_file", { name: file.name });
    return h("li", { class: "af-chip" }, icon("file"), h("span", { dir: "auto" }, file.name), size, remove);
  }

  #remove(file) {
    this.#files = this.#files.filter((other) => other !== file);
    this.#render();
  }
}

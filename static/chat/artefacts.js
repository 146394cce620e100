/** What tools made in this conversation: how it is shown, and which picture a marker in an answer means. */

import { h, icon } from "./dom.js";
import { PICTURE, fileList } from "./message.js";

/** How small models were taught to show a picture: `![IMAGEGEN](…)`. */
const MARKER = "IMAGEGEN";

/** All of a conversation's. Files are `{file, name, media_type, size_bytes, alt}`; `urlOf(file)` is where one is. */
export class Artefacts {
  #strings;
  #urlOf;
  #known = new Map();

  constructor(strings, urlOf) {
    this.#strings = strings;
    this.#urlOf = urlOf;
  }

  clear() {
    this.#known.clear();
  }

  /** The files as elements, in order: pictures as they are, others as links. */
  show(files) {
    const found = files.map((file) => ({ ...file, url: this.#urlOf(file.file) }));
    for (const file of found) this.#known.set(file.file, file);
    const others = fileList(this.#strings, found.filter((file) => !isPicture(file)));
    return [...found.filter(isPicture).map((file) => this.figure(file)), ...(others ? [others] : [])];
  }

  /** The picture of this conversation that `address` names by its id, alone or at the end of a path; else undefined. */
  pictureAt(address) {
    const name = address.split(/[?#]/)[0].split("/").at(-1);
    const file = this.#known.get(name);
    return file && isPicture(file) ? file : undefined;
  }

  /** A picture that opens whole in a tab of its own, and can be kept. */
  figure({ name, alt, url }) {
    const image = h("img", { src: url, alt: alt || name, decoding: "async", onerror: () => this.#miss(figure) });
    const open = this.#strings.label(h("a", { href: url, target: "_blank", rel: "noopener" }, image), "chat.picture.open");
    const keep = h("a", { class: "af-keep", href: url, download: name }, icon("keep"));
    const figure = h("figure", { class: "af-artefact" }, open, this.#strings.label(keep, "chat.picture.download"));
    return figure;
  }

  #miss(figure) {
    figure.replaceChildren(this.#strings.say(h("p", { class: "af-note" }), "chat.picture.gone"));
  }
}

/** What one answer has shown of the artefacts so far, and what its markers mean. */
export class Shown {
  #artefacts;
  #files = new Set();

  constructor(artefacts) {
    this.#artefacts = artefacts;
  }

  add(files) {
    for (const { file } of files) this.#files.add(file);
    return this.#artefacts.show(files);
  }

  /**
   * What stands in place of a picture that an answer names: one of this conversation, or nothing where it is to be seen
   * in this answer already. Null where it is no picture of this conversation.
   */
  meant = (label, address) => {
    const file = this.#artefacts.pictureAt(address);
    if (file && !this.#files.has(file.file)) return this.#artefacts.figure(file);
    return file || (label === MARKER && this.#files.size) ? new Text("") : null;
  };
}

function isPicture({ media_type: type }) {
  return PICTURE.test(type);
}

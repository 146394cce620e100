/** What tools made in this conversation: how it is shown, and which file a marker in an answer means. */

import { h, icon } from "./dom.js";
import { PICTURE, fileList } from "./message.js";

/** How small models were taught to show a file: `![IMAGEGEN](…)`, `<audio src="…"/>` and `<video src="…"/>`. */
const MARKERS = ["IMAGEGEN", "audio", "video"];

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

  /** The files as elements, in order: pictures, sounds and videos as they are, others as links. */
  show(files) {
    const found = files.map((file) => ({ ...file, url: this.#urlOf(file.file) }));
    for (const file of found) this.#known.set(file.file, file);
    const others = fileList(this.#strings, found.filter((file) => !isShown(file)));
    return [...found.filter(isShown).map((file) => this.figure(file)), ...(others ? [others] : [])];
  }

  /** What this conversation can show at `address`, which names it by its id, alone or at the end of a path; else undefined. */
  fileAt(address) {
    const name = address.split(/[?#]/)[0].split("/").at(-1);
    const file = this.#known.get(name);
    return file && isShown(file) ? file : undefined;
  }

  /** A file as it is seen or heard, which can be kept. */
  figure(file) {
    return PICTURE.test(file.media_type) ? this.#picture(file) : this.#player(file);
  }

  /** A picture, which opens whole in a tab of its own. */
  #picture({ name, alt, url }) {
    const image = h("img", { src: url, alt: alt || name, decoding: "async", onerror: () => this.#miss(figure) });
    const open = this.#strings.label(h("a", { href: url, target: "_blank", rel: "noopener" }, image), "chat.picture.open");
    const keep = h("a", { class: "af-keep", href: url, download: name }, icon("keep"));
    const figure = h("figure", { class: "af-artefact" }, open, this.#strings.label(keep, "chat.picture.download"));
    return figure;
  }

  /** A sound or a video with the browser's own controls. */
  #player({ name, alt, url, media_type: type }) {
    const tag = type.startsWith("video/") ? "video" : "audio";
    const label = { "aria-label": alt || name, title: alt || name };
    const player = h(tag, { ...label, src: url, controls: true, preload: "metadata", onerror: () => this.#miss(figure) });
    const keep = h("a", { class: "af-keep", href: url, download: name }, icon("keep"));
    const figure = h("figure", { class: `af-artefact af-${tag}` }, player, this.#strings.label(keep, "chat.medium.download"));
    return figure;
  }

  #miss(figure) {
    const gone = figure.matches(".af-audio, .af-video") ? "chat.medium.gone" : "chat.picture.gone";
    figure.replaceChildren(this.#strings.say(h("p", { class: "af-note" }), gone));
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
   * What stands in place of a file that an answer names: one of this conversation, or nothing where it is to be seen in
   * this answer already. Null where it is none of this conversation.
   */
  meant = (label, address) => {
    const file = this.#artefacts.fileAt(address);
    if (file && !this.#files.has(file.file)) return this.#artefacts.figure(file);
    return file || (MARKERS.includes(label) && this.#files.size) ? new Text("") : null;
  };
}

function isShown({ media_type: type }) {
  return PICTURE.test(type) || /^(?:audio|video)\//.test(type);
}

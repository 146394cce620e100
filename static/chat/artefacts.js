/** What tools made in this conversation: how it is shown, and which file a marker in an answer means. */

import { h, icon } from "./dom.js";
import { PICTURE } from "./message.js";
import { tableFigure } from "./table.js";

/** How small models were taught to show a file: `![IMAGEGEN](…)`, `<audio src="…"/>` and `<video src="…"/>`. */
const MARKERS = ["IMAGEGEN", "audio", "video"];
const PLAYED = /^(?:audio|video)\//;

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

  /** The files as elements, in order: pictures, sounds and videos as they are, others as cards. */
  show(files) {
    return files.map((file) => this.figure(this.#remember(file)));
  }

  /** The tables as elements, in order, each with its file. */
  tables(tables) {
    return tables.map((table) => tableFigure(this.#strings, { ...table, file: table.file && this.#remember(table.file) }));
  }

  /**
   * The file of this conversation at `address`, which names it by its id, alone or at the end of a path, or by its name,
   * also of a path; else undefined. At another host a file of the same name is another one.
   */
  fileAt(address) {
    const name = address.split(/[?#]/)[0].split(/[\\/]/).at(-1);
    const isElsewhere = /^(?:[a-z]+:)?\/\//i.test(address);
    return this.#known.get(name) ?? (isElsewhere ? undefined : [...this.#known.values()].findLast((file) => file.name === name));
  }

  /** A file as it is seen or heard, or a card; it can be kept. */
  figure(file) {
    if (PICTURE.test(file.media_type)) return this.#picture(file);
    return PLAYED.test(file.media_type) ? this.#player(file) : this.#card(file);
  }

  #remember(file) {
    const known = { ...file, url: this.#urlOf(file.file) };
    this.#known.set(file.file, known);
    return known;
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

  /** A file that is not shown here, whatever it holds: one presses it to keep it. */
  #card({ name, size_bytes: size, url }) {
    const facts = h("span", { class: "af-muted" });
    this.#strings.bind(facts, () => (facts.textContent = this.#strings.size(size)));
    const about = h("span", { class: "af-file-about" }, h("span", { class: "af-file-name", dir: "auto" }, name), facts);
    const keep = h("span", { class: "af-file-keep" }, icon("keep"), this.#strings.say(h("span"), "chat.medium.download"));
    return h("a", { class: "af-artefact af-file", href: url, download: name, title: name }, icon("file"), about, keep);
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

  add({ files = [], tables = [] }) {
    for (const { file } of [...files, ...tables.flatMap((table) => table.file ?? [])]) this.#files.add(file);
    return [...this.#artefacts.show(files), ...this.#artefacts.tables(tables)];
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

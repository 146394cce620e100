// The files that an agent knows, each in a row: how far it is, why it could not be read, and what can be done about it.

import { h } from "../chat/dom.js";
import { button, icon, iconButton, keepingTyped, outward } from "./widgets.js";

/** So many are shown at first, and so many more at each press: a page of ten thousand rows is of use to nobody. */
const SHOWN = 100;
const AT_WORK = ["queued", "reading", "indexing"];

export class FileRows {
  element = h("div", { class: "st-known-list" });
  #session;
  #known;
  #passages;
  #list = h("ul", { class: "st-files" });
  #rows = new Map();
  #most = SHOWN;
  /** The file whose tags are being written. */
  #tagging = "";

  constructor(session, known, passages) {
    this.#session = session;
    this.#known = known;
    this.#passages = passages;
    this.element.append(this.#list);
  }

  draw() {
    const { files } = this.#known;
    const shown = files.slice(0, this.#most);
    const rows = shown.map((file) => this.#row(file));
    this.#rows = new Map(rows.map((row) => [row.element.dataset.row, row]));
    const elements = rows.map(({ element }) => element);
    const isSame = elements.length === this.#list.children.length && elements.every((element, at) => element === this.#list.children[at]);
    // Where the last file goes, the cursor goes to where files are added.
    const root = elements.length > 0 ? this.#list : (this.element.parentElement ?? this.#list);
    if (!isSame) keepingTyped(root, () => this.#list.replaceChildren(...elements));
    this.#drawMore(files.length - shown.length);
  }

  /** The row as it stands where nothing but its progress is another. */
  #row(file) {
    const { progress, ...rest } = file;
    const state = JSON.stringify([rest, this.#session.strings.language, this.#tagging === file.id]);
    const known = this.#rows.get(file.id);
    const row = known?.state === state ? known : { state, element: this.#drawn(file) };
    const bar = row.element.querySelector("progress");
    if (bar) setProgress(bar, file);
    return row;
  }

  #drawn(file) {
    const { strings } = this.#session;
    const { t, of, size } = strings;
    return h(
      "li",
      { "data-state": file.state, "data-row": file.id },
      icon("file"),
      h("span", { dir: "auto", title: file.name }, file.name),
      h("small", {}, size(file.size_bytes)),
      h("em", {}, t(`ui.known_state.${file.state}`, { count: strings.count(file.passages) })),
      h("div", { class: "st-actions" }, ...this.#actions(file)),
      this.#tagging === file.id ? this.#tagForm(file) : tagsOf(file),
      file.source && h("p", {}, file.source.startsWith("http") ? outward(file.source, t("ui.known_source")) : h("small", { class: "st-place", dir: "ltr" }, file.source)),
      AT_WORK.includes(file.state) ? h("progress", { max: 1, "aria-label": t("ui.known_progress", { name: file.name }) }) : null,
      file.reason && h("p", { class: "st-problem" }, of(file.reason)),
      file.notes.length > 0 ? notesOf(file, strings) : null,
    );
  }

  #actions(file) {
    const { t } = this.#session.strings;
    const { name } = file;
    const look = () => button(t("ui.known_look"), () => this.#passages.open(file), { kind: "quiet", name: t("ui.known_look_named", { name }) });
    const retry = () => button(t("ui.retry"), () => this.#known.retry(file), { kind: "quiet", name: t("ui.known_retry_named", { name }) });
    const cancel = () => iconButton("close", t("ui.known_cancel", { name }), () => this.#known.cancel(file));
    const again = () => iconButton("again", t("ui.known_refresh", { name }), () => this.#known.refresh(file));
    const tag = () => iconButton("tag", t("ui.known_tags", { name }), () => this.#tag(this.#tagging === file.id ? "" : file.id));
    const own = [file.passages > 0 && file.state === "ready" && look(), file.state === "failed" && retry(), AT_WORK.includes(file.state) && cancel(), file.source && file.state === "ready" && again(), tag()];
    const free = own.filter(Boolean).map((control) => h("span", { class: "st-known-free" }, control));
    return [...free, iconButton("trash", t("ui.remove_file", { name }), () => this.#known.remove(file))];
  }

  #tag(file) {
    this.#tagging = file;
    this.draw();
    this.element.querySelector("input[name=tags]")?.focus();
  }

  #tagForm(file) {
    const { t } = this.#session.strings;
    const input = h("input", { name: "tags", class: "st-input", maxlength: 1000, "aria-label": t("ui.known_tags", { name: file.name }), placeholder: t("ui.known_tags_example") });
    input.value = file.tags.join(", ");
    const save = button(t("ui.save"), null, { kind: "main" });
    save.type = "submit";
    const store = async (event) => {
      event.preventDefault();
      const tags = input.value.split(/[,，、;；]/).map((tag) => tag.trim().slice(0, 60)).filter(Boolean).slice(0, 20);
      this.#tagging = "";
      await this.#known.tag(file, tags);
      this.draw();
    };
    return h("form", { class: "st-known-form st-known-free", onsubmit: store }, input, save);
  }

  #drawMore(left) {
    const { t, count } = this.#session.strings;
    this.element.querySelector(":scope > .st-button")?.remove();
    if (left <= 0) return;
    const more = () => {
      this.#most += SHOWN;
      this.draw();
    };
    this.element.append(button(t("ui.known_more", { count: count(Math.min(SHOWN, left)) }), more, { kind: "quiet" }));
  }
}

function setProgress(bar, { state, progress }) {
  if (state === "queued") bar.value = 0;
  else if (progress > 0) bar.value = progress;
  else bar.removeAttribute("value");
}

function tagsOf({ tags }) {
  return tags.length > 0 ? h("p", { class: "st-known-tags" }, ...tags.map((tag) => h("span", { dir: "auto" }, tag))) : null;
}

function notesOf(file, { t, of, count }) {
  const lines = file.notes.map((note) => h("li", {}, of(note)));
  return h("details", {}, h("summary", {}, t("ui.known_notes", { count: count(lines.length) })), h("ul", {}, ...lines));
}

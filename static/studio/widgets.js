// The small things that every part of the page is made of.

import { h } from "../chat/dom.js";

const SHAPES = {
  library: "M4 5h6v14H4z M14 5h6v6h-6z M14 15h6v4h-6z",
  key: "M8 20a4 4 0 1 1 .01 0z M11 13.2 20 4 M16.5 7.5l3 3",
  sun: "M12 8a4 4 0 1 0 .01 0z M12 2.5v2 M12 19.5v2 M2.5 12h2 M19.5 12h2 M5.3 5.3l1.4 1.4 M17.3 17.3l1.4 1.4 M18.7 5.3l-1.4 1.4 M6.7 17.3l-1.4 1.4",
  moon: "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z",
  plus: "M12 5v14 M5 12h14",
  copy: "M9 9h11v11H9z M5 15H4V4h11v1",
  pencil: "M4 20l1-4L16 5l3 3L8 19z",
  down: "M6.5 9.5l5.5 5.5 5.5-5.5",
  trash: "M5 7h14 M10 7V4h4v3 M7 7l1 13h8l1-13",
  check: "M5 12.5l4.5 4.5L19 7.5",
  close: "M6 6l12 12 M18 6L6 18",
  upload: "M12 16V5 M7 9.5L12 5l5 4.5 M5 19h14",
  file: "M7 3h7l4 4v14H7z M14 3v4h4",
  chat: "M4 5h16v11H11l-5 4v-4H4z",
  build: "M4 20l8-8 M14 4.5a4.5 4.5 0 0 1 5.5 5.5L15.5 14 10 8.5z",
  alert: "M12 3a9 9 0 1 0 .01 0z M12 7.5v5.5 M12 16.3h.01",
  compass: "M12 3a9 9 0 1 0 .01 0z M15.5 8.5l-2 5-5 2 2-5z",
  pages: "M6 3h9l4 4v14H6z M9.5 11h6 M9.5 15h6 M9.5 7h2",
  bubble: "M3.5 4h12v9H9l-3.5 3v-3h-2z M18 9h2.5v8h-2v3l-3.5-3H11",
  pen: "M4 20l3-1L19 7l-2-2L5 17z M13 20h7",
  keyboard: "M3 6.5h18v11H3z M6.5 10h.01 M10 10h.01 M14 10h.01 M17.5 10h.01 M8 14h8",
  braces: "M9 4.5c-2.5 0-2.5 1.5-2.5 3.5s0 3.5-2.5 4c2.5.5 2.5 2 2.5 4s0 3.5 2.5 3.5 M15 4.5c2.5 0 2.5 1.5 2.5 3.5s0 3.5 2.5 4c-2.5.5-2.5 2-2.5 4s0 3.5-2.5 3.5",
  download: "M12 5v11 M7 11.5l5 4.5 5-4.5 M5 19.5h14",
  clock: "M12 4a8 8 0 1 0 .01 0z M12 7.5V12l3 2",
  locked: "M6.5 11h11v9h-11z M9 11V8a3 3 0 0 1 6 0v3",
  unlocked: "M6.5 11h11v9h-11z M9 11V8a3 3 0 0 1 5.8-1",
  undo: "M8.5 5L4.5 9l4 4 M4.5 9H14a5.5 5.5 0 0 1 0 11h-3",
  tag: "M4 4h8l8 8-8 8-8-8z M8.5 8.5h.01",
  again: "M19 12a7 7 0 1 1-2.2-5.1 M19.2 3.8v4h-4",
  cards: "M4 5h7v6H4z M13 5h7v6h-7z M4 13h7v6H4z M13 13h7v6h-7z",
  link: "M14 4h6v6 M20 4l-9 9 M18 14v6H4V6h6",
};

/** A line drawing that takes the colour of the text around it. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "st-icon");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

/** A button with words, and with an icon before them if one is named. `name` is what it is called where its words are not enough. */
export function button(label, onclick, { shape = null, kind = "plain", name = null } = {}) {
  return h("button", { type: "button", class: `st-button st-button-${kind}`, "aria-label": name, onclick }, shape && icon(shape), h("span", {}, label));
}

/** A button with an icon and no words; `label` is what it is called, and what the pointer shows. */
export function iconButton(shape, label, onclick) {
  return h("button", { type: "button", class: "st-icon-button", "aria-label": label, title: label, onclick }, icon(shape));
}

/** A link to another site, in a tab of its own. */
export function outward(url, label) {
  return h("a", { class: "st-link", href: url, target: "_blank", rel: "noopener noreferrer" }, label, icon("link"));
}

/** A button that asks for files. `multiple` and `accept` as on an input; `folder`: for all that are in a folder. */
export function fileButton(label, onfiles, { multiple = false, accept = null, folder = false } = {}) {
  const input = h("input", { type: "file", class: "st-unseen", multiple: multiple || folder, accept, webkitdirectory: folder });
  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = "";
    if (files.length > 0) onfiles(files);
  });
  return h("label", { class: "st-button st-button-plain" }, input, icon("upload"), h("span", {}, label));
}

/**
 * A modal dialog. `draw(body, close)` fills an empty body, each time it opens and whenever `redraw` is called. What looks
 * as before is left alone, so that a press on it is not lost. A click beside it closes it.
 */
export class Panel {
  #draw;
  #body = h("div");

  constructor(className, draw) {
    this.#draw = draw;
    this.element = h("dialog", { class: `af st-dialog ${className}` }, this.#body);
    this.element.addEventListener("click", ({ target }) => target === this.element && this.close());
  }

  open() {
    if (!this.element.open) this.element.showModal();
    this.redraw();
  }

  /** Opens it this once: it is out of the page when it is closed. */
  openOnce() {
    document.body.append(this.element);
    this.element.addEventListener("close", () => this.element.remove());
    this.open();
  }

  close() {
    this.element.close();
  }

  redraw() {
    const body = h("div", { class: "st-dialog-body" });
    this.#draw(body, () => this.close());
    this.element.setAttribute("aria-label", body.querySelector("h2")?.textContent ?? "");
    if (body.isEqualNode(this.#body)) return;
    keepingTyped(this.element, () => this.#body.replaceWith(body));
    this.#body = body;
  }

  /** Put the cursor on the row of that name; where there is none, on the main button, or the first. */
  focus(row) {
    const first = this.#body.querySelector(`[data-row="${row}"] button`) ?? this.#body.querySelector("header .st-button-main") ?? this.#body.querySelector("button");
    first?.focus();
  }
}

/**
 * Runs `draw`, which fills `root` anew. What is typed in its named inputs, and the cursor, go on in their successors; a
 * cursor whose place is gone goes to the nearest one.
 */
export function keepingTyped(root, draw) {
  const focused = document.activeElement;
  const row = root.contains(focused) ? focused.closest("[data-row]") : null;
  const place = placesIn(row ?? root).indexOf(focused);
  const typed = [...root.querySelectorAll("input[name]:not([type=radio])")].filter((input) => input.value !== "" || input === focused);
  draw();
  for (const old of typed) {
    const input = root.querySelector(`input[name="${CSS.escape(old.name)}"]`);
    if (!input || input === old) continue;
    input.value = old.value;
    if (old !== focused) continue;
    input.focus();
    // A number has no place in it that the cursor could be put at.
    if (old.selectionStart !== null) input.setSelectionRange(old.selectionStart, old.selectionEnd);
  }
  if (place < 0 || root.contains(document.activeElement)) return;
  const successor = row && root.querySelector(`[data-row="${CSS.escape(row.dataset.row)}"]`);
  const near = successor ? placesIn(successor) : [];
  const places = near.length > 0 ? near : placesIn(root);
  places[Math.min(place, places.length - 1)]?.focus();
}

/** Where the cursor can be, in order. */
function placesIn(root) {
  return [...root.querySelectorAll("button, input, select, textarea, summary, a[href]")].filter((it) => !it.disabled && it.checkVisibility());
}

/** The head of a dialog: its title, actions, and the way out. */
export function panelHead(title, closeLabel, close, ...actions) {
  return h("header", {}, h("h2", {}, title), ...actions, iconButton("close", closeLabel, close));
}

/** Does `work`, and says in `problem` what goes wrong. */
export async function attempt(work, problem, strings) {
  problem.textContent = "";
  try {
    await work();
  } catch (failure) {
    problem.textContent = strings.sentence(failure);
  }
}

/** A titled list in a dialog, as a list of elements: none where there are no rows. */
export function section(title, rows) {
  return rows.length > 0 ? [h("section", {}, h("h3", {}, title), h("ul", { class: "st-rows" }, ...rows))] : [];
}

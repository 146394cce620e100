/** A table that a tool made: its first rows, the others at a press, and all of it as a file. */

import { h, icon } from "./dom.js";

/** So many rows are seen at once. One more costs less room than the button that would show it. */
const FIRST_ROWS = 10;
/** Words that are longer get the width that they can be read in; the frame scrolls. */
const LONG_CHARS = 40;

/** The table in the page. Its `file` is `{name, url}`, or null where all of it is nowhere to be had. */
export function tableFigure(strings, { title, columns, rows, total_rows: totalRows, total_columns: totalColumns, file }) {
  const kinds = columns.map((_, place) => (isNumeric(rows, place) ? "right" : null));
  const drawn = (some) => some.map((row) => h("tr", {}, ...row.map((cell, place) => cellOf(cell, kinds[place]))));
  const head = columns.map((name, place) => h("th", { scope: "col", align: kinds[place], dir: "auto" }, name));
  const isLong = rows.length > FIRST_ROWS + 1;
  const body = h("tbody", {}, ...drawn(isLong ? rows.slice(0, FIRST_ROWS) : rows));
  const facts = h("span", { class: "af-muted" });
  strings.bind(facts, () => (facts.textContent = sizeOf(strings, totalRows, totalColumns)));
  const caption = h("figcaption", {}, title ? h("span", { class: "af-data-title", dir: "auto" }, title) : null, facts);
  const frame = h("div", { class: "af-table", tabindex: "0", role: "group" }, h("table", {}, h("thead", {}, h("tr", {}, ...head)), body));
  strings.bind(frame, () => frame.setAttribute("aria-label", title || strings.text("chat.table")));
  const figure = h("figure", { class: "af-data" }, caption, frame);
  const foot = h("div", { class: "af-data-foot" });
  if (isLong) foot.append(moreRows(strings, { frame, body, count: rows.length, rest: () => drawn(rows.slice(FIRST_ROWS)) }));
  if (file) foot.append(h("a", { class: "af-button", href: file.url, download: file.name }, icon("keep"), strings.say(h("span"), "chat.table.download")));
  if (rows.length < totalRows || columns.length < totalColumns) foot.append(note(strings, rows, columns, file));
  if (foot.hasChildNodes()) figure.append(foot);
  return figure;
}

/** A button that shows the other rows, and hides them again. They are drawn when they are first wanted. */
function moreRows(strings, { frame, body, count, rest }) {
  let others = null;
  const words = h("span");
  const button = h("button", { type: "button", class: "af-button", "aria-expanded": "false" }, words);
  const isOpen = () => button.getAttribute("aria-expanded") === "true";
  strings.bind(words, () => (words.textContent = strings.text(isOpen() ? "chat.table.fewer" : "chat.table.all", { count: strings.number(count) })));
  button.addEventListener("click", () => {
    others ??= rest();
    if (isOpen()) for (const row of others) row.remove();
    else body.append(...others);
    button.setAttribute("aria-expanded", String(!isOpen()));
    frame.scrollTop = 0;
    strings.again(button);
  });
  return button;
}

function sizeOf(strings, rows, columns) {
  return strings.text("chat.table.size", { rows: strings.number(rows), columns: strings.number(columns) });
}

/** How much of it is not in the page. */
function note(strings, rows, columns, file) {
  const shown = { rows: strings.number(rows.length), columns: strings.number(columns.length) };
  return strings.say(h("span", { class: "af-muted" }), file ? "chat.table.cut" : "chat.table.cut_without_file", shown);
}

function cellOf(cell, align) {
  if (typeof cell === "number") return h("td", { align }, String(cell));
  const text = cell === null ? "" : String(cell);
  return h("td", { align, dir: "auto", class: text.length > LONG_CHARS ? "af-long" : null }, text);
}

/** Whether a column holds numbers, and nothing else but gaps. */
function isNumeric(rows, place) {
  const cells = rows.map((row) => row[place]).filter((cell) => cell !== null);
  return cells.length > 0 && cells.every((cell) => typeof cell === "number");
}

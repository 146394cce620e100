// What differs between two configurations: fields by their labels, texts word by word, lists by what came and went.

import { isPolicy, written } from "../chat/changes.js";
import { h } from "../chat/dom.js";
import { button } from "./widgets.js";

/** So much of what both texts have is shown at each side of a difference. */
const AROUND_CHARS = 80;

/** A list of differences as the server tells them; `actionOf(difference)` gives what can be done about one, if anything. */
export function differenceList(session, differences, actionOf = () => null) {
  return h("ul", { class: "st-differences" }, ...differences.map((each) => row(session, each, actionOf(each))));
}

function row({ strings, toolTitle }, difference, action) {
  const { field, before, after, pieces } = difference;
  const name = h("b", {}, strings.field(field, toolTitle));
  const isList = Array.isArray(before) || Array.isArray(after);
  const told = pieces.length > 0 ? text(strings, pieces) : isList ? items(before ?? [], after ?? []) : values(strings, field, before, after);
  return h("li", { "data-field": field }, h("div", { class: "st-difference-head" }, name, action || null), told);
}

/** A text with what went struck out and what came underlined. What both have is shortened, and can be shown whole. */
function text({ t }, pieces) {
  const body = h("p", { class: "st-difference-text", dir: "auto" });
  const draw = (whole) => {
    body.replaceChildren(...pieces.map((piece, at) => drawn(piece, whole ? piece.text : shortened(piece, at, pieces.length))));
    if (!whole && pieces.some((piece, at) => shortened(piece, at, pieces.length) !== piece.text)) {
      body.append(" ", button(t("ui.difference_whole"), () => draw(true), { kind: "quiet" }));
    }
  };
  draw(false);
  return body;
}

function drawn({ kind }, words) {
  return kind === "same" ? document.createTextNode(words) : h(kind === "gone" ? "del" : "ins", {}, words);
}

function shortened({ kind, text }, at, count) {
  const [head, tail] = [at > 0 ? AROUND_CHARS : 0, at < count - 1 ? AROUND_CHARS : 0];
  if (kind !== "same" || text.length <= head + tail + 20) return text;
  return `${head ? text.slice(0, head) : ""} … ${tail ? text.slice(-tail) : ""}`;
}

function items(before, after) {
  const lines = [...before.map((item) => h("del", { dir: "auto" }, String(item))), ...after.map((item) => h("ins", { dir: "auto" }, String(item)))];
  return h("ul", { class: "st-difference-items" }, ...lines.map((line) => h("li", {}, line)));
}

function values(strings, field, before, after) {
  const value = (tag, is) => h(tag, { dir: "auto" }, written(strings.chat, field, is));
  const [had, has] = [before, after].map((is) => isPolicy(field) || ![null, "", undefined].includes(is));
  const switched = typeof after === "boolean" || field === "avatar";
  const parts = switched || !had ? [value("ins", after)] : has ? [value("del", before), " → ", value("ins", after)] : [value("del", before)];
  return h("p", { class: "st-difference-text" }, ...parts);
}

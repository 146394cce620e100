// What a version changed, in a few lines: what was and what is, what came and what went.

import { isPolicy, written } from "../chat/changes.js";
import { h } from "../chat/dom.js";

const MOST_LINES = 3;

/** The lines of a version; `titleOf(id)` is what people call a tool. */
export function changeLines(strings, { fields, changes }, titleOf) {
  const { t } = strings;
  if (changes.length === 0) return [h("b", {}, namesOf(strings, fields, titleOf) || t("ui.version_begin"))];
  const most = changes.length > MOST_LINES + 1 ? MOST_LINES : changes.length;
  const lines = changes.slice(0, most).map((change) => changeLine(strings, change, titleOf));
  const rest = changes.slice(most).map(({ field }) => field);
  if (rest.length === 0) return lines;
  return [...lines, h("span", { class: "st-version-more" }, t("ui.version_more", { names: namesOf(strings, rest, titleOf) }))];
}

function namesOf(strings, fields, titleOf) {
  return [...new Set(fields.map((name) => strings.field(name, titleOf)))].join(strings.t("ui.comma"));
}

function changeLine(strings, { field, before, after }, titleOf) {
  const name = h("b", {}, strings.field(field, titleOf));
  const isList = Array.isArray(before) || Array.isArray(after);
  const parts = isList ? itemsOf(strings, before ?? [], after ?? []) : valuesOf(strings, field, before, after);
  return h("span", { class: "st-version-change" }, name, ...(parts.length > 0 ? [strings.t("ui.colon"), ...parts] : []));
}

/** Of a list: what came and what went. */
function itemsOf({ t }, before, after) {
  const told = (tag, sign, items) => (items.length > 0 ? [sign, h(tag, { dir: "auto" }, items.join(t("ui.comma")))] : []);
  const come = told("ins", "+ ", after);
  return [...come, ...told("del", come.length > 0 ? " − " : "− ", before)];
}

/** What was, an arrow, what is. A switch says what it is now, and so does what had no value before. */
function valuesOf(strings, field, before, after) {
  const value = (tag, is) => h(tag, { dir: "auto" }, written(strings.chat, field, is));
  if (typeof after === "boolean" || field === "avatar") return [value("ins", after)];
  const [had, has] = [before, after].map((is) => isPolicy(field) || (is !== null && is !== ""));
  if (had && has) return [value("del", before), " → ", value("ins", after)];
  if (had) return [value("del", before)];
  return has ? [value("ins", after)] : [];
}

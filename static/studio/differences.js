// What a service describes otherwise than a person allowed it: each part as it was and as it is, without what is the same.

import { h } from "../chat/dom.js";

/** A term and its description for one part of a tool or an operation. */
export function partOf({ part, before, after }, t) {
  const [was, is] = marked(...trimmed(written(before), written(after)));
  return [h("dt", {}, t(`ui.mcp_part.${part}`)), h("dd", {}, h("del", { dir: "auto" }, ...was), h("ins", { dir: "auto" }, ...is))];
}

function written(value) {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

/** Both texts without the lines with which both begin and end, so that one letter in a long schema is found. */
function trimmed(before, after) {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const most = Math.min(old.length, now.length);
  let head = 0;
  while (head < most && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < most - head && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const [first, last] = [Math.max(0, head - 1), Math.max(0, tail - 1)];
  return [old, now].map((lines) => {
    const kept = lines.slice(first, lines.length - last);
    return [...(first > 0 ? ["…"] : []), ...kept, ...(last > 0 ? ["…"] : [])].join("\n");
  });
}

/** Both texts, each with what only it has as a mark. */
function marked(before, after) {
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < most - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  return [before, after].map((text) => {
    const own = text.slice(head, text.length - tail);
    return [text.slice(0, head), own && h("mark", {}, own), text.slice(text.length - tail)].filter(Boolean);
  });
}

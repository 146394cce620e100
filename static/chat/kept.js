/** Who reads what a visitor writes, and how long it is kept: one line, and the rest for whoever opens it. */

import { h } from "./dom.js";

/**
 * The line for below the chat. `kept_days` and `asks_model` are the profile's; a conversation of a page in a `frame` is
 * found again by nobody, so nobody deletes it.
 */
export function keptLine(strings, { kept_days: days, asks_model: asksModel }, { frame = false } = {}) {
  const line = strings.bind(h("summary"), (summary) => {
    summary.textContent = strings.counted(days, { one: "chat.kept_day", many: "chat.kept_days" });
  });
  const sent = asksModel ? strings.say(h("p"), "chat.kept_model") : null;
  const readers = strings.say(h("p"), "chat.kept_readers");
  const end = strings.say(h("p"), frame ? "chat.kept_frame" : "chat.kept_delete");
  return h("details", { class: "af-page-kept" }, line, sent, readers, end);
}

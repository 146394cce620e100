/** What can be done with a message that stands there: copy it, change it, ask again, look at its other versions. */

import { COPIED_FOR_MS, copyText } from "./clipboard.js";
import { h, icon } from "./dom.js";

/** A row of actions. It is no news when it appears, so a screen reader is not told. */
export function actionRow(...actions) {
  return h("div", { class: "af-actions", "aria-live": "off" }, ...actions);
}

/** A button with an icon, called by the text of `key`. */
export function actionButton(strings, shape, key, onclick) {
  return strings.label(h("button", { type: "button", class: "af-action", onclick }, icon(shape)), key);
}

/** A button that copies what `read()` gives; for a moment it says whether that went well. */
export function copyAction(strings, key, read) {
  const button = h("button", { type: "button", class: "af-action" });
  let state = "";
  strings.bind(button, () => {
    button.title = strings.text(state || key);
    button.setAttribute("aria-label", button.title);
    button.replaceChildren(icon({ "chat.copied": "check", "chat.copy_failed": "alert" }[state] ?? "copy"));
  });
  const show = (now) => {
    state = now;
    strings.again(button.parentElement);
  };
  button.addEventListener("click", async () => {
    show((await copyText(read())) ? "chat.copied" : "chat.copy_failed");
    setTimeout(() => show(""), COPIED_FOR_MS);
  });
  return button;
}

/**
 * The way between the versions of a turn, "‹ 2 / 3 ›"; null where there is one. `turns` are all of them, in order.
 * @param {{turn: string, turns: string[], onChoose: (turn: string, step: "earlier" | "later") => void}} versions
 */
export function versionSwitch(strings, { turn, turns, onChoose }) {
  const place = turns.indexOf(turn);
  if (turns.length < 2 || place < 0) return null;
  const step = (name, by) => {
    const button = actionButton(strings, "chevron", `chat.version.${name}`, () => onChoose(turns[place + by], name));
    button.dataset.step = name;
    button.disabled = !(place + by in turns);
    return button;
  };
  const shown = { number: place + 1, count: turns.length };
  const words = strings.say(h("span"), "chat.version.place", shown);
  const group = h("div", { class: "af-versions", role: "group" }, step("earlier", -1), words, step("later", 1));
  return strings.bind(group, () => group.setAttribute("aria-label", strings.text("chat.version.label", shown)));
}

/** Blocks of code: coloured, named and ready to copy. */

import hljs from "../vendor/highlightjs-11.12.0/highlight.min.js";
import { COPIED_FOR_MS, copyText } from "./clipboard.js";
import { h } from "./dom.js";

/** Colouring more than this would hold up the page; such code stays plain. */
const LONGEST_COLOURED_CHARS = 30_000;

/** Gives every `<pre>` of a fragment its colours and its bar. */
export function dressCode(fragment, strings) {
  for (const pre of fragment.querySelectorAll("pre")) {
    const code = pre.querySelector("code") ?? pre;
    const language = /(?:^|\s)language-(\S+)/.exec(code.className)?.[1] ?? "";
    colour(code, language);
    const frame = h("div", { class: "af-code", dir: "ltr" });
    pre.tabIndex = 0;
    pre.replaceWith(frame);
    frame.append(h("div", { class: "af-code-bar" }, h("span", {}, language), copyButton(code, strings)), pre);
  }
}

function colour(code, language) {
  const text = code.textContent;
  if (!hljs.getLanguage(language) || text.length > LONGEST_COLOURED_CHARS) return;
  code.innerHTML = hljs.highlight(text, { language, ignoreIllegals: true }).value; // highlight.js escapes what it is given
}

function copyButton(code, strings) {
  const button = h("button", { type: "button", class: "af-button af-quiet" });
  strings.say(button, "chat.copy");
  button.addEventListener("click", async () => {
    const copied = await copyText(code.textContent);
    button.textContent = strings.text(copied ? "chat.copied" : "chat.copy_failed");
    setTimeout(() => (button.textContent = strings.text("chat.copy")), COPIED_FOR_MS);
  });
  return button;
}

/** A question that is being changed, in its own place. */

import { h } from "./dom.js";

/**
 * A field with the text, and what to do with it: Enter sends, Escape leaves it as it was.
 * @param {{text: string, onSend: (text: string) => void, onCancel: () => void}} options
 * @returns {{element: HTMLElement, focus: () => void}}
 */
export function questionEditor(strings, { text, onSend, onCancel }) {
  const field = h("textarea", { rows: "1", dir: "auto", autocomplete: "off" });
  field.value = text;
  strings.bind(field, () => field.setAttribute("aria-label", strings.text("chat.edit_message")));
  const fit = () => {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  };
  const act = (key, kind, onclick) =>
    strings.say(h("button", { type: "button", class: `af-button ${kind}`, onclick }), key);
  const send = () => onSend(field.value);
  field.addEventListener("input", fit);
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    const act = event.key === "Escape" ? onCancel : event.key === "Enter" && !event.shiftKey ? send : null;
    if (!act) return;
    event.preventDefault();
    event.stopPropagation(); // Escape would stop an answer elsewhere in the conversation
    act();
  });
  const actions = h("div", {}, act("chat.cancel", "", onCancel), act("chat.send", "af-button-main", send));
  const focus = () => {
    fit();
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  };
  return { element: h("div", { class: "af-editor" }, field, actions), focus };
}

/** What an answer noted of the person, or struck out: one line each, with a way back where the page offers one. */

import { h, icon } from "./dom.js";

/**
 * @param {{change: "remembered" | "forgotten", id: string, text: string}} told
 * @param {((told: object) => Promise<boolean>) | null} undo whether it was taken back
 * @param {((told: object) => Promise<boolean>) | null} isUndone whether that has happened before
 */
export function memoryNote(strings, told, undo, isUndone = null) {
  const said = () => strings.text(`chat.memory.${told.change}`, { text: told.text });
  const title = strings.bind(h("span", { dir: "auto" }), (element) => (element.textContent = said()));
  const note = h("p", { class: "af-memory", "data-change": told.change }, icon("pencil"), title);
  if (!undo) return note;
  const button = h("button", { type: "button", class: "af-change-button" });
  strings.bind(button, () => {
    button.textContent = strings.text("chat.undo");
    button.setAttribute("aria-label", `${strings.text("chat.undo")}: ${said()}`);
  });
  const settle = () => {
    note.toggleAttribute("data-undone", true);
    const fate = strings.say(h("span", { class: "af-change-fate", role: "status", tabindex: "-1" }), "chat.undone");
    button.replaceWith(fate);
    return fate;
  };
  button.addEventListener("click", async () => {
    button.disabled = true;
    if (!(await undo(told))) return (button.disabled = false);
    settle().focus();
  });
  note.append(button);
  isUndone?.(told).then((undone) => undone && button.isConnected && settle(), () => {});
  return note;
}

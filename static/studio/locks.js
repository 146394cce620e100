// Locks in the form: a lock beside each field; what is locked can be read and not changed.

import { h } from "../chat/dom.js";
import { iconButton } from "./widgets.js";

/** The form's blocks (`cfg_<name>`) and the configuration field, or the part of one, that each is for. */
const BLOCKS = {
  name: "name", description: "description", instruction: "instruction", prologue: "prologue",
  suggestions: "prompt_recommend", language: "language", model: "model", temperature: "generation.temperature",
  max_tokens: "generation.max_tokens", avatar: "avatar", tools: "tools", openapi: "openapi", mcpServers: "mcpServers", knowledge: "knowledge",
  retrieval: "retrieval", memory: "memory",
};
const CONTROLS = "textarea, input, select, button";
/** What changes nothing of the configuration: the locks, a field to look for something, keys, what an agent keeps, looking at
 *  a file or reading it again. */
const FREE = ".st-field-lock, search, .st-tool-key, .st-tool-keys, .st-kept, .st-known-free, .st-person-facts";

/** Shows and holds the locks of the form. Blocks come and go with Gradio's tabs: they are looked for whenever it changes. */
export function holdLocks(session) {
  const hold = () => {
    for (const [block, field] of Object.entries(BLOCKS)) holdOne(session, document.getElementById(`cfg_${block}`), field);
  };
  let due = 0;
  const soon = () => {
    due ||= requestAnimationFrame(() => {
      due = 0;
      hold();
    });
  };
  for (const topic of ["agent", "config", "tools", "models"]) session.on(topic, soon);
  session.on("language", hold);
  const isForm = ({ target }) => target instanceof Element && !target.closest(".af-chat, #draft, dialog, .st-field-lock");
  new MutationObserver((records) => records.some(isForm) && soon()).observe(document.body, { childList: true, subtree: true });
  hold();
}

function holdOne(session, block, place) {
  if (!block) return;
  const [field] = place.split(".");
  const locked = session.past.isLocked(field);
  const state = `${Boolean(session.agent)} ${locked} ${session.strings.language}`;
  if (block.dataset.lock !== state || !block.querySelector(":scope > .st-field-lock")) drawLock(session, block, place, locked);
  block.dataset.lock = state;
  block.classList.toggle("st-locked", locked);
  for (const control of block.querySelectorAll(CONTROLS)) if (!control.closest(FREE)) hold(control, locked);
}

/** Texts stay readable and selectable; everything else is switched off, and on again where it was this that did it. */
function hold(control, locked) {
  const isText = control.matches("textarea, input[type=number], input[type=text]");
  if (isText) {
    if (control.readOnly !== locked) control.readOnly = locked;
  } else if (locked && !control.disabled) {
    control.disabled = true;
    control.dataset.heldByLock = "";
  } else if (!locked && "heldByLock" in control.dataset) {
    control.disabled = false;
    delete control.dataset.heldByLock;
  }
}

/** Parts of one field share its lock: each has a button for it, that is called by both. */
function drawLock(session, block, place, locked) {
  block.querySelector(":scope > .st-field-lock")?.remove();
  if (!session.agent) return;
  const { t, field: called } = session.strings;
  const [field] = place.split(".");
  const name = field === place ? called(field) : t("ui.field_part", { part: called(place), field: called(field) });
  const label = t(locked ? "ui.unlock_field" : "ui.lock_field", { field: name });
  const lock = iconButton(locked ? "locked" : "unlocked", label, () => session.past.lock(field, !locked));
  lock.setAttribute("aria-pressed", String(locked));
  block.append(h("div", { class: "st-field-lock" }, lock));
}

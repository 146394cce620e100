/** The page of one agent that is shared: the chat, and the visitor's own conversations beside it. */

import { h, mayFocus } from "./dom.js";
import { sentence } from "./failure.js";
import { keptLine } from "./kept.js";
import { Known } from "./page_known.js";
import { Past } from "./page_past.js";
import { endpointsOf, headButton, mountAgent, pathOf, whoOf } from "./shared_agent.js";
import { ask } from "./stream.js";
import { Strings } from "./strings.js";

const LANGUAGE = "af-language";
const profile = JSON.parse(document.getElementById("profile").textContent);
const strings = new Strings(localStorage.getItem(LANGUAGE) ?? document.documentElement.lang);
const root = document.getElementById("page");

/** Which conversation is open stands behind the `#`, so that a reload and a bookmark find it. */
let open = location.hash.slice(1) || null;

function endpoints() {
  return endpointsOf({ open: () => open, turnTo, file: (file) => `files/${file}`, memory: () => open ?? "new" });
}

function turnTo(conversation) {
  open = conversation;
  past.mark(open);
  history.replaceState(null, "", open ? `#${open}` : location.pathname);
}

function show(conversation) {
  turnTo(conversation);
  past.close();
  chat.open(endpoints());
  if (mayFocus()) chat.focus();
}

/** Says above the field why something was not done. */
function tell(failure) {
  past.close();
  chat.notify(() => sentence(strings, failure));
}

const known = profile.remembers ? new Known(strings, ask, tell) : null;
const past = new Past(strings, {
  list: async () => (await (await ask("conversations")).json()).filter(({ turn }) => turn !== null),
  remove: async ({ id }) => {
    try {
      await ask(pathOf(id), { method: "DELETE" });
    } catch (failure) {
      return tell(failure);
    }
    if (id === open) show(null);
    known?.load(); // with the last conversation goes what was noted
  },
  onChoose: ({ id }) => show(id),
  onNew: () => show(null),
  onFailure: ({ code, params }) => (gone.hidden = code !== "not_found" || params.fault !== "shared"),
}, known?.element);

const menu = headButton(strings, "menu", "chat.page_conversations", () => past.toggle());
menu.classList.add("af-page-menu");
const fresh = headButton(strings, "pencil", "chat.page_new", () => show(null));
const language = h("button", { type: "button", class: "af-page-button", onclick: switchLanguage });
strings.label(language, "chat.page_other_language");
strings.bind(language, () => (language.textContent = strings.text("chat.page_other_language_short")));
const main = h("main", { class: "af-page-chat" });
/** Said also to who waits for an answer that ends with the link. */
const gone = strings.say(h("p", { class: "af-page-gone", role: "alert", hidden: true }), "error.not_found.shared");
main.append(gone);
root.append(past.element, h("header", { class: "af-page-head" }, menu, ...whoOf(profile), fresh, language), main);

const chat = mountAgent(main, profile, {
  language: strings.language,
  endpoints: endpoints(),
  undoMemory: known && ((told) => known.undo(told)),
  isMemoryUndone: known && ((told) => known.isUndone(told)),
  card: { ...profile, note: notes(profile.cannot) },
  onEvent: (type) => {
    if (type === "turn_started" || type === "run_finished") past.load();
    if (type === "memory_changed") known?.load();
  },
});
main.append(keptLine(strings, profile));
past.mark(open);
past.load();
known?.load();

addEventListener("hashchange", () => {
  const wanted = location.hash.slice(1) || null;
  if (wanted !== open) show(wanted);
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  past.load();
  if (open) chat.follow().catch(() => {});
});

/** What the agent cannot do here, below its name; null where there is nothing to say. */
function notes(cannot) {
  if (!cannot.length) return null;
  const said = (words) => strings.bind(h("div"), (line) => (line.textContent = strings.pick(words)));
  return h("div", {}, ...cannot.map(said));
}

function switchLanguage() {
  const other = strings.language === "zh" ? "en" : "zh";
  localStorage.setItem(LANGUAGE, other);
  strings.switchTo(other, root);
  document.documentElement.lang = other;
  chat.setLanguage(other);
}

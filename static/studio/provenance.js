// Beside a field: who set it, and what can be done about that. Quiet until somebody looks.

import { h } from "../chat/dom.js";
import { button, iconButton } from "./widgets.js";

const LONGEST_SAID_CHARS = 60;

/** The line for a field: a proposal to keep or discard, else who set it; always the lock. Null where there is no agent. */
export function provenance(session, field) {
  const { past, strings } = session;
  const { t } = strings;
  if (!session.agent) return null;
  const name = strings.field(field, session.toolTitle);
  const locked = past.isLocked(field);
  const proposals = past.proposals(field);
  const mark = past.mark(field);
  const lock = iconButton(locked ? "locked" : "unlocked", t(locked ? "ui.unlock_field" : "ui.lock_field", { field: name }), () => past.lock(field, !locked));
  lock.setAttribute("aria-pressed", String(locked));
  lock.classList.add("st-lock");
  if (proposals.length > 0) {
    const keep = button(t("ui.keep"), () => past.accept(proposals), { kind: "quiet" });
    const discard = button(t("ui.discard"), () => past.undo(proposals), { kind: "quiet" });
    keep.setAttribute("aria-label", t("ui.keep_field", { field: name }));
    discard.setAttribute("aria-label", t("ui.discard_field", { field: name }));
    const tag = h("span", { class: "st-proposed", title: whole(strings, mark) }, t("ui.proposed"));
    return h("div", { class: "st-who st-who-open" }, tag, keep, discard, lock);
  }
  const undo = mark?.change && iconButton("undo", t("ui.undo_field", { field: name }), () => past.undo([mark.change]));
  const told = h("span", { class: "st-who-told", title: whole(strings, mark), dir: "auto" }, who(strings, mark));
  return h("div", { class: `st-who${locked ? " st-who-locked" : ""}` }, told, undo || null, lock);
}

/** Who set it, in a few words. */
export function who({ t }, mark) {
  if (!mark) return "";
  if (mark.author === "user" && mark.said) return t("ui.by.user_said", { said: shortened(mark.said) });
  if (mark.author === "builder" && mark.accepted) return t("ui.by.builder_accepted");
  return t(`ui.by.${mark.author}`);
}

/** Who set it and when, with the whole message. */
function whole(strings, mark) {
  if (!mark) return "";
  const when = strings.moment(new Date(mark.at));
  return mark.said ? `${when} · ${strings.t("ui.said", { said: mark.said })}` : when;
}

function shortened(text) {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > LONGEST_SAID_CHARS ? `${line.slice(0, LONGEST_SAID_CHARS)}…` : line;
}

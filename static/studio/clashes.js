// Two texts for one field: what was wanted here, and what is stored. A person chooses; neither wins by itself.

import { isPolicy, written as stored } from "../chat/changes.js";
import { h } from "../chat/dom.js";
import { button } from "./widgets.js";

/** Fills `slot` with one card for each field that has two texts. */
export function fillClashes(slot, session) {
  const draw = () => {
    const { clashes } = session.past;
    slot.hidden = clashes.length === 0;
    slot.setAttribute("role", "alert");
    slot.replaceChildren(...clashes.map((clash) => card(session, clash)));
  };
  for (const topic of ["clashes", "language", "tools"]) session.on(topic, draw);
  draw();
}

function card(session, clash) {
  const { past, strings } = session;
  const { t } = strings;
  const name = strings.field(clash.field, session.toolTitle);
  const choice = (key, value, takesWanted) =>
    h(
      "div",
      { class: "st-clash-text" },
      h("h3", {}, t(key)),
      h("p", { dir: "auto" }, isPolicy(clash.field) ? stored(strings.chat, clash.field, value) : written(value, t)),
      button(t(takesWanted ? "ui.clash_take" : "ui.clash_keep"), () => past.settle(clash, takesWanted), { kind: takesWanted ? "main" : "plain" }),
    );
  return h(
    "section",
    { class: "st-clash", "data-field": clash.field },
    h("p", {}, t("ui.clash", { field: name })),
    h("div", { class: "st-clash-texts" }, choice("ui.clash_wanted", clash.wanted, true), choice("ui.clash_current", clash.current, false)),
  );
}

function written(value, t) {
  if (typeof value === "boolean") return t(value ? "ui.on" : "ui.off");
  if (value === null || value === undefined || value === "" || value.length === 0) return t("ui.nothing");
  return Array.isArray(value) ? value.join("\n") : typeof value === "object" ? JSON.stringify(value, null, 2) : String(value);
}

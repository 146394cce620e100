// The tools as cards: what each does, what leaves this machine, and the key it waits for.

import { h } from "../chat/dom.js";
import { secretField } from "./secret_field.js";
import { keepingTyped } from "./widgets.js";

export function fillTools(slot, session) {
  slot.classList.add("st-tools");
  let drawn = "";
  const draw = () => {
    const state = JSON.stringify([session.tools, session.strings.language]);
    if (state !== drawn) keepingTyped(slot, () => slot.replaceChildren(...session.tools.map((tool) => card(tool, session))));
    drawn = state;
    const enabled = new Set(session.enabledTools);
    for (const box of slot.querySelectorAll("input[role=switch]")) {
      box.checked = enabled.has(box.value);
      box.closest(".st-tool").classList.toggle("st-on", box.checked);
    }
  };
  for (const topic of ["config", "tools", "language"]) session.on(topic, draw);
  draw();
}

function card(tool, session) {
  const { t, of } = session.strings;
  const tick = () => session.edit({ tools: { [tool.id]: box.checked } });
  const box = h("input", { type: "checkbox", role: "switch", value: tool.id, onchange: tick });
  const facts = [
    t(tool.effect === "writes" ? "ui.tool_writes" : "ui.tool_reads"),
    of(tool.sends) || t("ui.tool_sends_nothing"),
  ];
  const missing = tool.secrets.filter((secret) => !secret.present);
  return h(
    "article",
    { class: "st-tool", "data-tool": tool.id },
    h("label", {}, h("span", {}, h("b", {}, of(tool.label)), h("small", {}, of(tool.summary))), box),
    h("ul", { class: "st-facts" }, ...facts.map((fact) => h("li", {}, fact))),
    ...(missing.length > 0 ? [waiting(missing, session)] : []),
  );
}

function waiting(secrets, session) {
  const { t, of } = session.strings;
  const reload = () => Promise.all([session.loadTools(), session.loadModels()]);
  return h(
    "div",
    { class: "st-waiting" },
    h("p", {}, t("ui.tool_waiting")),
    ...secrets.map((secret) => secretField(session, { ...secret, label: of(secret.label) }, reload)),
  );
}

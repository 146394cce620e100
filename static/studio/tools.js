// The tools as cards: what each does, what leaves this machine, and the key it waits for.

import { h } from "../chat/dom.js";
import { secretField } from "./secret_field.js";
import { icon, keepingTyped } from "./widgets.js";

export function fillTools(slot, session) {
  slot.classList.add("st-tools");
  let drawn = "";
  /** Ids of tools that the agent has and this server has not: they stay to be seen once they are switched off. */
  const gone = new Set();
  session.on("agent", () => gone.clear());
  const draw = () => {
    for (const id of session.enabledTools) if (!session.tools.some((tool) => tool.id === id)) gone.add(id);
    const state = JSON.stringify([session.tools, [...gone], session.strings.language]);
    const cards = () => [...session.tools.map((tool) => card(tool, session)), ...[...gone].map((id) => goneCard(id, session))];
    if (state !== drawn) keepingTyped(slot, () => keepingOpen(slot, () => slot.replaceChildren(...cards())));
    drawn = state;
    const enabled = new Set(session.enabledTools);
    for (const box of slot.querySelectorAll("input[role=switch]")) {
      box.checked = enabled.has(box.value);
      const tool = box.closest(".st-tool");
      const waiting = tool.querySelector(".st-waiting");
      // Whoever switches a tool on is shown the key it waits for; of the others a line says that they want one.
      if (waiting && box.checked !== tool.classList.contains("st-on")) waiting.open = box.checked;
      tool.classList.toggle("st-on", box.checked);
    }
    for (const choice of slot.querySelectorAll(".st-policy")) {
      const { tool: id } = choice.closest(".st-tool").dataset;
      choice.hidden = !enabled.has(id);
      const policy = session.config.tools[id]?.policy ?? "ask_writes";
      choice.querySelector("select").value = policy === "ask_writes" ? choice.dataset.own : policy;
    }
  };
  for (const topic of ["config", "tools", "language"]) session.on(topic, draw);
  draw();
}

/** Runs `draw`, which fills `slot` anew. Where a key was being entered, it still can be. */
function keepingOpen(slot, draw) {
  const open = [...slot.querySelectorAll(".st-waiting[open]")].map((it) => it.closest(".st-tool").dataset.tool);
  draw();
  for (const id of open) slot.querySelector(`[data-tool="${CSS.escape(id)}"] .st-waiting`)?.toggleAttribute("open", true);
}

/** A tool of an imported configuration that nothing here can run. It can be switched off. */
function goneCard(id, session) {
  const words = h("span", {}, h("b", { dir: "auto" }, session.toolTitle(id)), h("small", {}, session.strings.t("ui.tool_gone")));
  return h("article", { class: "st-tool", "data-tool": id }, h("label", {}, words, switchOf(id, session)));
}

function switchOf(id, session) {
  const tick = () => session.edit({ tools: { [id]: box.checked } });
  const box = h("input", { type: "checkbox", role: "switch", value: id, onchange: tick });
  return box;
}

function card(tool, session) {
  const { t, of } = session.strings;
  const facts = [
    t(`ui.effect.${tool.effect}`),
    of(tool.sends) || t("ui.tool_sends_nothing"),
  ];
  const optional = tool.works_without_secrets && !tool.secrets.some((secret) => secret.present);
  const missing = tool.state === "ready" && !optional ? [] : tool.secrets.filter((secret) => !secret.present);
  return h(
    "article",
    { class: "st-tool", "data-tool": tool.id },
    h("label", {}, h("span", {}, h("b", {}, of(tool.label)), h("small", {}, of(tool.summary))), switchOf(tool.id, session)),
    h("ul", { class: "st-facts" }, ...facts.map((fact) => h("li", {}, fact))),
    policyOf(tool, session),
    ...(missing.length === 0 ? [] : [optional ? better(tool, missing, session) : waiting(tool, missing, session)]),
  );
}

/** Keys that a tool does without: folded, because nobody has to enter one. */
function better(tool, secrets, session) {
  return h(
    "details",
    { class: "st-waiting" },
    h("summary", {}, session.strings.t("ui.tool_better"), icon("down")),
    ...keyFields(tool, secrets, session),
  );
}

/** What a tool does until something else is chosen, by its effect. */
const OWN_POLICY = { reads: "allow", writes: "ask", depends: "ask_writes" };

/** Whether the agent asks before calls of the tool; what only reads need not. */
function policyOf({ id, effect }, session) {
  const { t } = session.strings;
  const policies = effect === "depends" ? ["ask_writes", "ask", "allow"] : ["ask", "allow"];
  const allowed = effect === "reads" ? "ui.tool_never_ask" : "ui.tool_allow";
  const options = policies.map((policy) => h("option", { value: policy }, t(policy === "allow" ? allowed : `ui.policy.${policy}`)));
  const choose = () => session.edit({ policies: { [id]: choice.value } });
  const choice = h("select", { class: "st-input", onchange: choose }, ...options);
  return h("label", { class: "st-policy", "data-own": OWN_POLICY[effect] }, h("span", {}, t("ui.tool_policy")), choice);
}

function waiting(tool, secrets, session) {
  return h(
    "details",
    { class: "st-waiting" },
    h("summary", {}, session.strings.t(tool.one_is_enough ? "ui.tool_waiting_one" : "ui.tool_waiting"), icon("down")),
    h("p", { class: "st-hint" }, session.strings.t("ui.tool_waiting_hint")),
    ...keyFields(tool, secrets, session),
  );
}

function keyFields(tool, secrets, session) {
  const { of } = session.strings;
  const reload = () => Promise.all([session.loadTools(), session.loadModels()]);
  return secrets.map((secret) => secretField(session, { ...secret, label: of(secret.label), tool: of(tool.label) }, reload));
}

// One tool as a card: what it does, what leaves this machine, what it costs, and which key it waits for.

import { h } from "../chat/dom.js";
import { button, icon } from "./widgets.js";

/** `hooks`: `onTick(id, ticked)`, and `onKey(name)` when its key is to be entered. */
export function toolCard(tool, session, hooks) {
  const { of } = session.strings;
  return h(
    "article",
    { class: "st-tool", "data-tool": tool.id },
    head(tool.id, of(tool.label), of(tool.summary), hooks),
    factsOf(tool, session),
    tool.reason ? h("p", { class: "st-tool-key st-waits st-unavailable" }, of(tool.reason)) : null,
    keyLine(tool, session, hooks),
    policyOf(tool, session),
  );
}

/** A tool of an imported configuration that nothing here can run. It can be switched off. */
export function goneCard(id, session, hooks) {
  return h("article", { class: "st-tool", "data-tool": id }, head(id, session.toolTitle(id), session.strings.t("ui.tool_gone"), hooks));
}

function head(id, title, summary, { onTick }) {
  const box = h("input", {
    type: "checkbox", role: "switch", value: id, "aria-describedby": `tool_nature_${id} tool_facts_${id}`, onchange: () => onTick(id, box.checked),
  });
  return h("label", {}, h("span", {}, h("b", { dir: "auto" }, title), h("small", {}, summary)), box);
}

/** About how many tokens a tool adds to every message of an agent, in the agent's language; 0 where that is not told. */
export function tokensOf(tool, config) {
  return tool.tokens?.[config.language] ?? 0;
}

/** What everybody asks of a tool, and folded below it what few do: what leaves this machine, and what a call takes. */
function factsOf(tool, { config, strings: { t, of, chat } }) {
  const tokens = tokensOf(tool, config);
  const list = (facts) => facts.filter(Boolean).join(" · ");
  const nature = list([t(`ui.effect.${tool.effect}`), of(tool.cost)]);
  const takes = list([tokens && t("ui.tool_tokens", { tokens }), t("ui.tool_timeout", { duration: chat.seconds(tool.timeout_s) })]);
  return h(
    "details",
    { class: "st-tool-facts" },
    h("summary", {}, h("span", { id: `tool_nature_${tool.id}` }, nature), icon("down")),
    h("p", { id: `tool_facts_${tool.id}` }, of(tool.sends) || t("ui.tool_sends_nothing"), h("span", {}, takes)),
  );
}

/** The keys that a tool needs, or does better with, and the way to enter one. Null where it needs none. */
function keyLine({ state, secrets, one_is_enough: oneIsEnough, works_without_secrets: isOptional }, { strings: { t, of, listed } }, { onKey }) {
  if (secrets.length === 0) return null;
  const present = secrets.filter((secret) => secret.present);
  const missing = secrets.filter((secret) => !secret.present);
  const waits = state !== "ready";
  const names = (list) => listed(list.map(({ label }) => of(label)), { isOneEnough: oneIsEnough || isOptional });
  if (!waits && present.length > 0) return h("p", { class: "st-tool-key" }, t("ui.tool_has_key", { keys: names(present) }));
  const words = t(waits ? "ui.tool_waiting" : "ui.tool_better", { keys: names(missing) });
  const enter = button(t("ui.tool_enter_key"), () => onKey(missing[0].name), { kind: "quiet", name: t("ui.tool_enter_named", { key: of(missing[0].label) }) });
  enter.classList.add("st-when-on");
  return h("div", { class: waits ? "st-tool-key st-waits" : "st-tool-key" }, h("span", {}, words), enter);
}

/** What a tool does until something else is chosen, by its effect. */
const OWN_POLICY = { reads: "allow", writes: "ask", depends: "ask_writes" };

/** Whether the agent asks before calls of the tool; what only reads need not. */
function policyOf({ id, label, effect }, session) {
  const { t, of } = session.strings;
  const name = `${t("ui.tool_policy")}${t("ui.colon")}${of(label)}`;
  const policies = effect === "depends" ? ["ask_writes", "ask", "allow"] : ["ask", "allow"];
  const allowed = effect === "reads" ? "ui.tool_never_ask" : "ui.tool_allow";
  const options = policies.map((policy) => h("option", { value: policy }, t(policy === "allow" ? allowed : `ui.policy.${policy}`)));
  const choose = () => session.edit({ policies: { [id]: choice.value } });
  const choice = h("select", { class: "st-input", "aria-label": name, "data-own": OWN_POLICY[effect], onchange: choose }, ...options);
  return h("label", { class: "st-policy st-when-on" }, h("span", {}, t("ui.tool_policy")), choice);
}

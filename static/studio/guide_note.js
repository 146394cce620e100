// One friendly line where no language model answers, with the way to get one.

import { h } from "../chat/dom.js";
import { button, icon } from "./widgets.js";

/** What is wrong above a chat that runs on the model `chosen` ("" is the default): a line and its failure, or null. */
function problemOf({ models: { models, default: fallback }, strings: { t } }, chosen, guide) {
  const key = chosen || fallback;
  if (!key) return { line: t(guide), code: "no_model" };
  const model = models.find((entry) => entry.key === key);
  if (!model) return { line: t("ui.model_gone", { model: key }), code: "model_unknown" };
  if (model.state === "ready") return null;
  if (model.own) return { line: t("ui.model_waits_again", { model: model.name }), code: "model_no_endpoint_key", params: { model: key } };
  const env = model.needs?.name ?? "";
  return { line: t("ui.model_waits", { model: key, env }), code: "model_no_key", params: { model: key, env } };
}

/**
 * A strip above a chat. `modelOf(session)` names the model that the chat runs on; `curesFor(failure)` as the chat has it;
 * `guide` is what it says where there is no model.
 */
export function guideNote(session, { modelOf, curesFor, guide = "ui.guide_note" }) {
  const strip = h("div", { class: "st-guide-note" });
  const draw = () => {
    const problem = problemOf(session, modelOf(session), guide);
    strip.hidden = problem === null;
    if (problem === null) return;
    const [{ label, name, run }] = curesFor(problem);
    strip.replaceChildren(h("span", {}, icon("key"), problem.line), button(label, run, { kind: "quiet", name }));
  };
  for (const topic of ["config", "models", "language"]) session.on(topic, draw);
  draw();
  return strip;
}

// One friendly line where no language model answers, or one that calls no tools, with the way to get another.

import { h } from "../chat/dom.js";
import { button, icon } from "./widgets.js";

/** Which line is needed above a chat that runs on the model `chosen` ("" is the default), or null for none. */
function lineFor({ models: { models, default: fallback }, strings: { t } }, chosen, withoutTools) {
  const key = chosen || fallback;
  if (!key) return t("ui.guide_note");
  const model = models.find((entry) => entry.key === key);
  if (!model) return t("ui.model_gone", { model: key });
  if (model.state !== "ready") return t("ui.model_waits", { model: key, env: model.needs?.name ?? "" });
  return model.facts.function_calling ? null : t(withoutTools, { model: key });
}

/**
 * A strip above a chat. `modelOf(session)` names the model that the chat runs on; `openModels()` opens the way out;
 * `withoutTools` is the text for a model that calls none.
 */
export function guideNote(session, { modelOf, openModels, withoutTools }) {
  const strip = h("div", { class: "st-guide-note" });
  const draw = () => {
    const line = lineFor(session, modelOf(session), withoutTools);
    strip.hidden = line === null;
    if (line === null) return;
    const { t } = session.strings;
    strip.replaceChildren(h("span", {}, icon("key"), line), button(t("ui.add_key"), openModels, { kind: "quiet" }));
  };
  for (const topic of ["config", "models", "language"]) session.on(topic, draw);
  draw();
  return strip;
}

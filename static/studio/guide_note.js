// One friendly line where no language model answers, with the way to get one.

import { h } from "../chat/dom.js";
import { button, icon } from "./widgets.js";

/** Which line is needed above a chat that runs on the model `chosen` ("" is the default), or null for none. */
function lineFor({ models: { models, default: fallback }, strings: { t } }, chosen) {
  const key = chosen || fallback;
  if (!key) return t("ui.guide_note");
  const model = models.find((entry) => entry.key === key);
  if (!model) return t("ui.model_gone", { model: key });
  if (model.state !== "ready" && model.own) return t("ui.model_waits_again", { model: model.name });
  return model.state === "ready" ? null : t("ui.model_waits", { model: key, env: model.needs?.name ?? "" });
}

/** A strip above a chat. `modelOf(session)` names the model that the chat runs on; `openModels()` opens the way out. */
export function guideNote(session, { modelOf, openModels }) {
  const strip = h("div", { class: "st-guide-note" });
  const draw = () => {
    const line = lineFor(session, modelOf(session));
    strip.hidden = line === null;
    if (line === null) return;
    const { t } = session.strings;
    strip.replaceChildren(h("span", {}, icon("key"), line), button(t("ui.add_key"), openModels, { kind: "quiet" }));
  };
  for (const topic of ["config", "models", "language"]) session.on(topic, draw);
  draw();
  return strip;
}

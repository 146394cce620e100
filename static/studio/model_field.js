// The field of *Configure* in which the agent's model is chosen.

import { Choice } from "./choice.js";
import { titleOf } from "./models.js";

export function fillModel(slot, session) {
  const choice = new Choice(slot.id, (model) => session.edit({ model }));
  const draw = () => choice.show(session.strings.t("ui.cfg_model"), modelChoices(session), session.config.model);
  slot.append(choice.element);
  for (const topic of ["config", "models", "language"]) session.on(topic, draw);
  draw();
}

/** [label, key] pairs: automatic first, then what is ready, then what still needs a key. */
function modelChoices({ models: { models, default: fallback }, config, strings: { t } }) {
  const automatic = fallback ? t("ui.model_auto", { model: fallback }) : t("ui.model_auto_guide");
  const ready = models.filter((model) => model.state === "ready");
  const waiting = models.filter((model) => model.state !== "ready");
  const choices = [
    [automatic, ""],
    ...ready.map((model) => [model.local && !model.own ? t("ui.model_on_machine", { model: model.name }) : titleOf(model), model.key]),
    ...waiting.map((model) => [
      model.own ? t("ui.model_needs_again", { model: titleOf(model) }) : t("ui.model_needs", { model: model.key, env: model.needs?.name ?? "" }),
      model.key,
    ]),
  ];
  if (!choices.some(([, key]) => key === config.model)) {
    choices.push([t("ui.model_missing", { model: config.model }), config.model]);
  }
  return choices;
}

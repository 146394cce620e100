// A model of one's own endpoint: what it is called, and what it can do where nobody tried it or the trial was wrong.

import { h } from "../chat/dom.js";
import { attempt, button, Panel, panelHead } from "./widgets.js";

const ABILITIES = ["function_calling", "vision", "stream", "reasoning"];

/** Opens the dialog for a model of the list. `onstored()` follows when the server has the changes. */
export function openModelDialog(session, model, onstored) {
  const { t } = session.strings;
  const name = h("input", { class: "st-input", name: "model-name", maxlength: 100, autocomplete: "off", dir: "auto" });
  const length = h("input", { class: "st-input", name: "model-length", type: "number", min: 1, step: 1, inputmode: "numeric" });
  name.value = model.name;
  length.value = model.facts.context_length ?? "";
  const ticks = new Map(ABILITIES.map((ability) => [ability, h("input", { type: "checkbox" })]));
  for (const [ability, tick] of ticks) tick.checked = Boolean(model.facts[ability]);
  const problem = h("p", { class: "st-problem", role: "alert" });

  const panel = new Panel("st-own-model", (body, close) => {
    const store = async (event) => {
      event.preventDefault();
      const abilities = Object.fromEntries([...ticks].map(([ability, tick]) => [ability, tick.checked]));
      const facts = { ...abilities, context_length: length.value === "" ? null : Number(length.value) };
      const patch = async () => {
        await session.api.patch(`/api/own-models/${model.own.model}`, { name: name.value, facts });
        close();
        await onstored();
      };
      await attempt(patch, problem, session.strings);
    };
    const save = button(t("ui.save"), null, { kind: "main" });
    save.type = "submit";
    const can = [...ticks].map(([ability, tick]) => h("label", { class: "st-tick" }, tick, h("span", {}, t(`ui.own_model_can.${ability}`))));
    body.append(
      panelHead(t("ui.own_model"), t("ui.close"), close),
      h("form", { class: "st-fields", onsubmit: store },
        h("label", {}, h("span", {}, t("ui.endpoint_name")), name),
        h("label", {}, h("span", {}, t("ui.own_model_length")), length),
        h("fieldset", {}, h("legend", {}, t("ui.own_model_can")), ...can),
        problem,
        h("div", { class: "st-actions st-end" }, button(t("ui.cancel"), close, { kind: "quiet" }), save),
      ),
    );
  });
  panel.openOnce();
  name.focus();
}

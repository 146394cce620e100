// What helps against a failure of a model, as buttons that lead there: to a key, an address, a model, a setting.

import { titleOf } from "./models.js";
import { seen } from "./slots.js";

/** What helps, the likeliest first, by the code of a failure; with its fault where the cure depends on that. */
const CURES = {
  no_model: ["first_key"],
  model_unknown: ["model"],
  model_no_key: ["key", "model"],
  model_no_endpoint_key: ["key", "model"],
  model_auth: ["other_key", "model"],
  model_address: ["address", "model"],
  model_quota: ["model"],
  "model_rate_limited.wait": ["model"],
  model_context: ["model"],
  model_failed: ["model"],
  model_timeout: ["model"],
  model_unavailable: ["address", "model"],
  model_refused: ["facts", "model"],
  "model_refused.address": ["address", "model"],
  "model_broken_stream.html": ["address", "model"],
  "model_broken_stream.empty": ["address", "model"],
  "model_broken_stream.not_json": ["address", "model"],
  "model_broken_stream.too_long": ["length"],
};

export class Cures {
  #session;
  #panel;

  /** `panel` is what `modelsPanel` gives. */
  constructor(session, panel) {
    this.#session = session;
    this.#panel = panel;
  }

  /** The cures that this page has for a failure, as the chat takes them. `builds`: it was the builder that failed. */
  of({ code, params = {} }, { builds }) {
    const { t } = this.#session.strings;
    return (CURES[`${code}.${params.fault}`] ?? CURES[code] ?? []).flatMap((cure) => {
      const way = this.#way(cure, params, builds);
      const label = t(`ui.cure.${cure}`);
      return way ? [{ label, name: t("ui.cure_at", { cure: label, place: way.place }), run: way.run }] : [];
    });
  }

  /** Where a cure is, and how one gets there; null where this page has no such place. */
  #way(cure, params, builds) {
    const { strings: { t }, builderModel } = this.#session;
    const model = this.#modelOf(params);
    switch (cure) {
      case "first_key":
        return { place: t("ui.models"), run: this.#panel.openAtKeys };
      case "key":
      case "other_key":
        return this.#keyOf(model, params);
      case "address":
        return model?.own ? this.#inPanel(model.own.endpoint_name, () => this.#panel.openEndpoint(model.own.endpoint, "url")) : null;
      case "facts":
        return model?.own ? this.#inPanel(titleOf(model), () => this.#panel.openModel(model.key)) : null;
      case "model":
        if (builds && builderModel) return this.#inPanel(t("ui.builder_model"), this.#panel.openBuilderChoice);
        return this.#inForm("model", t("ui.cfg_model"));
      case "length":
        return this.#inForm("max_tokens", t("ui.cfg_max_tokens"));
    }
  }

  #keyOf(model, { env }) {
    if (model?.own) return this.#inPanel(model.own.endpoint_name, () => this.#panel.openEndpoint(model.own.endpoint, "key"));
    const secret = model ? model.secret : env;
    const owner = model ? this.#session.strings.of(model.provider_name) : env;
    return secret ? this.#inPanel(owner, () => this.#panel.openKey(secret)) : null;
  }

  /** A failure names the model by its key; one of a missing endpoint's key by what the person calls it. */
  #modelOf({ model, base_url: origin }) {
    const { models } = this.#session.models;
    return models.find(({ key }) => key === model) ?? models.find((each) => each.own && each.name === model && each.origin === origin);
  }

  #inPanel(row, run) {
    const { t } = this.#session.strings;
    return { place: t("ui.cure_place", { room: t("ui.models"), row }), run };
  }

  #inForm(field, row) {
    const { t } = this.#session.strings;
    return { place: t("ui.cure_place", { room: t("ui.configure"), row }), run: () => openField(field) };
  }
}

/** Turns to *Configure*, with the cursor in one of its fields; at its lock where it is locked. */
const openField = (field) => openPlace(1, `#cfg_${field}`);

/** Turns to a tab, with the cursor at the first thing in `place` that can be used, or in the `part` of it that is there. */
export async function openPlace(tab, place, part = null) {
  document.querySelector("#pane_switch [data-pane=build]").click();
  document.querySelectorAll("#build_tabs [role=tab]")[tab].click();
  const whole = await seen(place);
  const block = (part && whole.querySelector(part)) || whole;
  const input = block.querySelector("input, textarea") ?? block.querySelector("button, select, summary");
  const isLocked = input && (input.disabled || input.readOnly && block.classList.contains("st-locked"));
  (isLocked ? block.querySelector(".st-field-lock button") ?? input : input)?.focus({ preventScroll: true });
  block.scrollIntoView({ block: "center" });
}

// Models and keys: which are ready, what the others need, which one builds.

import { h } from "../chat/dom.js";
import { OwnEndpoints } from "./endpoints.js";
import { keyRows, keysNeeded, waitingRow } from "./keys.js";
import { openModelDialog } from "./own_model_dialog.js";
import { Trial } from "./trial.js";
import { button, Panel, panelHead, section } from "./widgets.js";

/** Fills the bar's slot with the way in; gives the function that opens the panel, for others to offer. */
export function modelsPanel(session) {
  const panel = new Panel("st-models", (body, close) => draw(body, close, session, state));
  /** `replacing` names the key in whose place another is being entered. */
  const state = { stored: [], trials: new Map(), replacing: "" };
  const load = () =>
    session.notices.attempt(async () => {
      const [{ names }] = await Promise.all([
        session.api.get("/api/secrets"), session.loadModels(), session.loadTools(), state.endpoints.load(),
      ]);
      state.stored = names;
      panel.redraw();
    });
  state.reload = load;
  state.redraw = () => panel.redraw();
  const fieldOf = (secret) => panel.element.querySelector(`input[data-secret="${CSS.escape(secret)}"]`);
  state.replace = (name) => {
    state.replacing = name;
    panel.redraw();
    fieldOf(name)?.focus();
  };
  state.endpoints = new OwnEndpoints(session, state);
  session.on("language", () => {
    for (const trial of state.trials.values()) trial.draw();
    if (panel.element.open) panel.redraw();
  });
  const open = () => {
    panel.open();
    load();
  };
  const fill = (slot) => {
    const opener = button("", open, { shape: "key", kind: "bar" });
    const name = () => opener.setAttribute("aria-label", (opener.lastChild.textContent = session.strings.t("ui.models")));
    session.on("language", name);
    name();
    slot.append(opener, panel.element);
  };
  /** Open it with the cursor where `find(dialog)` says, once all of it is there. */
  const openAt = async (find) => {
    panel.open();
    await load();
    const place = find(panel.element);
    place?.focus({ preventScroll: true });
    place?.scrollIntoView({ block: "center" });
  };
  return {
    fill,
    open,
    openAtKeys: () => openAt((dialog) => dialog.querySelector("input[data-secret]")),
    openBuilderChoice: () => openAt((dialog) => dialog.querySelector(".st-builder-choice")),
    /** Open it where the key of that name is entered, also where there is one already. */
    openKey: (secret) =>
      openAt(() => {
        if (!fieldOf(secret)) state.replace(secret);
        return fieldOf(secret);
      }),
    /** Open an endpoint's own dialog above it, with the cursor in the `field`. */
    openEndpoint: async (id, field) => {
      await openAt(() => null);
      state.endpoints.edit(id, field);
    },
    /** Open the dialog of a model of an own endpoint above it. */
    openModel: async (key) => {
      await openAt(() => null);
      const model = session.models.models.find((each) => each.key === key);
      if (model) openModelDialog(session, model, load);
    },
  };
}

function draw(body, close, session, state) {
  const { t, of } = session.strings;
  const { models, problems, default: fallback } = session.models;
  // A problem of the whole file has no line.
  const told = ({ file, line, message }) =>
    line > 0 ? t("ui.config_problem", { file, line, message: of(message) }) : t("ui.config_file_problem", { file, message: of(message) });
  const listed = models.filter((model) => !model.own);
  // Of a local model nobody knows whether it is started; of one that answered when it was tried, somebody does.
  const isUnsure = ({ local, key }) => local && key !== fallback;
  const ready = listed.filter((model) => model.state === "ready" && !isUnsure(model));
  const local = listed.filter((model) => model.state === "ready" && isUnsure(model) && !state.endpoints.lists(model));
  const waiting = listed.filter((model) => model.state !== "ready");
  const row = (model, actions) => readyRow(model, session, state, actions);
  // Who has an endpoint sees it first; who has none yet looks for the vendor whose key they hold.
  const vendors = section(t("ui.models_waiting"), keysNeeded(waiting).map((need) => waitingRow(need, session, state)));
  const endpoints = [state.endpoints.draw(row)];
  body.append(
    panelHead(t("ui.models"), t("ui.close"), close),
    h("p", { class: "st-hint" }, t(fallback ? "ui.models_hint" : "ui.models_none", { model: fallback })),
    ...problems.map((problem) => h("p", { class: "st-problem" }, told(problem))),
    ...section(t("ui.models_ready"), ready.map((model) => row(model))),
    ...(state.endpoints.isEmpty ? [...vendors, ...endpoints] : [...endpoints, ...vendors]),
    ...section(t("ui.models_local"), local.map((model) => row(model))),
    ...section(t("ui.builder_model"), models.length > 0 ? [builderChoice(session)] : []),
    ...section(t("ui.stored_keys"), keyRows(session, state)),
  );
}

/** What a million tokens cost, with the page that says so. */
function priceLine({ price }, { t }) {
  if (!price) return null;
  const { input, output, currency, date } = price;
  const words = t("ui.model_price", { input: `${input} ${currency}`, output: `${output} ${currency}`, date });
  return h("small", {}, h("a", { href: price.source, target: "_blank", rel: "noreferrer" }, words));
}

/** A model, what is known of it, and what can be done: to try it, and `actions`. */
function readyRow(model, session, state, actions = []) {
  const { strings } = session;
  const { t, of, moment } = strings;
  const { context_length: length, vision, function_calling: calls, reasoning, stream } = model.facts;
  const facts = [
    !model.own && of(model.provider_name),
    length && t("ui.model_context", { tokens: `${Math.round(length / 1000)}K` }),
    vision && t("ui.model_vision"),
    t(calls ? "ui.model_calls" : "ui.model_calls_in_text"),
    reasoning && t("ui.model_reasoning"),
    !stream && t("ui.model_whole"),
    model.checked && t("ui.model_checked", { when: moment(new Date(model.checked)) }),
  ].filter(Boolean);
  const warnings = model.warnings.map((warning) => h("small", { class: "st-problem" }, of(warning)));
  const note = of(model.note) && h("small", {}, of(model.note));
  const about = [h("b", { dir: "auto" }, model.name), h("small", {}, facts.join(" · ")), note, priceLine(model, strings), ...warnings];
  const trial = state.trials.get(model.key);
  const ways = { kind: "quiet", name: t("ui.try_named", { model: model.name }) };
  const attempt = model.state === "ready" && !trial && button(t("ui.try"), () => tryModel(model, session, state), ways);
  const head = h("div", { class: "st-model-head" }, h("div", {}, ...about.filter(Boolean)), ...[attempt, ...actions].filter(Boolean));
  return h("li", { "data-row": model.key, "data-model": model.key }, head, ...(trial ? [trial.element] : []));
}

/** Begin to try a model, below its row. What is found there is in the list afterwards. */
function tryModel(model, session, state) {
  const onhide = () => {
    state.trials.delete(model.key);
    state.redraw();
  };
  const trial = new Trial(session, model, { onend: () => state.reload(), onhide });
  state.trials.set(model.key, trial);
  state.redraw();
  trial.run();
}

/** What a model is called among others: with its endpoint, where that is the person's own. */
export function titleOf({ name, own }) {
  return own ? `${name} · ${own.endpoint_name}` : name;
}

function builderChoice(session) {
  const { t } = session.strings;
  const select = h("select", { class: "st-input st-builder-choice", "aria-label": t("ui.builder_model") });
  select.append(h("option", { value: "" }, t("ui.builder_model_same")));
  for (const model of session.models.models) select.append(h("option", { value: model.key, disabled: model.state !== "ready" }, titleOf(model)));
  select.value = session.builderModel;
  select.addEventListener("change", () =>
    session.notices.attempt(async () => {
      session.builderModel = (await session.api.put("/api/session", { builder_model: select.value })).builder_model;
      session.emit("models");
    }),
  );
  return h("li", {}, h("small", {}, t("ui.builder_model_hint")), select);
}

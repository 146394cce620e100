// Models and keys: which are ready, what the others need, which one builds.

import { h } from "../chat/dom.js";
import { secretField } from "./secret_field.js";
import { button, Panel, panelHead, section } from "./widgets.js";

/** Fills the bar's slot with the way in; gives the function that opens the panel, for others to offer. */
export function modelsPanel(session) {
  const panel = new Panel("st-models", (body, close) => draw(body, close, session, state));
  const state = { stored: [], asking: "" };
  const load = () =>
    session.notices.attempt(async () => {
      const [{ names }] = await Promise.all([session.api.get("/api/secrets"), session.loadModels(), session.loadTools()]);
      state.stored = names;
      panel.redraw();
    });
  state.reload = load;
  session.on("language", () => panel.element.open && panel.redraw());
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
  return { fill, open };
}

function draw(body, close, session, state) {
  const { t, of } = session.strings;
  const { models, problems, default: fallback } = session.models;
  // A problem of the whole file has no line.
  const told = ({ file, line, message }) =>
    line > 0 ? t("ui.config_problem", { file, line, message: of(message) }) : t("ui.config_file_problem", { file, message: of(message) });
  const ready = models.filter((model) => model.state === "ready" && !model.local);
  const local = models.filter((model) => model.state === "ready" && model.local);
  const waiting = models.filter((model) => model.state !== "ready");
  body.append(
    panelHead(t("ui.models"), t("ui.close"), close),
    h("p", { class: "st-hint" }, t(fallback ? "ui.models_hint" : "ui.models_none", { model: fallback })),
    ...problems.map((problem) => h("p", { class: "st-problem" }, told(problem))),
    ...section(t("ui.models_ready"), ready.map((model) => readyRow(model, session))),
    ...section(t("ui.models_local"), local.map((model) => readyRow(model, session))),
    ...section(t("ui.models_waiting"), keysNeeded(waiting).map((need) => waitingRow(need, session, state))),
    ...section(t("ui.builder_model"), models.length > 0 ? [builderChoice(session)] : []),
    ...section(t("ui.stored_keys"), state.stored.map((name) => storedRow(name, session, state))),
  );
}

/** What a million tokens cost, with the page that says so. */
function priceLine({ price }, { t }) {
  if (!price) return null;
  const { input, output, currency, date } = price;
  const words = t("ui.model_price", { input: `${input} ${currency}`, output: `${output} ${currency}`, date });
  return h("small", {}, h("a", { href: price.source, target: "_blank", rel: "noreferrer" }, words));
}

function readyRow(model, { strings }) {
  const { t, of } = strings;
  const { context_length: length, vision, function_calling: calls, reasoning } = model.facts;
  const facts = [
    of(model.provider_name),
    length && t("ui.model_context", { tokens: `${Math.round(length / 1000)}K` }),
    vision && t("ui.model_vision"),
    t(calls ? "ui.model_calls" : "ui.model_calls_in_text"),
    reasoning && t("ui.model_reasoning"),
  ].filter(Boolean);
  const warnings = model.warnings.map((warning) => h("small", { class: "st-problem" }, of(warning)));
  const note = of(model.note) && h("small", {}, of(model.note));
  return h("li", {}, ...[h("b", {}, model.key), h("small", {}, facts.join(" · ")), note, priceLine(model, strings), ...warnings].filter(Boolean));
}

/** One key often opens several models of a provider: [{name, url, provider, models}]. */
function keysNeeded(models) {
  const needs = new Map();
  for (const { key, needs: need, provider_name: provider } of models) {
    const entry = needs.get(need.name) ?? { ...need, provider, models: [] };
    entry.models.push(key);
    needs.set(need.name, entry);
  }
  return [...needs.values()];
}

function waitingRow({ name, url, provider, models }, session, state) {
  const { t, of } = session.strings;
  const field = secretField(session, { name, url, label: t("ui.key_needed") }, state.reload);
  return h("li", {}, h("b", {}, of(provider)), h("small", {}, models.join(" · ")), field);
}

/** Whose key it is: a provider's or a tool's, or "" where nothing here asks for it any more. */
function keyOwner(name, { models: { models }, tools, strings: { of } }) {
  const model = models.find((entry) => entry.secret === name);
  const secret = tools.flatMap((tool) => tool.secrets).find((entry) => entry.name === name);
  return of(model?.provider_name ?? secret?.label ?? { en: "" });
}

function builderChoice(session) {
  const { t } = session.strings;
  const select = h("select", { class: "st-input", "aria-label": t("ui.builder_model") });
  select.append(h("option", { value: "" }, t("ui.builder_model_same")));
  for (const { key, state } of session.models.models) select.append(h("option", { value: key, disabled: state !== "ready" }, key));
  select.value = session.builderModel;
  select.addEventListener("change", () =>
    session.notices.attempt(async () => {
      session.builderModel = (await session.api.put("/api/session", { builder_model: select.value })).builder_model;
      session.emit("models");
    }),
  );
  return h("li", {}, h("small", {}, t("ui.builder_model_hint")), select);
}

function storedRow(name, session, state) {
  const { t } = session.strings;
  const remove = () =>
    session.notices.attempt(async () => {
      await session.api.remove(`/api/secrets/${encodeURIComponent(name)}`);
      session.notices.tell(t("ui.key_removed", { name }), { about: name });
      await state.reload();
    });
  // A key that came with a configuration is called by its agent's id and its place there.
  const [id, ...place] = name.split(".");
  const agent = session.agents.find((each) => each.id === id);
  const owner = agent ? agent.name || t("ui.unnamed") : keyOwner(name, session);
  const about = [owner, t("ui.key_hidden")].filter(Boolean).join(" · ");
  return h("li", { class: "st-stored" }, h("code", {}, agent ? place.join(".") : name), h("small", {}, about), button(t("ui.remove"), remove, { kind: "quiet" }));
}

// The model that an imported agent names may not be ready here: what can be done about that is offered, once it is stored.

import { h } from "../chat/dom.js";
import { button, Panel, panelHead, section } from "./widgets.js";

/** A dialog; `tell()` opens it where there is something to do about the model of the agent on screen. */
export function importedPanel(session, cures) {
  let shown = { model: null, taken: "" };
  const panel = new Panel("st-imported", (body, close) => draw(body, close, shown, session, { cures, take }));
  const take = (model) => {
    session.edit({ model });
    shown = { ...shown, taken: model };
    panel.redraw();
    panel.element.querySelector(".st-button-main").focus();
  };
  session.on("language", () => panel.redraw());
  const tell = () => {
    const { config: { model }, models: { models } } = session;
    const isReady = model === "" || models.find(({ key }) => key === model)?.state === "ready";
    shown = { model, taken: "" };
    if (!isReady) panel.open();
  };
  return { element: panel.element, tell };
}

function draw(body, close, shown, session, ways) {
  const { t } = session.strings;
  if (shown.model === null) return;
  body.append(
    panelHead(t("ui.imported"), t("ui.close"), close),
    ...section(t("ui.cfg_model"), [modelRow(shown, session, close, ways)]),
    h("div", { class: "st-actions st-end" }, button(t("ui.imported_done"), close, { kind: shown.taken ? "main" : "plain" })),
  );
}

/** The model that is named and not ready, with what can be done about it. Nothing is chosen unless the person does. */
function modelRow({ model, taken }, session, close, { cures, take }) {
  const { strings: { t }, models: { models, default: fallback } } = session;
  if (taken) return h("li", {}, h("p", { role: "status" }, t("ui.imported_uses", { model: taken })));
  const entry = models.find(({ key }) => key === model);
  const env = entry?.needs?.name ?? "";
  const [text, code] = !entry ? ["ui.imported_unknown", "model_unknown"]
    : entry.own ? ["ui.imported_waits_again", "model_no_endpoint_key"] : ["ui.imported_waits", "model_no_key"];
  const [{ label, name, run }] = cures.of({ code, params: { model, env } }, { builds: false });
  const go = () => {
    close();
    run();
  };
  const use = fallback ? button(t("ui.imported_use", { model: fallback }), () => take(fallback), { kind: "main" }) : null;
  const actions = h("div", { class: "st-actions" }, use, button(label, go, { kind: "quiet", name }));
  return h("li", {}, h("p", {}, t(text, { model: entry?.name ?? model, env })), actions);
}

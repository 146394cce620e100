// What a person should know of a configuration that came from a file: keys went to the encrypted store, paths became files
// to add, and its model may not be ready here.

import { h } from "../chat/dom.js";
import { button, icon, Panel, panelHead, section } from "./widgets.js";

/** A dialog; `tell(notices)` opens it where there is something to tell of the agent that was imported just now. */
export function importedPanel(session, cures) {
  let shown = { notices: [], model: null, taken: "" };
  const panel = new Panel("st-imported", (body, close) => draw(body, close, shown, session, { cures, take }));
  const take = (model) => {
    session.edit({ model });
    shown = { ...shown, taken: model };
    panel.redraw();
    panel.element.querySelector(".st-button-main").focus();
  };
  session.on("language", () => panel.redraw());
  const tell = (notices) => {
    const { config: { model }, models: { models } } = session;
    const isReady = model === "" || models.find(({ key }) => key === model)?.state === "ready";
    shown = { notices, model: isReady ? null : model, taken: "" };
    if (notices.length > 0 || shown.model !== null) panel.open();
  };
  return { element: panel.element, tell };
}

function draw(body, close, shown, session, ways) {
  const { t, field } = session.strings;
  const of = (kind) => shown.notices.filter((notice) => notice.kind === kind);
  const files = of("path_replaced").map((notice) => row("file", notice.name, field(notice.field)));
  const keys = of("secret_moved").map((notice) => row("key", notice.field, t("ui.key_hidden")));
  const asks = of("asks_again").map((notice) => row("check", session.toolTitle(notice.name), t("ui.asks_first")));
  body.append(
    panelHead(t("ui.imported"), t("ui.close"), close),
    h("p", { class: "st-hint" }, t(shown.notices.length > 0 ? "ui.imported_hint" : "ui.imported_whole")),
    ...section(t("ui.imported_files"), files),
    ...section(t("ui.imported_keys"), keys),
    ...section(t("ui.imported_asks"), asks),
    ...section(t("ui.cfg_model"), shown.model === null ? [] : [modelRow(shown, session, close, ways)]),
    h("div", { class: "st-actions st-end" }, button(t("ui.imported_done"), close, { kind: shown.model === null || shown.taken ? "main" : "plain" })),
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

function row(shape, name, about) {
  return h("li", { class: "st-stored" }, icon(shape), h("code", { dir: "auto" }, name), h("small", {}, about));
}

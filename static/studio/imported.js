// What was changed in a configuration that came from a file: keys went to the encrypted store, paths became files to add.

import { h } from "../chat/dom.js";
import { button, icon, Panel, panelHead, section } from "./widgets.js";

/** A dialog; `show(notices)` opens it with the `notices` that the server gave for an import. */
export function importedPanel(session) {
  let shown = [];
  const panel = new Panel("st-imported", (body, close) => draw(body, close, shown, session.strings));
  session.on("language", () => panel.redraw());
  const show = (notices) => {
    shown = notices;
    panel.open();
  };
  return { element: panel.element, show };
}

function draw(body, close, notices, { t, field }) {
  const of = (kind) => notices.filter((notice) => notice.kind === kind);
  const files = of("path_replaced").map((notice) => row("file", notice.name, field(notice.field)));
  const keys = of("secret_moved").map((notice) => row("key", notice.field, t("ui.key_hidden")));
  body.append(
    panelHead(t("ui.imported"), t("ui.close"), close),
    h("p", { class: "st-hint" }, t("ui.imported_hint")),
    ...section(t("ui.imported_files"), files),
    ...section(t("ui.imported_keys"), keys),
    h("div", { class: "st-actions st-end" }, button(t("ui.imported_done"), close, { kind: "main" })),
  );
}

function row(shape, name, about) {
  return h("li", { class: "st-stored" }, icon(shape), h("code", { dir: "auto" }, name), h("small", {}, about));
}

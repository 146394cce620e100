// What the keyboard does on this page, and the list that says so.

import { h } from "../chat/dom.js";
import { iconButton, Panel, panelHead } from "./widgets.js";

const ON_MAC = /Mac|iP(?:hone|ad|od)/.test(navigator.platform);
const MOD = ON_MAC ? "⌘" : "Ctrl";
const ALT = ON_MAC ? "⌥" : "Alt";
/** Frames that Gradio may take to show another tab. */
const PATIENCE_FRAMES = 30;

/** Where each pane's keys lead: its half on a phone, its tab, and the field to write in or the button to press. */
const PANES = [
  { code: "Digit1", half: "build", tab: 0, field: "#create_input textarea" },
  { code: "Digit2", half: "build", tab: 1, field: "#cfg_name :is(textarea, input)" },
  { code: "Digit3", half: "preview", tab: null, field: "#preview_input textarea" },
  { code: "Digit4", half: "preview", tab: null, press: ".st-conversation" },
];
const AFRESH = { half: "preview", tab: null, press: ".st-afresh" };

/** [title, [[what, keys], …]]: keys in a list are pressed together; "/" between lists means either. */
const LIST = [
  ["ui.keys_chat", [
    ["ui.keys_send", [["Enter"]]],
    ["ui.keys_line", [["Shift", "Enter"]]],
    ["ui.keys_stop", [["Esc"]]],
    ["ui.new_conversation", [[MOD, "Shift", "O"]]],
    ["ui.conversations", [[ALT, "4"]]],
    ["ui.keys_rename", [["F2"]]],
    ["ui.keys_delete", [["Del"]]],
  ]],
  ["ui.keys_page", [
    ["ui.keys_find", [[MOD, "K"]]],
    ["ui.create", [[ALT, "1"]]],
    ["ui.configure", [[ALT, "2"]]],
    ["ui.preview", [[ALT, "3"]]],
    ["ui.keys_help", [["?"], [MOD, "/"]]],
    ["ui.keys_close", [["Esc"]]],
  ]],
];

/** Fills the bar's slot with the way to the list, and listens. `find()` is what the keys for searching do. */
export function fillShortcuts(slot, session, find) {
  const panel = new Panel("st-keys", (body, close) => drawList(body, close, session.strings));
  const opener = iconButton("keyboard", "", () => panel.open());
  const name = () => {
    opener.title = session.strings.t("ui.keys");
    opener.setAttribute("aria-label", opener.title);
  };
  slot.append(opener, panel.element);
  session.on("language", () => {
    name();
    panel.redraw();
  });
  name();
  document.addEventListener("keydown", (event) => {
    const action = event.defaultPrevented || event.isComposing ? null : actionOf(event, { find, help: () => panel.open() });
    if (!action) return;
    event.preventDefault();
    action();
  });
}

function actionOf(event, { find, help }) {
  const { key, code, altKey, shiftKey } = event;
  const mod = event.ctrlKey || event.metaKey;
  const inDialog = document.querySelector("dialog[open]");
  if (mod && !altKey && !shiftKey && key.toLowerCase() === "k") return !inDialog || inDialog.matches(".st-library") ? find : null;
  if (inDialog) return null;
  if (mod && !altKey && key === "/") return help;
  if (key === "?" && !mod && !altKey && !isWritten(event.target)) return help;
  if (mod && !altKey && shiftKey && code === "KeyO") return () => goTo(AFRESH);
  const pane = altKey && !mod && !shiftKey && PANES.find((each) => each.code === code);
  return pane ? () => goTo(pane) : null;
}

/** Whether a letter would be written there. */
function isWritten(element) {
  return element.matches?.("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=file], [readonly])");
}

function goTo({ half, tab, field, press }) {
  document.querySelector(`#pane_switch [data-pane="${half}"]`)?.click();
  if (tab !== null) document.querySelectorAll("#build_tabs [role=tab]")[tab]?.click();
  if (press) return document.querySelector(press)?.click();
  const from = document.activeElement;
  // A tab that was never open takes some frames to be drawn. Who has gone elsewhere meanwhile stays there.
  const enter = (left) => {
    if (document.activeElement !== from && document.activeElement !== document.body) return;
    const target = document.querySelector(field);
    target?.focus();
    if (left > 0 && document.activeElement !== target) requestAnimationFrame(() => enter(left - 1));
  };
  enter(PATIENCE_FRAMES);
}

function drawList(body, close, { t }) {
  body.append(panelHead(t("ui.keys"), t("ui.close"), close));
  for (const [title, rows] of LIST) {
    const entries = rows.map(([what, ways]) => h("div", {}, h("dt", {}, t(what)), h("dd", {}, ...keysOf(ways, t("ui.keys_or")))));
    body.append(h("section", {}, h("h3", {}, t(title)), h("dl", {}, ...entries)));
  }
}

function keysOf(ways, or) {
  return ways.flatMap((keys, index) => [
    ...(index ? [h("span", {}, or)] : []),
    h("kbd", {}, ...keys.flatMap((key, place) => [...(place ? ["+"] : []), h("kbd", {}, key)])),
  ]);
}

// Before it goes out: what is missing and what to know, each with the way to its place, and which keys others will need.

import { h } from "../chat/dom.js";
import { openPlace } from "./cures.js";
import { button, icon, outward } from "./widgets.js";

/** What matters only to an agent that leaves this server. */
const ELSEWHERE = new Set(["model_near", "sandbox", "program", "bulk"]);

/** What is to be seen to before the agent is taken elsewhere. */
export function leavingParts(session, ready) {
  const rows = (ready?.findings ?? []).filter(({ kind }) => ELSEWHERE.has(kind)).map((finding) => row(session, finding));
  return rows.length > 0 ? [h("ul", { class: "st-ready" }, ...rows)] : [];
}

/** What is to be seen to, as elements: none where there is nothing. `isOut`: what is on screen is published already. */
export function readyParts(session, { findings, keys }, isOut) {
  const { t } = session.strings;
  const list = (level) => findings.filter((finding) => finding.level === level && !ELSEWHERE.has(finding.kind)).map((finding) => row(session, finding));
  const [missing, warnings] = [list("missing"), list("warning")];
  return [
    ...(missing.length > 0 ? [h("h3", {}, t(isOut ? "ui.ready_open" : "ui.ready_missing")), h("ul", { class: "st-ready", "data-level": "missing" }, ...missing)] : []),
    ...(warnings.length > 0 ? [h("h3", {}, t("ui.ready_warnings")), h("ul", { class: "st-ready" }, ...warnings)] : []),
    ...(keys.length > 0 ? [keysOf(session, keys)] : []),
  ];
}

function row(session, { kind, field, text }) {
  const { strings, toolTitle } = session;
  const named = /^(?:openapi|mcpServers|knowledge)\./.test(field) ? field.split(".")[0] : field;
  const go = strings.t("ui.ready_go");
  const jump = button(go, () => openPlace(...placeOf(field)), { kind: "quiet", name: `${go}: ${strings.field(named, toolTitle)}` });
  return h("li", { "data-kind": kind, "data-field": field }, icon("alert"), h("span", { dir: "auto" }, strings.of(text)), jump);
}

/** The tab of a field, and where in it it is: of an entry of a list, its row. */
function placeOf(field) {
  const [top, ...rest] = field.split(".");
  const part = CSS.escape(rest.join("."));
  if (top === "knowledge") return [2, "#cfg_knowledge", part ? `[data-row="${part}"]` : null];
  return [1, `#cfg_${top}`, top === "tools" && part ? `[data-tool="${part}"]` : null];
}

function keysOf(session, keys) {
  const { t, of } = session.strings;
  const rows = keys.map(({ name, label, url, required }) => {
    const about = [of(label), required ? null : t("ui.ready_key_optional")].filter(Boolean).join(" · ");
    return h("li", {}, h("code", {}, name), h("span", { dir: "auto" }, about), url ? outward(url, t("ui.key_where")) : null);
  });
  return h("details", { class: "st-ready-keys st-fold" }, h("summary", {}, t("ui.ready_keys", { count: keys.length }), icon("down")), h("p", { class: "st-hint" }, t("ui.ready_keys_hint")), h("ul", {}, ...rows));
}

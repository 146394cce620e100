// The draft as what it is in the end: a JSON document, to be read here and taken along.

import { COPIED_FOR_MS, copyText } from "../chat/clipboard.js";
import { h, perFrame } from "../chat/dom.js";
import { ask } from "../chat/stream.js";
import hljs from "../vendor/highlightjs-11.12.0/highlight.min.js";
import { button, Panel, panelHead } from "./widgets.js";

/** Fills its slot with the way to the document of the agent that is open. */
export function fillDocument(slot, session) {
  const { strings } = session;
  const panel = new Panel("st-json", (body, close) => drawDocument(body, close, session));
  const opener = button("JSON", () => panel.open(), { shape: "braces", kind: "quiet" });
  const redraw = perFrame(() => panel.element.open && panel.redraw());
  const draw = () => {
    opener.title = strings.t("ui.json_open");
    opener.setAttribute("aria-label", `JSON: ${opener.title}`);
    opener.hidden = session.agent === null;
    redraw();
  };
  slot.append(opener, panel.element);
  for (const topic of ["agent", "config", "drafting", "language"]) session.on(topic, draw);
  draw();
}

function drawDocument(body, close, session) {
  const { t } = session.strings;
  const text = JSON.stringify(documentOf(session), null, 2);
  const code = h("code");
  code.innerHTML = hljs.highlight(text, { language: "json" }).value; // highlight.js escapes what it is given
  const copy = button(t("ui.json_copy"), () => copyText(text).then((copied) => say(copy, t(copied ? "ui.json_copied" : "ui.json_not_copied"))), { shape: "copy" });
  const download = button(t("ui.json_download"), () => session.notices.attempt(() => save(session)), { shape: "download", kind: "main" });
  const shown = h("pre", { tabindex: "0", dir: "ltr", role: "region", "aria-label": t("ui.json_open") }, code);
  body.append(panelHead(t("ui.json_title"), t("ui.close"), close, copy, download), h("p", { class: "st-hint" }, t("ui.json_hint")), shown);
}

/** What is stored, with what is typed and what the builder is writing just now. */
function documentOf({ agent, drafted, edits, partial }) {
  const stored = agent?.config ?? {};
  const changing = [...Object.keys(edits.unsaved), ...Object.keys(partial ?? {})].filter((field) => field in drafted);
  return { ...stored, ...Object.fromEntries(changing.map((field) => [field, drafted[field]])) };
}

/** The stored document as a file, called as the server calls it. Throws `Failure`. */
async function save(session) {
  await session.edits.flush();
  const response = await ask(`${session.path}/config`);
  const name = /filename\*=UTF-8''(\S+)/.exec(response.headers.get("content-disposition"))?.[1];
  const url = URL.createObjectURL(await response.blob());
  h("a", { href: url, download: decodeURIComponent(name ?? "builder_config.json") }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}

function say(element, words) {
  const label = element.querySelector("span");
  const before = label.textContent;
  label.textContent = words;
  setTimeout(() => (label.textContent = before), COPIED_FOR_MS);
}

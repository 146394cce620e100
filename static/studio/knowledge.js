// The *Knowledge* tab: files with how far each is, and what a question would find in them.

import { h } from "../chat/dom.js";
import { acceptDrops } from "../chat/drops.js";
import { knowledgeProblems } from "./knowledge_problems.js";
import { FileRows } from "./knowledge_rows.js";
import { Passages } from "./passages.js";
import { button, fileButton, keepingTyped } from "./widgets.js";

/** The files, and where more are added. */
export function fillKnowledge(slot, session, known) {
  slot.classList.add("st-knowledge", "st-drop");
  const { notices, strings } = session;
  const passages = new Passages(session, known);
  const rows = new FileRows(session, known, passages);
  const summary = h("p", { class: "st-known-summary st-hint" });
  const progress = h("p", { class: "st-hint", role: "status" });
  const actions = h("div", { class: "st-actions" });
  const address = h("form", { class: "st-known-form" });
  const add = (files) => known.add(files);
  const drawActions = () => {
    const { t } = strings;
    const upload = fileButton(t("ui.knowledge_add"), add, { multiple: true });
    const folder = fileButton(t("ui.knowledge_add_folder"), add, { folder: true });
    keepingTyped(actions, () => actions.replaceChildren(upload, folder, h("span", { class: "st-hint st-by-mouse" }, t("ui.or_drop"))));
    const url = h("input", { name: "address", type: "text", inputmode: "url", class: "st-input", maxlength: 2000, "aria-label": t("ui.known_address"), placeholder: t("ui.known_address_example") });
    const take = button(t("ui.known_address_add"), null);
    take.type = "submit";
    keepingTyped(address, () => address.replaceChildren(url, take));
  };
  address.addEventListener("submit", async (event) => {
    event.preventDefault();
    const url = address.querySelector("input");
    if (url.value.trim() === "") return url.focus();
    address.setAttribute("aria-busy", "true");
    if (await known.addAddress(url.value.trim())) address.querySelector("input").value = "";
    address.removeAttribute("aria-busy");
  });
  const draw = () => {
    summary.textContent = summaryOf(known, strings);
    summary.hidden = known.files.length === 0;
    slot.toggleAttribute("data-empty", known.files.length === 0);
    progress.textContent = progressOf(known, strings);
    rows.draw();
  };
  slot.append(actions, address, progress, summary, knowledgeProblems(session, known, { withFiles: true }), rows.element, passages.element);
  acceptDrops(slot, (files, folders) => {
    for (const name of folders) notices.problem(strings.t("ui.no_folder", { name }));
    if (files.length > 0) add(files);
  });
  for (const topic of ["files", "statistics", "uploading"]) known.on(topic, draw);
  session.on("language", () => {
    drawActions();
    draw();
  });
  drawActions();
  draw();
  notices.attempt(() => known.load());
}

function summaryOf({ files, statistics }, { t, count }) {
  const parts = [t("ui.known_files", { count: count(files.length) })];
  const failed = files.filter(({ state }) => state === "failed" || state === "missing").length;
  if (failed > 0) parts.push(t("ui.known_failed", { count: count(failed) }));
  if (statistics?.passages) parts.push(t("ui.known_passages", { passages: count(statistics.passages), tokens: count(statistics.tokens) }));
  return parts.join(" · ");
}

function progressOf({ files, uploading, isAtWork }, { t, count }) {
  if (uploading) return t("ui.known_uploading", { done: count(uploading.done), all: count(uploading.all) });
  if (!isAtWork) return "";
  const done = files.filter(({ state }) => state === "ready").length;
  return t("ui.known_reading", { done: count(done), all: count(files.length) });
}

/**
 * What is copied of a drawn formula is its source. KaTeX's own extension for it, copy-tex, joins all paragraphs of what
 * is selected into one line.
 */

import { h } from "./dom.js";

/** Element -> the source of what is drawn in it. */
const sources = new WeakMap();

/** From now on the element is copied as `source`. */
export function copyFormulasAsSource(element, source) {
  sources.set(element, source);
  document.addEventListener("copy", onCopy); // the same listener is added once
}

function onCopy(event) {
  const selection = getSelection();
  if (selection.isCollapsed || !event.clipboardData) return;
  const range = selection.getRangeAt(0).cloneRange();
  const first = formulaAround(range.startContainer);
  const last = formulaAround(range.endContainer);
  if (first) range.setStartBefore(first);
  if (last) range.setEndAfter(last);
  const root = range.commonAncestorContainer;
  const within = root.nodeType === Node.ELEMENT_NODE ? root : root.parentElement;
  const formulas = [...within.querySelectorAll(".af-formula")].filter((it) => sources.has(it) && range.intersectsNode(it));
  const chat = within.closest(".af-chat") ?? formulas[0]?.closest(".af-chat");
  if (!formulas.length || !chat) return;
  const copy = h("div", { "aria-hidden": "true", style: "position:fixed;width:1px;opacity:0" }, range.cloneContents());
  copy.querySelectorAll(".af-formula").forEach((it, index) => it.replaceWith(sources.get(formulas[index])));
  chat.append(copy); // `innerText` breaks lines only in what is laid out
  event.clipboardData.setData("text/plain", copy.innerText);
  event.clipboardData.setData("text/html", copy.innerHTML);
  event.preventDefault();
  copy.remove();
}

const formulaAround = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest(".af-formula");

/** Puts the drawings of formulas in the place of their sources. Until there is one, and where there is none, the source stays. */

import { inSlices } from "./dom.js";
import { copyFormulasAsSource } from "./formula_copy.js";
import { Stuck, htmlOf } from "./formula_katex.js";

/** So many formulas may be given up; then no more are drawn, so that a text full of them does not work for ever. */
const MOST_STUCK = 3;
/** So many formulas of one text are drawn. */
const MOST_IN_TEXT = 1_000;
/** So many of them at once; the others little by little, and not while the text grows: it is then drawn again and again. */
const MOST_AT_ONCE = 100;
/** Drawings are kept, because a growing paragraph asks for its formulas at every word. */
const MOST_KEPT_CHARS = 4_000_000;

/** What keeps KaTeX away is waited for so long, time after time; then it is given up. */
const PAUSES_MS = [500, 2_000, 4_000, 8_000, 16_000, 32_000, null];

/** Source -> HTML, or null where there is no drawing; the oldest first. */
const drawings = new Map();
let keptChars = 0;
/** Source -> the elements that wait for its drawing; the next one first. */
const waiting = new Map();
let working = false;
let stuck = 0;

/** Element -> its source, of those whose drawing was asked for. */
const sources = new WeakMap();

/** Whether an element that stands is the formula which `fresh` is, drawn or not; undefined where it is no formula. */
export function isSameFormula(old, fresh) {
  if (!old.classList.contains("af-formula")) return undefined;
  return old.className === fresh.className && (sources.get(old) ?? old.textContent) === fresh.textContent;
}

/**
 * Draws every formula of some nodes, at once where it was drawn before, else as soon as it can be; how many there are.
 * What was asked for before is not asked for again.
 */
export function drawFormulas(nodes, { growing }) {
  const elements = nodes.flatMap((node) => [...(node.querySelectorAll?.(".af-formula") ?? [])]);
  for (const [index, element] of elements.slice(0, growing ? MOST_AT_ONCE : MOST_IN_TEXT).entries()) {
    if (sources.has(element)) continue;
    const source = element.textContent;
    sources.set(element, source);
    if (drawings.has(source) && index < MOST_AT_ONCE) put(element, source, drawings.get(source));
    else if (waiting.has(source)) waiting.get(source).push(element);
    else waiting.set(source, [element]);
  }
  if (waiting.size && !working) work();
  return elements.length;
}

async function work() {
  working = true;
  for (const pause of PAUSES_MS) {
    try {
      await drawWaiting();
      break;
    } catch (error) {
      // No worker here, or KaTeX could not be fetched: the network may come back.
      if (pause === null) giveUp(error);
      else await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  working = false;
}

async function drawWaiting() {
  while (waiting.size) {
    const [source] = waiting.keys();
    if (!drawings.has(source)) keep(source, await drawing(source));
    const html = drawings.get(source);
    const elements = waiting.get(source);
    waiting.delete(source);
    await putInSlices(elements, source, html);
  }
}

function giveUp(error) {
  waiting.clear();
  console.warn("Formulas stay as they were written.", error);
}

async function drawing(source) {
  if (stuck >= MOST_STUCK) return null;
  try {
    return await htmlOf(source);
  } catch (error) {
    if (!(error instanceof Stuck)) throw error;
    stuck += 1;
    return null;
  }
}

function keep(source, html) {
  drawings.set(source, html);
  keptChars += source.length + (html?.length ?? 0);
  for (const [oldest, old] of drawings) {
    if (keptChars <= MOST_KEPT_CHARS) return;
    drawings.delete(oldest);
    keptChars -= oldest.length + (old?.length ?? 0);
  }
}

async function putInSlices(elements, source, html) {
  const slice = inSlices();
  for (const element of elements) {
    put(element, source, html);
    await slice();
  }
}

function put(element, source, html) {
  if (html === null) return;
  element.innerHTML = html; // KaTeX escapes what it is given, and may not trust it
  copyFormulasAsSource(element, source);
}

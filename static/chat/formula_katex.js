/** KaTeX at a distance: fetched for the first formula, working in a worker that is replaced where it does not come to an end. */

import { h } from "./dom.js";
import { isDisplay, texOf } from "./formulas.js";

const STYLES = new URL("../vendor/katex-0.19.1/katex.min.css", import.meta.url);
const WORKER = new URL("./formula_worker.js", import.meta.url);
const LONGEST_START_MS = 30_000;
const LONGEST_WORK_MS = 2_000;

let worker = null;
let dressed = false;

/** The formula as HTML; null where KaTeX cannot read it. Throws `Stuck` where it takes too long, else what keeps KaTeX away. */
export async function htmlOf(source) {
  if (!dressed) await dress();
  if (!worker) await hire();
  try {
    return await answer(LONGEST_WORK_MS, () => worker.postMessage({ tex: texOf(source), display: isDisplay(source) }));
  } catch (error) {
    dismiss();
    throw error;
  }
}

/** KaTeX did not come to an end. */
export class Stuck extends Error {}

async function hire() {
  worker = new Worker(WORKER, { type: "module" });
  try {
    await answer(LONGEST_START_MS);
  } catch (error) {
    dismiss();
    throw new Error("KaTeX did not start", { cause: error });
  }
}

function dismiss() {
  worker.terminate();
  worker = null;
}

/** What the worker says next, after `ask()`. */
function answer(withinMs, ask = () => {}) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Stuck(`No answer within ${withinMs} ms`)), withinMs);
    worker.onmessage = ({ data }) => {
      clearTimeout(timer);
      resolve(data);
    };
    worker.onerror = (event) => {
      clearTimeout(timer);
      reject(new Error(event.message || "The worker failed"));
    };
    ask();
  });
}

/**
 * KaTeX's rules, made to outweigh what reset.css takes away from everything in a chat. As a link they would not; and
 * without the link there would be no fonts, which cannot be declared within another rule.
 */
async function dress() {
  const response = await fetch(STYLES);
  if (!response.ok) throw new Error(`HTTP ${response.status} for KaTeX's styles`);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`.af-chat:not(#_) .af-formula { ${await response.text()} }`);
  document.adoptedStyleSheets.push(sheet);
  document.head.append(h("link", { rel: "stylesheet", href: STYLES.href }));
  dressed = true;
}

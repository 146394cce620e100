/** Draws one formula per message. In a worker, which can be stopped: a few words of TeX can keep KaTeX busy for hours. */

import "../vendor/katex-0.19.1/katex.min.js";

const OPTIONS = {
  trust: false,
  throwOnError: false,
  strict: "ignore", // Chinese in a formula is no fault here
  errorColor: "var(--af-danger)",
  maxSize: 20,
  maxExpand: 500,
};
/** What a drawing may come to: macros can turn one line into megabytes. Counted in characters of HTML. */
const MOST_HTML = 20_000;
const MOST_HTML_PER_CHAR = 400;
/** Elements within each other; deeper ones take the browser seconds to lay out. */
const DEEPEST_HTML = 150;

addEventListener("message", ({ data: { tex, display } }) => postMessage(drawn(tex, display)));
postMessage("ready");

/** The formula as HTML; null where it cannot be read, or is too much. */
function drawn(tex, displayMode) {
  try {
    const html = globalThis.katex.renderToString(tex, { ...OPTIONS, displayMode });
    const readable = !html.startsWith('<span class="katex-error"');
    const bounded = html.length <= MOST_HTML + MOST_HTML_PER_CHAR * tex.length && depthOf(html) <= DEEPEST_HTML;
    return readable && bounded ? html : null;
  } catch {
    return null; // an overflow of the stack, which KaTeX does not tell as an error of the formula
  }
}

function depthOf(html) {
  let depth = 0;
  let deepest = 0;
  for (const [, end] of html.matchAll(/<(\/?)span/g)) {
    depth += end ? -1 : 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

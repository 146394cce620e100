/** Making elements. Children that are strings become text nodes: nothing here ever parses HTML. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * A new element. Attributes that are null, undefined or false are left out; a function under `on…` listens.
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...(Node | string | null)} children
 * @returns {HTMLElement}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** A button with a text of the conversation's own, that `onclick` takes as the next message. */
export function suggestionButton(text, onclick) {
  return h("button", { type: "button", class: "af-suggestion", dir: "auto", onclick }, text);
}

/** Whether the cursor may be put into a field unasked: on a phone that would bring up the keyboard, over half the page. */
export const mayFocus = () => matchMedia("(hover: hover)").matches;

/** Stroke icons on a 24 x 24 grid, by name. */
const STROKES = {
  send: "M12 19V5M5.5 11.5 12 5l6.5 6.5",
  stop: "M7.5 7.5h9v9h-9z",
  clip: "M20 11.5 12.2 19.3a4.6 4.6 0 0 1-6.5-6.5l8-8a3 3 0 0 1 4.3 4.3l-7.9 7.9a1.5 1.5 0 0 1-2.1-2.1l7.2-7.2",
  close: "M6.5 6.5l11 11M17.5 6.5l-11 11",
  chevron: "M9.5 6.5 15 12l-5.5 5.5",
  copy: "M9 9h10.5v10.5H9zM15 9V4.5H4.5V15H9",
  clear: "M13.5 5.2 19 10.7l-8.3 8.3H7.2l-3-3a1 1 0 0 1 0-1.4zM9.2 9.5l5.4 5.4M10.7 19H20",
  check: "M5.5 12.5l4.2 4.2L18.5 8",
  alert: "M12 8v4.8M12 16.2v.1M12 3.8 21 19.4H3z",
  thought: "M12 3.5v3M12 17.5v3M3.5 12h3M17.5 12h3M6 6l2.1 2.1M15.9 15.9 18 18M6 18l2.1-2.1M15.9 8.1 18 6",
  book: "M5 5.2c2.6-.9 5-.6 7 .9 2-1.5 4.4-1.8 7-.9v12.6c-2.6-.9-5-.6-7 .9-2-1.5-4.4-1.8-7-.9zM12 6.1v12.6",
  pencil: "M5 19l.8-3.8L15.6 5.4a1.9 1.9 0 0 1 2.7 0l.3.3a1.9 1.9 0 0 1 0 2.7L8.8 18.2zM13.8 7.2l3 3",
  down: "M12 5v14M5.5 12.5 12 19l6.5-6.5",
  hand: "M8 12.5V6.2a1.5 1.5 0 0 1 3 0V11m0-.5V4.8a1.5 1.5 0 0 1 3 0V11m0-4.2a1.5 1.5 0 0 1 3 0V14c0 4-2 6.2-5.2 6.2-3 0-4.3-1.4-6.3-4.6l-1.3-2.2a1.4 1.4 0 0 1 2.3-1.6L8 13.5",
  menu: "M4.5 7h15M4.5 12h15M4.5 17h15",
  keep: "M12 4.5v10.2M7 10l5 5 5-5M5.5 19.2h13",
  file: "M7 3.8h6.5L18 8.3v11.9H7zM13.2 4v4.6h4.6",
  retry: "M19 12a7 7 0 1 1-2.2-5.1M19.2 3.8v4h-4",
};

/**
 * A decorative icon, hidden from screen readers.
 * @param {keyof typeof STROKES} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "af-icon");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", STROKES[name]);
  svg.append(path);
  return svg;
}

/**
 * A function that runs `work` once in the next frame, however often it is called before. Work that takes long is
 * given longer pauses, so that the page stays responsive; a hidden page is drawn at a slow pace.
 * @param {() => void} work
 * @returns {(() => void) & {now: () => void}}
 */
export function perFrame(work) {
  let planned = false;
  let restUntil = 0;
  const run = () => {
    planned = false;
    const begin = performance.now();
    work();
    const end = performance.now();
    restUntil = end + 3 * (end - begin);
  };
  const plan = () => {
    if (planned) return;
    planned = true;
    const rest = document.hidden ? 500 : restUntil - performance.now() - 16;
    if (rest > 0) setTimeout(() => planned && run(), rest);
    else requestAnimationFrame(() => planned && run());
  };
  plan.now = run;
  return plan;
}

/** So long may one piece of work hold up the page. */
const SLICE_MS = 12;

/** A function to await between the parts of long work: the page has a turn whenever it is due. */
export function inSlices() {
  let begin = performance.now();
  return async () => {
    if (document.hidden || performance.now() - begin < SLICE_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    begin = performance.now();
  };
}

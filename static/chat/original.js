/** The file behind a passage: opened at its place where the browser can, and always there to be kept. */

import { h } from "./dom.js";

const SLIDES = /\.(?:pp[ts][xm]?|pot[xm]?|odp)$/i;
/** A longer sentence is looked for by its ends: a page may break it up. */
const LONGEST_SOUGHT = 90;
const END_WORDS = 5;
const END_CHARS = 12;
const CHINESE = /[\u3400-\u9fff]/;

/** Whether the pages of a file of that name are slides. */
export const hasSlides = (name) => SLIDES.test(name);

/**
 * Links into the file, the nearest to the passage first.
 * @param {{url: string, name: string, media_type: string, address: string}} original
 * @param {{page: number | null, member: string}} hit where in it
 * @param {string} sentence what is looked for on a web page
 */
export function waysIn(strings, original, { page, member = "" }, sentence) {
  const { url, name, address, media_type: type } = original;
  const isPaper = type === "application/pdf" && !member;
  const place = isPaper && page ? `#page=${page}` : "";
  const ways = [];
  if (address) ways.push(link(strings, address.split("#")[0] + (isPaper ? place : sought(sentence)), "chat.source.web"));
  // A browser without a viewer would keep the file, whatever the link says.
  if (isPaper && navigator.pdfViewerEnabled) {
    ways.push(link(strings, url + place, ...(place ? ["chat.source.at_page", { page }] : ["chat.source.file"])));
  }
  if (type.startsWith("image/")) ways.push(link(strings, url, "chat.picture.open"));
  return [...ways, strings.say(h("a", { class: "af-button", href: url, download: name }), "chat.source.keep")];
}

/** The picture itself, where the file is one; null where it is none. */
export function pictureOf({ url, name, media_type: type }) {
  return type.startsWith("image/") ? h("img", { class: "af-source-picture", src: url, alt: name }) : null;
}

/** A fragment by which a browser finds the sentence on a page and marks it; empty for no sentence. */
function sought(sentence) {
  const text = sentence.replace(/\s+/g, " ").trim();
  if (!text) return "";
  const ends = text.length > LONGEST_SOUGHT ? endsOf(text) : [text];
  return `#:~:text=${ends.map((part) => encodeURIComponent(part).replaceAll("-", "%2D")).join(",")}`;
}

function endsOf(text) {
  if (CHINESE.test(text)) return [text.slice(0, END_CHARS), text.slice(-END_CHARS)];
  const words = text.split(" ");
  return [words.slice(0, END_WORDS).join(" "), words.slice(-END_WORDS).join(" ")];
}

function link(strings, href, key, params) {
  return strings.say(h("a", { class: "af-button", href, target: "_blank", rel: "noopener noreferrer" }), key, params);
}

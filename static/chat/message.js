/** What a person said: their words exactly as typed, and the files that came along. */

import { h, icon } from "./dom.js";

/** Raster pictures are shown; anything else, drawings with scripts in them included, is a link. */
export const PICTURE = /^image\/(?:png|jpeg|gif|webp|avif|bmp)$/;

/**
 * A message's bubble. A file is `{name, media_type, size_bytes, url}`.
 * @param {{text: string, files: {name: string, media_type: string, size_bytes: number, url: string}[]}} message
 */
export function userMessage(strings, { text, files }) {
  const who = strings.say(h("span", { class: "af-hidden" }), "chat.you");
  const bubble = text ? h("div", { class: "af-bubble", dir: "auto" }, text) : null;
  return h("div", { class: "af-user" }, who, fileList(strings, files), bubble);
}

/** Files of a message as thumbnails and links; null where there are none. */
export function fileList(strings, files) {
  if (!files.length) return null;
  return h("div", { class: "af-files" }, ...files.map((file) => fileLink(strings, file)));
}

function fileLink(strings, { name, media_type: type, size_bytes: size, url }) {
  const link = { href: url, target: "_blank", rel: "noopener", title: name };
  if (PICTURE.test(type)) return h("a", { ...link, class: "af-picture" }, h("img", { src: url, alt: name }));
  const facts = h("span", { class: "af-muted" });
  strings.bind(facts, () => (facts.textContent = strings.size(size)));
  return h("a", { ...link, class: "af-chip", download: name }, icon("file"), h("span", { dir: "auto" }, name), facts);
}

/** Putting text where it can be pasted from. */

import { h } from "./dom.js";

/** How long a button says that it copied. */
export const COPIED_FOR_MS = 1_600;

/** Whether the text is in the clipboard now. Plain http on another host than this one has no `navigator.clipboard`. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h("textarea", { readonly: true, style: "position:fixed;opacity:0" });
    area.value = text;
    (document.querySelector("dialog[open]") ?? document.body).append(area); // beside an open dialog nothing can be selected
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    return copied;
  }
}

/** An agent that is shared, as its own page and a frame on somebody else's have it; every address is below where the page is. */

import { mountChat } from "./chat.js";
import { h, icon } from "./dom.js";
import { ask } from "./stream.js";

export function pathOf(conversation, more = "") {
  return `conversations/${encodeURIComponent(conversation)}${more}`;
}

/** Where the conversation lives that `open()` names; null while there is none: `turnTo(id)` is told the one that a message begins. */
export function endpointsOf({ open, turnTo, file, ...more }) {
  return {
    history: () => open() && pathOf(open()),
    send: async (signal) => {
      if (open()) return pathOf(open(), "/messages");
      const { id } = await (await ask("conversations", { method: "POST" })).json();
      if (!signal.aborted) turnTo(id); // else another is open by now
      return pathOf(id, "/messages");
    },
    decide: () => pathOf(open(), "/decisions"),
    turn: (turn) => `turns/${turn}`,
    file,
    ...more,
  };
}

/** The chat with the agent of that profile; `options` are those of `mountChat` that differ. */
export function mountAgent(element, profile, options) {
  return mountChat(element, {
    prefix: "agent",
    uploads: true,
    revisable: true,
    visiting: true,
    seesPictures: () => profile.sees_pictures,
    hearsSounds: () => profile.hears_sounds,
    toolTitles: profile.tool_titles,
    card: { ...profile },
    ...options,
  });
}

/** What the head of the page begins with: the agent's face, where it has one, and its name. */
export function whoOf({ avatar, name }) {
  const face = avatar && h("img", { src: avatar, alt: "", class: "af-page-face" });
  return [face, h("h1", { class: "af-page-name", dir: "auto" }, name)];
}

export function headButton(strings, shape, key, onclick) {
  return strings.label(h("button", { type: "button", class: "af-page-button", onclick }, icon(shape)), key);
}

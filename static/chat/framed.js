/** A shared agent in a frame on somebody else's page: the chat, and a token in memory instead of a cookie. */

import { mountChat } from "./chat.js";
import { h, icon } from "./dom.js";
import { keptLine } from "./kept.js";
import { ask, speakWith } from "./stream.js";
import { Strings } from "./strings.js";

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const profile = read("profile");
let frame = read("frame");
const strings = new Strings(document.documentElement.lang);
const root = document.getElementById("page");
const path = (conversation, more = "") => `conversations/${encodeURIComponent(conversation)}${more}`;

/** The one conversation of this page; it is gone with it. */
let open = null;

speakWith(() => frame.token);
setInterval(renew, (frame.lives_s / 2) * 1000);
// A computer that slept kept no time.
document.addEventListener("visibilitychange", () => !document.hidden && renew());

async function renew() {
  try {
    frame = await (await ask("embed/token", { method: "POST" })).json();
  } catch {
    // The next message says what is wrong.
  }
}

const endpoints = () => ({
  history: () => open && path(open),
  send: async () => {
    open ??= (await (await ask("conversations", { method: "POST" })).json()).id;
    return path(open, "/messages");
  },
  decide: () => path(open, "/decisions"),
  turn: (turn) => `turns/${turn}`,
  file: (file) => `files/${file}?frame=${encodeURIComponent(frame.files)}`,
});

function again() {
  open = null;
  chat.open(endpoints());
}

const face = profile.avatar && h("img", { src: profile.avatar, alt: "", class: "af-page-face" });
const fresh = strings.label(h("button", { type: "button", class: "af-page-button", onclick: again }, icon("pencil")), "chat.page_new");
const close = strings.label(h("button", { type: "button", class: "af-page-button", onclick: () => parent.postMessage("af-close", frame.origin) }, icon("close")), "chat.page_close");
const main = h("main", { class: "af-page-chat" });
root.append(h("header", { class: "af-page-head" }, face, h("h1", { class: "af-page-name", dir: "auto" }, profile.name), fresh, close), main);

const chat = mountChat(main, {
  prefix: "agent",
  language: strings.language,
  endpoints: endpoints(),
  uploads: true,
  revisable: true,
  visiting: true,
  seesPictures: () => profile.sees_pictures,
  hearsSounds: () => profile.hears_sounds,
  toolTitles: profile.tool_titles,
  card: { ...profile },
});
main.append(keptLine(strings, profile, { frame: true }));

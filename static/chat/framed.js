/** A shared agent in a frame on somebody else's page: the chat, and a token in memory instead of a cookie. */

import { h } from "./dom.js";
import { keptLine } from "./kept.js";
import { endpointsOf, headButton, mountAgent, whoOf } from "./shared_agent.js";
import { ask, speakWith } from "./stream.js";
import { Strings } from "./strings.js";

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const profile = read("profile");
let frame = read("frame");
const strings = new Strings(document.documentElement.lang);
const root = document.getElementById("page");

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

const endpoints = () => endpointsOf({
  open: () => open,
  turnTo: (conversation) => (open = conversation),
  file: (file) => `files/${file}?frame=${encodeURIComponent(frame.files)}`,
});

function again() {
  open = null;
  chat.open(endpoints());
}

const fresh = headButton(strings, "pencil", "chat.page_new", again);
const close = headButton(strings, "close", "chat.page_close", () => parent.postMessage("af-close", frame.origin));
const main = h("main", { class: "af-page-chat" });
root.append(h("header", { class: "af-page-head" }, ...whoOf(profile), fresh, close), main);

const chat = mountAgent(main, profile, { language: strings.language, endpoints: endpoints() });
main.append(keptLine(strings, profile, { frame: true }));

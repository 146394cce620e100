// The builder's chat. Before the first word there is an invitation instead of an empty box.

import { mountChat } from "../chat/chat.js";
import { h } from "../chat/dom.js";
import { guideNote } from "./guide_note.js";
import { knowledgeProblems } from "./knowledge_problems.js";
import { button, icon } from "./widgets.js";

const STARTERS = [
  { shape: "compass", title: "ui.starter_travel", hint: "ui.starter_travel_hint", text: "ui.starter_travel_text" },
  { shape: "pages", title: "ui.starter_read", hint: "ui.starter_read_hint", text: "ui.starter_read_text" },
  { shape: "bubble", title: "ui.starter_learn", hint: "ui.starter_learn_hint", text: "ui.starter_learn_text" },
  { shape: "pen", title: "ui.starter_write", hint: "ui.starter_write_hint", text: "ui.starter_write_text" },
];

/** So many files are called by their names. */
const MOST_NAMED = 4;

export function fillCreate(slot, session, cures, known) {
  const { strings } = session;
  const welcome = h("div", { class: "st-invitation" });
  const room = h("div", { class: "st-room" });
  const [forAgent, forChange] = [strings.both("ui.create_placeholder"), strings.both("ui.change_placeholder")];
  const asks = () => (session.isBlank ? forAgent : forChange);
  const modelOf = () => session.builderModel || session.config.model;
  const curesFor = (failure) => cures.of(failure, { builds: true });
  slot.append(guideNote(session, { modelOf, curesFor, guide: "ui.guide_builds" }), knowledgeProblems(session, known, { withFiles: false }), room);
  let opened = endpoints(session);
  const chat = mountChat(room, {
    prefix: "create",
    language: strings.language,
    uploads: true,
    takes: "descriptions",
    onOthers: (files) => teach(files),
    endpoints: opened,
    beforeSend: () => session.edits.flush(),
    onEvent: (type, data) => follow(session, type, data),
    onClear: () => session.notices.attempt(() => clear(session, reopen)),
    placeholder: asks(),
    empty: welcome,
    toolTitles: session.toolTitles,
    curesFor,
    changeActions: {
      stateOf: (change) => session.past.stateOf(change),
      accept: (ids) => session.past.accept(ids),
      undo: (ids) => session.past.undo(ids),
    },
  });
  const teach = teaching(session, known, chat);
  let offered = null;
  const invite = () => {
    const state = `${session.isBlank} ${strings.language}`;
    if (state === offered) return;
    offered = state;
    if (session.isBlank) drawInvitation(welcome, session, (text) => chat.send(text));
    else drawOffer(welcome, strings);
  };
  const reopen = () => chat.open(opened);
  session.on("elsewhere", ({ agent }) => {
    if (session.agent && (!agent || agent === session.agent.id)) chat.follow().catch(() => {});
  });
  session.on("again", () => session.notices.attempt(() => chat.follow()));
  session.on("agent", () => {
    opened = endpoints(session);
    reopen();
    // Without an agent there is the invitation, and it is here: Gradio knows of its tabs only by their buttons.
    if (!session.agent) document.querySelector("#build_tabs [role=tab]")?.click();
    chat.focus();
  });
  session.on("past", () => chat.renewChanges());
  session.on("config", () => {
    chat.setPlaceholder(asks());
    invite();
  });
  session.on("tools", () => chat.setToolTitles(session.toolTitles));
  session.on("language", () => {
    chat.setLanguage(strings.language);
    invite();
  });
  invite();
}

/** Files that describe no service go to what the agent knows; the chat says how far they are. */
function teaching(session, known, chat) {
  const { strings } = session;
  let taught = [];
  const follow = () => {
    if (taught.length === 0) return;
    const files = known.files.filter(({ id }) => taught.includes(id));
    const atWork = files.some(({ state }) => state !== "ready" && state !== "failed");
    if (!atWork) taught = [];
    chat.notify(() => (atWork ? told("ui.taught_at_work", files, strings) : toldEnd(files, strings)));
  };
  known.on("files", follow);
  session.on("agent", () => (taught = []));
  return async (files) => {
    chat.notify(() => told("ui.taught_at_work", files, strings));
    const added = await known.add(files);
    if (added.length === 0) return chat.notify(null);
    taught = [...taught, ...added];
    follow();
  };
}

function toldEnd(files, strings) {
  const [ready, failed] = ["ready", "failed"].map((wanted) => files.filter(({ state }) => state === wanted));
  return [ready.length > 0 && told("ui.taught", ready, strings), failed.length > 0 && told("ui.taught_failed", failed, strings)].filter(Boolean).join(strings.language === "zh" ? "" : " ");
}

function told(key, files, { t }) {
  const names = files.slice(0, MOST_NAMED).map(({ name }) => t("ui.taught_name", { name }));
  return t(key, { names: names.join(t("ui.comma")) + (files.length > MOST_NAMED ? " …" : "") });
}

/** The builder's conversation belongs to the agent; a first message makes one. */
function endpoints(session) {
  const builder = () => `${session.path}/builder`;
  return {
    history: () => (session.agent ? builder() : null),
    send: async (signal) => {
      await session.ensureAgent();
      signal.throwIfAborted(); // another agent is open by now
      return builder();
    },
    turn: (turn) => `/api/turns/${turn}`,
    file: (file) => `/api/files/${file}`,
    memory: () => session.agent?.id ?? "new",
  };
}

/** Forget what was said to the builder, with a way back. The agent stays as it is. Throws `Failure`. */
async function clear(session, reopen) {
  const path = `${session.path}/builder`;
  const { id } = session.agent;
  const stored = async (change) => {
    await change();
    session.emit("said", { agent: id });
    if (session.agent?.id === id) await reopen();
  };
  await stored(() => session.api.remove(path));
  const bringBack = () => stored(() => session.api.post(`${path}/undelete`));
  const action = { label: session.strings.t("ui.undo"), run: () => session.notices.attempt(bringBack) };
  session.notices.tell(session.strings.t("ui.cleared"), { action });
}

function follow(session, type, data) {
  if (["turn_started", "run_finished", "run_failed"].includes(type)) session.emit("said", { agent: session.agent.id });
  switch (type) {
    case "config_drafting":
      session.draft(data.partial);
      break;
    case "config_changed":
      session.changed(data);
      session.draft(null);
      break;
    case "run_finished":
    case "run_failed":
      session.draft(null);
      // What came by another way than the stream, such as a drawn avatar, and the library's list.
      Promise.all([session.refresh(), session.past.load(), session.loadAgents()]).catch(() => {});
      break;
    default:
  }
}

/** For an agent that is there already, brought or filled in by hand: nobody has to describe it anew. */
function drawOffer(welcome, { t }) {
  welcome.replaceChildren(h("h2", {}, t("ui.offer")), h("p", {}, t("ui.offer_more")));
}

function drawInvitation(welcome, session, send) {
  const { notices, strings: { t } } = session;
  const begin = () => notices.attempt(async () => (await import("./gallery.js")).openGallery(session));
  const starters = STARTERS.map(({ shape, title, hint, text }) => {
    const say = () => send(t(text));
    const words = h("span", {}, h("b", {}, t(title)), h("small", {}, t(hint)));
    return h("button", { type: "button", class: "st-starter", onclick: say }, icon(shape), words);
  });
  welcome.replaceChildren(
    h("h2", {}, t("ui.welcome")),
    h("p", {}, t("ui.welcome_more")),
    h("div", { class: "st-starters" }, ...starters),
    button(t("ui.welcome_templates"), begin, { shape: "cards", kind: "quiet" }),
  );
}

// The agent itself, alive beside its configuration: every message runs what is on screen.

import { mountChat } from "../chat/chat.js";
import { h, mayFocus, perFrame } from "../chat/dom.js";
import { ConversationMenu, previewHead } from "./conversations.js";
import { guideNote } from "./guide_note.js";
import { Talks } from "./talks.js";

export function fillPreview(slot, session, cures) {
  const { strings } = session;
  const head = h("header", { class: "st-preview-head" });
  const room = h("div", { class: "st-room" });
  const modelOf = () => session.config.model;
  const curesFor = (failure) => cures.of(failure, { builds: false });
  slot.append(head, guideNote(session, { modelOf, curesFor }), room);
  const talks = new Talks(session, ({ focus, turn }) => {
    chat.open(talks.endpoints(), turn);
    if (focus && mayFocus()) chat.focus();
  });
  const chat = mountChat(room, {
    prefix: "preview",
    language: strings.language,
    uploads: true,
    seesPictures: () => seesPictures(session),
    hearsSounds: () => answersWith(session, LISTENING),
    revisable: true,
    teachable: true,
    endpoints: talks.endpoints(),
    beforeSend: () => session.edits.flush(),
    onEvent: (type, data) => {
      if (type === "config_changed") session.changed(data);
      if (type === "memory_changed") session.emit("remembered");
      if (type === "knowledge_added") session.notices.attempt(() => session.refresh());
      talks.heard(type);
    },
    onClear: () => session.notices.attempt(() => talks.clear()),
    card: card(session),
    placeholder: strings.both("ui.preview_placeholder"),
    toolTitles: session.toolTitles,
    curesFor,
    undoMemory: (told) => undoMemory(session, told),
    isMemoryUndone: noticer(session),
  });

  const menu = new ConversationMenu(session, talks);
  talks.addEventListener("change", () => menu.redraw());
  const drawHead = () => {
    head.replaceChildren(...previewHead(session, menu, () => talks.open(null)));
    menu.redraw();
  };
  const reopen = () => chat.open(() => talks.first());

  session.on("agent", reopen);
  const follow = async () => {
    if (await talks.stillThere()) await chat.follow(talks.current);
  };
  session.on("elsewhere", ({ agent }) => {
    if (session.agent && (!agent || agent === session.agent.id)) follow().catch(() => {});
  });
  session.on("again", () => session.notices.attempt(follow));
  const drawCard = perFrame(() => chat.setCard(card(session)));
  for (const topic of ["config", "drafting"]) session.on(topic, drawCard);
  session.on("say", ({ text }) => chat.write(text));
  session.on("tools", () => chat.setToolTitles(session.toolTitles));
  session.on("language", () => {
    chat.setLanguage(strings.language);
    chat.setCard(card(session));
    drawHead();
  });
  drawHead();
  reopen();
}

/** Whether what an answer noted was taken back since. The facts are asked for once for all that is drawn together. */
function noticer(session) {
  let asked = null;
  const facts = () => {
    if (asked === null) {
      asked = session.api.get(`${session.path}/memory`);
      // What is drawn later may have been noted after this was read.
      setTimeout(() => (asked = null));
    }
    return asked;
  };
  return async ({ change, id, text }) => {
    const known = await facts();
    return change === "remembered" ? !known.some((fact) => fact.id === id) : known.some((fact) => fact.text === text);
  };
}

/** Takes back what an answer noted of the person, or struck out. Whether that worked. */
async function undoMemory(session, { change, id, text }) {
  const path = `${session.path}/memory`;
  const undo = async () => {
    if (change === "forgotten") await session.api.post(path, { text });
    // It may be gone by now, which is what was wanted.
    else await session.api.remove(`${path}/${id}`).catch((failure) => failure.code === "not_found" || Promise.reject(failure));
    return true;
  };
  const isUndone = await session.notices.attempt(undo);
  session.emit("remembered");
  return Boolean(isUndone);
}

/** Tools that look at a picture for a model that does not, or make another of it. */
const LOOKING = ["qwen_vl", "image_edit", "style_repaint", "image_enhancement"];
const LISTENING = ["paraformer_asr"];

/** Whether the model that answers does, or a tool of the agent. */
function seesPictures(session) {
  return answering(session)?.facts.vision || answersWith(session, LOOKING);
}

/** Whether the agent has one of these tools, ready, and a model to call it: without one, the guide reads words. */
function answersWith(session, ids) {
  const ready = session.tools.filter(({ state }) => state === "ready").map(({ id }) => id);
  return Boolean(answering(session)) && session.enabledTools.some((id) => ids.includes(id) && ready.includes(id));
}

function answering({ config, models }) {
  return models.models.find(({ key }) => key === config.model);
}

function card({ drafted: config, avatarUrl, strings }) {
  const isBlank = !config.name && !config.description;
  return {
    name: config.name || strings.t("ui.unnamed"),
    description: isBlank ? strings.t("ui.preview_empty") : config.description,
    avatar: avatarUrl,
    prologue: config.prologue,
    suggestions: config.prompt_recommend,
  };
}

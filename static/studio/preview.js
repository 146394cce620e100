// The agent itself, alive beside its configuration: every message runs what is on screen.

import { mountChat } from "../chat/chat.js";
import { h, perFrame } from "../chat/dom.js";
import { toolTitles } from "./create.js";
import { guideNote } from "./guide_note.js";
import { button } from "./widgets.js";

export function fillPreview(slot, session, openModels) {
  const { strings } = session;
  const preview = new Preview(session);
  const head = h("header", { class: "st-preview-head" });
  const room = h("div", { class: "st-room" });
  const modelOf = () => session.config.model;
  slot.append(head, guideNote(session, { modelOf, openModels }), room);
  const chat = mountChat(room, {
    prefix: "preview",
    language: strings.language,
    uploads: true,
    endpoints: preview.endpoints(),
    beforeSend: () => session.edits.flush(),
    card: preview.card(),
    placeholder: strings.both("ui.preview_placeholder"),
    toolTitles: toolTitles(session),
  });

  const startAfresh = () => {
    preview.conversation = null;
    chat.open(preview.endpoints());
    chat.focus();
  };
  const drawHead = () =>
    head.replaceChildren(
      h("h2", {}, strings.t("ui.preview")),
      button(strings.t("ui.new_conversation"), startAfresh, { shape: "plus", kind: "quiet" }),
    );
  const reopen = () => chat.open(() => preview.newest());

  session.on("agent", reopen);
  const drawCard = perFrame(() => chat.setCard(preview.card()));
  for (const topic of ["config", "drafting"]) session.on(topic, drawCard);
  session.on("tools", () => chat.setToolTitles(toolTitles(session)));
  session.on("language", () => {
    chat.setLanguage(strings.language);
    chat.setCard(preview.card());
    drawHead();
  });
  drawHead();
  reopen();
}

class Preview {
  /** The id of the conversation that is open, null before its first message. */
  conversation = null;
  #session;

  constructor(session) {
    this.#session = session;
  }

  /** The endpoints of the agent's newest conversation. Throws `Failure`. */
  async newest() {
    const { agent } = this.#session;
    const [newest] = agent ? await this.#session.api.get(`${this.#session.path}/conversations`) : [];
    if (this.#session.agent?.id === agent?.id) this.conversation = newest?.id ?? null;
    return this.endpoints();
  }

  endpoints() {
    const path = () => `${this.#session.path}/conversations`;
    return {
      history: this.conversation && `${path()}/${this.conversation}`,
      send: async () => {
        await this.#session.ensureAgent();
        this.conversation ??= (await this.#session.api.post(path())).id;
        return `${path()}/${this.conversation}/messages`;
      },
      turn: (turn) => `/api/turns/${turn}`,
      file: (file) => `/api/files/${file}`,
    };
  }

  card() {
    const { drafted: config, avatarUrl, strings } = this.#session;
    const isBlank = !config.name && !config.description;
    return {
      name: config.name || strings.t("ui.unnamed"),
      description: isBlank ? strings.t("ui.preview_empty") : config.description,
      avatar: avatarUrl,
      prologue: config.prologue,
      suggestions: config.prompt_recommend,
    };
  }
}

/** The chat: one component for the builder, the preview, shared links and bundles. */

import { CardView } from "./card.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { h, icon, mayFocus } from "./dom.js";
import { followEnd } from "./scroll.js";
import { Strings } from "./strings.js";
import { Voice } from "./voice.js";

/**
 * @typedef {object} Endpoints
 * @property {string | null | (() => string | null)} history where the conversation is read; null while there is none.
 *   A function is asked whenever it is read: the one to give where `send` may create the conversation
 * @property {string | ((signal: AbortSignal) => Promise<string>)} send where a message goes; a function may create the
 *   conversation first: the message goes into that one, also where another one is open by then, and `signal` aborted
 * @property {string | (() => string)} [decide] where a decision on calls that wait goes; needed where calls can wait
 * @property {(turn: string) => string} turn where a turn lives: `…/events` and `…/stop` are below it
 * @property {(file: string) => string} file where a file's bytes are
 * @property {(hit: object) => string | null} [source] where what stands around a found passage is, see `SourceCard`
 * @property {(file: string) => string} [teach] where a file of a message is put into what the agent knows
 * @property {() => string | null} [ahead] where a file is read before it is sent
 * @property {string | null | (() => string | null)} [memory] under which name what is typed survives a reload
 */

/**
 * @typedef {object} Card
 * @property {string} [name]
 * @property {string} [description]
 * @property {string} [avatar] a URL on this host
 * @property {string} [prologue] Markdown, shown as the first message
 * @property {string[]} [suggestions]
 * @property {string | Node | null} [note] a line under the card, or an element of the page's own
 */

/**
 * @typedef {object} Options
 * @property {string} prefix of the element ids: `_chat`, `_input`, `_card`, `_suggestions`
 * @property {Endpoints} endpoints
 * @property {"zh" | "en"} [language]
 * @property {boolean} [uploads]
 * @property {"files" | "descriptions"} [takes] which files a message takes: "descriptions" are those of services
 * @property {(files: File[]) => void} [onOthers] given the files that are chosen and a message does not take
 * @property {() => boolean} [seesPictures] whether pictures are of use to whoever answers
 * @property {() => boolean} [hearsSounds] whether sounds are
 * @property {boolean} [revisable] questions can be changed and asked again, with versions: `send` takes `instead_of`,
 *   `history` takes `PATCH` with a `turn`
 * @property {boolean} [teachable] files of messages can go into what the agent knows; told by an event `knowledge_added`
 * @property {boolean} [visiting] the agent is somebody else's: calls are allowed one at a time
 * @property {() => void} [onClear] called when the person wants the conversation cleared; without it they cannot
 * @property {() => Promise<void>} [beforeSend] awaited before a message goes out
 * @property {(type: string, data: object) => void} [onEvent] called with every event of a live turn, at once; and with
 *   `version_shown` {turn} when the person goes to another version of a turn
 * @property {Card | null} [card]
 * @property {string | {zh: string, en: string}} [placeholder]
 * @property {HTMLElement | null} [empty] shown while there are no messages
 * @property {Record<string, string | {zh: string, en: string}>} [toolTitles] what people call a tool, by its id
 * @property {import("./changes.js").Actions} [changeActions] what can be done about the changes that a builder tells
 * @property {(told: {change: string, id: string, text: string}) => Promise<boolean>} [undoMemory] takes back what an
 *   answer noted of the person, or struck out
 * @property {(told: {change: string, id: string, text: string}) => Promise<boolean>} [isMemoryUndone] whether that was
 *   taken back before
 * @property {(failure: {code: string, params: object}) => import("./failure.js").Cure[]} [curesFor] what this page
 *   offers against a failure; asked again when the language changes
 */

/**
 * A chat inside `element`, which gives it its height.
 * @param {HTMLElement} element
 * @param {Options} options
 */
export function mountChat(element, options) {
  bringStyles();
  return new Chat(element, options);
}

class Chat {
  #strings;
  #titles;
  #root;
  #card;
  #composer;
  #conversation;
  #end;

  constructor(element, options) {
    this.#titles = options.toolTitles ?? {};
    this.#strings = new Strings(options.language ?? "en");
    this.#root = h("div", { class: "af af-chat", lang: this.#strings.language });
    this.#card = new CardView(this.#strings, { prefix: options.prefix, onSuggestion: (text) => this.send(text) });
    this.#composer = this.#makeComposer(options);
    const gap = this.#strings.say(h("p", { class: "af-gap", role: "status", hidden: true }), "chat.reconnecting");
    this.#conversation = this.#makeConversation(options, gap);
    this.#compose(options, gap);
    element.append(this.#root);
    this.setCard(options.card ?? null);
    this.open(options.endpoints);
  }

  /** Every text of the component in another language, at once. @param {"zh" | "en"} language */
  setLanguage(language) {
    this.#strings.switchTo(language, this.#root);
    this.#root.lang = this.#strings.language;
  }

  /** Another card, or the same one changed. @param {Card | null} card */
  setCard(card) {
    this.#card.show(card);
    const face = card?.avatar ? `url(${JSON.stringify(new URL(card.avatar, location.href).href)})` : "none";
    this.#root.style.setProperty("--af-face", face);
    this.#root.toggleAttribute("data-face", Boolean(card?.avatar));
  }

  /** Another invitation in the empty field. @param {string | {zh: string, en: string}} placeholder */
  setPlaceholder(placeholder) {
    this.#composer.placeholder = placeholder;
  }

  /** What people call the tools, once it is known. @param {Record<string, string | {zh: string, en: string}>} titles */
  setToolTitles(titles) {
    this.#titles = titles;
    this.#strings.again(this.#root);
  }

  /** What can be done about the changes is another by now. */
  renewChanges() {
    this.#strings.again(this.#conversation.element);
  }

  /**
   * Another conversation: lets go of this one, shows that one, and goes on with the answer that is running in it.
   * @param {Endpoints | (() => Promise<Endpoints>)} endpoints a function where it still has to be found
   * @param {string | null} [turn] the turn to be seen, in the version that it belongs to; else it is the last one
   */
  async open(endpoints, turn = null) {
    const sought = await this.#conversation.open(endpoints, turn);
    if (!sought) return this.#end.toEnd();
    this.#end.leave();
    sought.seek();
  }

  /** Sends a message as if it was typed. Resolves when its turn is over; what could not be sent is back in the field. */
  async send(text, files = []) {
    await this.#conversation.send(text, files);
  }

  /** Puts a text into the field, behind what is written there: it is looked at before it is sent. */
  write(text) {
    this.#composer.write(text);
    if (mayFocus()) this.#composer.focus();
  }

  /** Says a sentence above the field; null takes it away. `tell()` is asked again when the language changes. */
  notify(tell) {
    this.#composer.notify(tell);
  }

  /** Forgets what is shown (not what is stored), and lets go of a running answer without stopping it. */
  clear() {
    this.#conversation.clear();
  }

  /**
   * Looks whether the conversation went on elsewhere, and shows that. Throws `Failure` where it is not there any more.
   * @param {{busy: string | null, turn: string | null} | null} [known] the head of what is stored, where that is known
   */
  async follow(known = null) {
    await this.#conversation.follow(known);
  }

  focus() {
    this.#composer.focus();
  }

  /** Takes the chat out of the page and closes its connection. A running answer goes on at the server. */
  destroy() {
    this.clear();
    this.#end.destroy();
    this.#root.remove();
  }

  #makeComposer({ prefix, uploads = false, takes, onOthers, seesPictures, hearsSounds, placeholder, onClear }) {
    const composer = new Composer(this.#strings, {
      prefix,
      uploads,
      takes,
      onOthers,
      seesPictures,
      hearsSounds,
      aheadUrl: () => this.#conversation.aheadUrl,
      placeholder,
      area: this.#root,
      onSend: (text, files) => {
        if (!composer.accepts(text, files)) return;
        composer.clear();
        this.send(text, files);
      },
      onStop: () => this.#conversation.stop(),
      onClear,
    });
    return composer;
  }

  #makeConversation({ revisable = false, teachable = false, visiting = false, beforeSend, onEvent, changeActions, undoMemory, isMemoryUndone, curesFor = () => [] }, gap) {
    const voice = new Voice(this.#strings);
    this.#root.append(voice.element);
    return new Conversation(this.#strings, {
      composer: this.#composer,
      ofPage: {
        titleOf: (tool) => this.#strings.pick(this.#titles[tool]) || tool,
        changeActions,
        undoMemory,
        isMemoryUndone,
        curesFor,
        allowsForGood: !visiting,
      },
      isRevisable: revisable,
      isTeachable: teachable,
      beforeSend,
      onEvent,
      onState: ({ running, empty }) => {
        if (running && !this.#root.hasAttribute("data-running")) voice.wait();
        this.#root.toggleAttribute("data-running", running);
        this.#root.toggleAttribute("data-empty", empty);
      },
      onGap: (lost) => (gap.hidden = !lost),
      onSent: () => this.#end.toEnd(),
      onEnd: (turn) => voice.tell(...turn.told),
    });
  }

  /** The parts in their places: what scrolls above, what stays below. */
  #compose({ prefix, empty = null }, gap) {
    const strings = this.#strings;
    const jump = h("button", { type: "button", class: "af-jump", hidden: true }, icon("down"));
    strings.label(jump, "chat.to_latest");
    const drop = strings.say(h("p", { class: "af-drop", "aria-hidden": "true" }), "chat.drop_here");
    // What is told of it, and when, is the voice's affair: as a live region it would be read out at every word.
    const log = h("div", { class: "af-log", id: `${prefix}_chat`, role: "log", "aria-live": "off", tabindex: "-1" });
    strings.bind(log, () => log.setAttribute("aria-label", strings.text("chat.conversation")));
    log.append(this.#card.prologue, this.#conversation.element);
    const invitation = empty && h("div", { class: "af-empty" }, empty);
    const content = h("div", { class: "af-content" }, this.#card.element, invitation, log);
    const scroller = h("div", { class: "af-scroller" }, content);
    const dock = h("div", { class: "af-dock" }, jump, gap, this.#card.suggestions, this.#composer.element);
    this.#root.append(scroller, dock, drop);
    this.#end = followEnd(scroller, content, jump);
  }
}

/** The component's style sheet, once per page. */
function bringStyles() {
  const { href } = new URL("./chat.css", import.meta.url);
  const links = [...document.querySelectorAll('link[rel="stylesheet"]')];
  if (!links.some((link) => link.href === href)) document.head.append(h("link", { rel: "stylesheet", href }));
}

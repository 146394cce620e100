/** The conversation that is open: its turns in the page, the one that is being answered, and what becomes of failures. */

import { Artefacts } from "./artefacts.js";
import { h, inSlices } from "./dom.js";
import { Failure, sentence } from "./failure.js";
import { turnsOf } from "./history.js";
import { ask, joinTurn, sendMessage } from "./stream.js";
import { TurnView } from "./turn.js";

export class Conversation {
  #strings;
  #composer;
  #titleOf;
  #hooks;
  #endpoints = null;
  #artefacts;
  /** The turn that is being answered: its id once known, and whether it is to be stopped. */
  #running = null;
  /** What the last person's message in the page said. */
  #lastAsked = null;
  /** Where the files of this page's own messages can be seen. */
  #previews = [];
  /** Lets go of everything that belongs to the conversation which is open now. */
  #session = new AbortController();
  /** Resolves when what is stored of it is in the page; a message that is sent earlier waits for that. */
  #opening = Promise.resolve();

  /**
   * `beforeSend` and `onEvent` are those of the chat's options; `onState({running, empty})` is called when either
   * changes, `onGap(lost)` when the connection is lost or back, `onSent()` when a message appears.
   */
  constructor(strings, { composer, titleOf, beforeSend, onEvent, onState, onGap, onSent }) {
    this.#strings = strings;
    this.#composer = composer;
    this.#artefacts = new Artefacts(strings, (file) => this.#endpoints.file(file));
    this.#titleOf = titleOf;
    this.#hooks = { beforeSend, onEvent, onState, onGap, onSent };
    this.element = h("div", { class: "af-turns" });
  }

  /**
   * Reads the stored conversation, draws it, and goes on with the turn that is running in it. Where it still has to be
   * found, `endpoints` is a function that finds it.
   */
  async open(endpoints) {
    this.clear();
    const { signal } = this.#session;
    this.#opening = this.#load(endpoints, signal).catch((error) => {
      if (!signal.aborted) this.#addTurn(() => this.open(endpoints)).refuse(told(error));
    });
    await this.#opening;
  }

  async #load(endpoints, signal) {
    const found = typeof endpoints === "function" ? await endpoints() : endpoints;
    if (signal.aborted) return;
    this.#endpoints = found;
    const url = this.#historyUrl();
    if (!url) return;
    const { messages, busy } = await (await ask(url, { signal })).json();
    if (!signal.aborted) await this.#draw(messages, busy, signal);
  }

  /** Sends a message. Resolves when its turn is over; what could not be sent is back in the field. */
  async send(text, files = []) {
    if (!this.#composer.accepts(text, files)) return;
    const { signal } = this.#session;
    await this.#opening;
    // Another conversation was opened meanwhile, or this one turned out to be answering: the words stay in the field.
    if (signal.aborted || !this.#composer.accepts(text, files)) return this.#restore({ text, files: files.map((blob) => ({ blob })) });
    for (const unsent of this.element.querySelectorAll(".af-turn[data-unsent]")) unsent.remove();
    const turn = this.#addTurn();
    turn.ask({ text, files: files.map((file) => this.#preview(file)) });
    turn.wait();
    this.#hooks.onSent();
    await this.#follow(turn, (options) => this.#send({ text, files }, options));
  }

  /** Asks the server to stop the running turn; as soon as the turn has an id. */
  async stop() {
    const running = this.#running;
    if (!running) return;
    running.stopping = true;
    if (running.id === null) return;
    try {
      await ask(`${this.#endpoints.turn(running.id)}/stop`, { method: "POST" });
    } catch (error) {
      if (this.#running === running) this.#composer.notify(() => sentence(this.#strings, told(error)));
    }
  }

  /** Forgets what is shown (not what is stored), and lets go of a running answer without stopping it. */
  clear() {
    this.#session.abort();
    this.#session = new AbortController();
    this.#lastAsked = null;
    this.element.replaceChildren();
    this.#artefacts.clear();
    for (const url of this.#previews.splice(0)) URL.revokeObjectURL(url);
    this.#hooks.onGap(false);
    this.#setRunning(null);
  }

  #historyUrl() {
    const { history } = this.#endpoints;
    return typeof history === "function" ? history() : history;
  }

  #addTurn(onRetry = null, { first = false } = {}) {
    const turn = new TurnView({
      strings: this.#strings,
      artefacts: this.#artefacts,
      titleOf: this.#titleOf,
      onSuggestion: (text) => this.send(text),
      onRetry: onRetry ?? ((failed) => this.#sendAgain(failed.message)),
    });
    if (first) this.element.prepend(turn.element);
    else this.element.append(turn.element);
    this.#tellState();
    return turn;
  }

  #preview(file) {
    const url = URL.createObjectURL(file);
    this.#previews.push(url);
    return { name: file.name, media_type: file.type, size_bytes: file.size, url, blob: file };
  }

  #setRunning(running) {
    this.#running = running;
    this.#composer.running = running !== null;
    this.#tellState();
  }

  #tellState() {
    this.#hooks.onState({ running: this.#running !== null, empty: !this.element.hasChildNodes() });
  }

  /** Draws what is stored, the newest first and a little at a time: a long conversation does not hold up the page. */
  async #draw(messages, busy, signal) {
    const turns = turnsOf(messages, this.#endpoints.file);
    const slice = inSlices();
    this.#lastAsked = turns.at(-1)?.asked?.text ?? null;
    if (busy && turns.at(-1)?.turn !== busy) turns.push({ turn: busy, asked: null, events: [] });
    for (const { turn, asked, events } of turns.reverse()) {
      const running = turn === busy;
      const view = this.#addTurn(running ? () => this.open(this.#endpoints) : null, { first: true });
      if (asked) view.ask(asked);
      if (running) this.#join(view, busy);
      else {
        for (const [type, data] of events) view.apply(type, data);
        view.end();
      }
      await slice();
      if (signal.aborted) return;
    }
  }

  #join(view, turn) {
    view.wait();
    this.#follow(view, (options) => joinTurn(turn, options), turn);
  }

  async *#send({ text, files }, options) {
    const { send } = this.#endpoints;
    await this.#hooks.beforeSend?.();
    const url = typeof send === "function" ? await send() : send;
    options.signal.throwIfAborted();
    yield* sendMessage(url, { text, language: this.#strings.language, files }, options);
  }

  /** Draws a turn from its events until it ends. `id` is known where the turn was running before. */
  async #follow(view, open, id = null) {
    const { signal } = this.#session;
    const onGap = (lost) => signal.aborted || this.#hooks.onGap(lost);
    const running = { id, stopping: false };
    let end = null;
    this.#setRunning(running);
    try {
      for await (const { type, data } of open({ turnUrl: this.#endpoints.turn, signal, onGap })) {
        if (signal.aborted) return;
        end = type;
        if (type === "turn_started") this.#started(running, data.turn);
        view.apply(type, data);
        this.#hooks.onEvent?.(type, data);
      }
    } catch (error) {
      if (!signal.aborted) await this.#lost(view, told(error), { joined: id !== null, started: end !== null });
      return;
    }
    this.#setRunning(null);
    if (end === "run_failed" && id === null) this.#restore(view.message);
  }

  #started(running, id) {
    running.id = id;
    if (running.stopping) this.stop();
  }

  /** The stream is gone for good: the message was not taken, or the server knows better what became of it. */
  async #lost(view, failure, { joined, started }) {
    this.#setRunning(null);
    this.#hooks.onGap(false);
    const { message } = view;
    const stored = failure.code === "busy" || failure.unsure || started;
    if (joined && !started) view.fail(failure);
    else if (!stored || !this.#historyUrl()) {
      view.refuse(failure);
      this.#restore(message);
    } else {
      await this.open(this.#endpoints);
      if (started || (failure.unsure && this.#lastAsked === message.text)) return;
      this.#restore(message);
      this.#composer.notify(() => sentence(this.#strings, failure));
    }
  }

  #restore({ text, files }) {
    this.#composer.restore(text, files.flatMap((file) => file.blob ?? []));
  }

  async #sendAgain({ text, files }) {
    const again = await Promise.all(files.map((file) => file.blob ?? fetchFile(file)));
    if (this.#composer.text === text) this.#composer.clear();
    await this.send(text, again);
  }
}

/** Any error as a failure that can be shown. */
function told(error) {
  if (error instanceof Failure) return error;
  console.error(error);
  return new Failure({ code: "internal", message: String(error?.message ?? error) }, { cause: error });
}

async function fetchFile({ name, media_type: type, url }) {
  return new File([await (await ask(url)).blob()], name, { type });
}

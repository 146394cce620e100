/** The conversation that is open: its turns in the page, the one that is being answered, and what becomes of failures. */

import { Artefacts } from "./artefacts.js";
import { drawTurns } from "./drawing.js";
import { sentence, showFailure, told } from "./failure.js";
import { turnsOf } from "./history.js";
import { keyOf } from "./message_key.js";
import { OwnFiles, sendable } from "./own_files.js";
import { Running } from "./running.js";
import { Stored } from "./stored.js";
import { TurnView } from "./turn.js";
import { TurnActs } from "./turn_acts.js";
import { TurnList } from "./turn_list.js";

export class Conversation {
  #strings;
  #composer;
  #hooks;
  /** What all turns share; see `TurnView`. */
  #shared;
  /** Null until it is known which conversation is open. */
  #stored = null;
  #artefacts;
  #running = null;
  #turns = new TurnList();
  #acts;
  /** What the last person's message in the page said. */
  #lastAsked = null;
  #ownFiles = new OwnFiles();
  /** Lets go of everything that belongs to the conversation which is open now. */
  #session = new AbortController();
  /** The endpoints that the last attempt to open failed with; null where it did not. */
  #missed = null;
  /** Resolves when what is stored of it is in the page; a message that is sent earlier waits for that. */
  #opening = Promise.resolve();

  /**
   * `beforeSend` and `onEvent` are those of the chat's options; `onState({running, empty})` is called when either
   * changes, `onGap(lost)` when the connection is lost or back, `onSent()` when a message appears, `onEnd(turn)` when its
   * answer is over. `isRevisable`: whether questions can be changed and asked again; `isTeachable`: whether their files can
   * go into what the agent knows. `ofPage` is what turns need of the page: the rest of `TurnView`'s context.
   */
  constructor(strings, { composer, ofPage, isRevisable, isTeachable, ...hooks }) {
    this.#strings = strings;
    this.#composer = composer;
    this.#hooks = hooks;
    this.#artefacts = new Artefacts(strings, (file) => this.#stored.endpoints.file(file));
    this.#acts = this.#actsOf(hooks);
    this.#shared = {
      ...ofPage,
      strings,
      artefacts: this.#artefacts,
      sourceOf: (hit) => this.#stored.sourceOf(hit),
      teach: isTeachable ? this.#acts.teach : null,
      onDecide: this.#acts.decide,
      onAnswer: this.#acts.answer,
      revision: isRevisable ? { ask: this.#acts.revise, choose: this.#acts.choose } : null,
    };
    this.element = this.#turns.element;
  }

  #actsOf({ onEvent }) {
    const stored = () => this.#stored;
    const signal = () => this.#session.signal;
    const isRunning = () => this.#running !== null;
    return new TurnActs({
      strings: this.#strings,
      composer: this.#composer,
      turns: this.#turns,
      get stored() { return stored(); },
      get signal() { return signal(); },
      get isRunning() { return isRunning(); },
      add: () => this.#addTurn(),
      send: (view, message, replaced) => this.#follow(view, (options) => this.#send(message, options), { replaced }),
      show: (found) => {
        this.clear();
        return this.#draw(found);
      },
      tell: (error) => this.#tell(error),
      onEvent,
    });
  }

  /**
   * Reads the stored conversation, draws it, and goes on with the turn that is running in it. Where it still has to be
   * found, `endpoints` is a function that finds it. Gives the view of the turn that is `sought`, null where it is not
   * to be seen; one in another version brings that version.
   */
  async open(endpoints, sought = null) {
    this.clear();
    this.#missed = null;
    if (endpoints !== this.#stored?.endpoints) this.#composer.keepAs(null);
    const { signal } = this.#session;
    this.#opening = this.#load(endpoints, signal, sought).catch((error) => {
      if (signal.aborted) return null;
      this.#missed = endpoints;
      this.#addTurn(() => this.open(endpoints)).refuse(told(error));
      return null;
    });
    return this.#opening;
  }

  /** Where files are read before they are sent; null where nowhere. */
  get aheadUrl() {
    return this.#stored?.endpoints.ahead?.() ?? null;
  }

  async #load(endpoints, signal, sought) {
    const found = typeof endpoints === "function" ? await endpoints() : endpoints;
    if (signal.aborted) return null;
    this.#stored = new Stored(found);
    this.#composer.keepAs(found.memory ?? null);
    const stored = await this.#stored.readWith(sought, signal);
    if (stored?.isOther) this.#hooks.onEvent?.("version_shown", { turn: sought });
    if (!stored || signal.aborted) return null;
    if (stored.failure) this.#tell(stored.failure);
    return this.#draw(stored, sought);
  }

  /**
   * Looks at what is stored, and draws it where it is another than what is here: somebody wrote in another window. What
   * is being written or changed here is left alone. `known` {busy, turn} is its head, where that was read already. One
   * that could not be opened is opened.
   */
  async follow(known = null) {
    if (this.#missed !== null) return this.open(this.#missed);
    if (this.#isOccupied || (known && this.#shows(known))) return;
    const { signal } = this.#session;
    const stored = await this.#stored.read(signal);
    if (!stored || signal.aborted || this.#isOccupied || this.#shows(stored)) return;
    this.clear();
    await this.#draw(stored);
  }

  #shows = ({ busy, turn }) => busy === null && turn === (this.#turns.last?.last ?? null);

  get #isOccupied() {
    return this.#running !== null || this.#stored === null || this.#turns.isHeld;
  }

  /** Sends a message. Resolves when its turn is over; what could not be sent is back in the field. */
  async send(text, files = []) {
    if (!this.#composer.accepts(text, files)) return;
    const { signal } = this.#session;
    await this.#opening;
    // Another conversation was opened meanwhile, or this one turned out to be answering: the words stay in the field.
    if (signal.aborted || !this.#composer.accepts(text, files)) return this.#restore({ text, files: files.map((blob) => ({ blob })) });
    const { unsent } = this.#turns;
    const key = keyOf({ text, files }, unsent.map(({ message }) => message));
    this.#turns.drop(unsent);
    const turn = this.#addTurn();
    turn.ask({ text, files: files.map((file) => this.#ownFiles.show(file)), key });
    turn.wait();
    this.#hooks.onSent();
    await this.#follow(turn, (options) => this.#send({ text, files, key }, options));
  }

  /** Asks the server to stop the running turn; as soon as the turn has an id. */
  async stop() {
    const running = this.#running;
    if (!running) return;
    running.stopping = true;
    if (running.id === null) return running.takeBack();
    try {
      await this.#stored.stop(running.id);
    } catch (error) {
      if (this.#running === running) this.#tell(error);
    }
  }

  /** Forgets what is shown (not what is stored), and lets go of a running answer without stopping it. */
  clear() {
    this.#session.abort();
    this.#session = new AbortController();
    this.#lastAsked = null;
    this.#turns.clear();
    this.#artefacts.clear();
    this.#ownFiles.clear();
    this.#hooks.onGap(false);
    this.#setRunning(null);
  }

  #addTurn(onRetry = null, { first = false } = {}) {
    const turn = new TurnView({ ...this.#shared, onRetry: onRetry ?? this.#sendAgain });
    this.#turns.add(turn, { first });
    this.#tellState();
    return turn;
  }

  #takeBack(view) {
    this.#turns.drop([view]);
    this.#setRunning(null);
    this.#restore(view.message);
  }

  #setRunning(running) {
    this.#running = running;
    this.#composer.running = running !== null;
    this.#tellState();
  }

  #tellState() {
    this.#hooks.onState({ running: this.#running !== null, empty: this.#turns.isEmpty });
  }

  /** Draws what is stored. Gives the view of the turn that is `sought`, null where there is none. */
  #draw({ messages, busy, versions = {} }, sought = null) {
    const turns = turnsOf({ messages, busy }, this.#stored.endpoints.file);
    this.#lastAsked = turns.at(-1)?.asked?.text ?? null;
    return drawTurns(turns, {
      busy,
      versions,
      sought,
      add: ({ last }) => this.#addTurn(last === busy ? () => this.open(this.#stored.endpoints) : null, { first: true }),
      follow: (view, { turn }) => this.#follow(view, (options) => this.#stored.join(turn, options), { id: turn }),
      signal: this.#session.signal,
    });
  }

  async *#send(message, options) {
    await this.#hooks.beforeSend?.();
    yield* this.#stored.send({ ...message, language: this.#strings.language }, options);
  }

  /**
   * Draws a turn from its events until it ends. `id` is known where the turn was running before; `replaced` is the turn
   * in whose place it was asked.
   */
  async #follow(view, open, { id = null, replaced = null } = {}) {
    const { signal } = this.#session;
    const running = new Running(view, id);
    this.#setRunning(running);
    try {
      await running.follow(open, {
        signal,
        onGap: (lost) => signal.aborted || this.#hooks.onGap(lost),
        onEvent: (type, data) => {
          if (type === "turn_started" && running.stopping) this.stop();
          this.#hooks.onEvent?.(type, data);
        },
      });
    } catch (error) {
      if (signal.aborted) return;
      if (running.isTakenBack) this.#takeBack(view);
      else await this.#lost(view, told(error), { joined: id !== null, started: running.end !== null, replaced });
      return;
    }
    if (signal.aborted) return;
    this.#setRunning(null);
    if (running.isPartial) return this.open(this.#stored.endpoints);
    this.#hooks.onEnd(view);
    if (running.end === "run_failed") showFailure(view.element);
  }

  /** The stream is gone for good: the message was not taken, or the server knows better what became of it. */
  async #lost(view, failure, { joined, started, replaced }) {
    this.#setRunning(null);
    this.#hooks.onGap(false);
    const stored = failure.code === "busy" || failure.unsure || started;
    if (joined && !started) view.fail(failure);
    else if (!replaced && (!stored || !this.#stored.url)) {
      view.refuse(failure);
      showFailure(view.element);
      this.#restore(view.message);
    } else {
      await this.open(this.#stored.endpoints);
      if (started || (failure.unsure && this.#lastAsked === view.message.text)) return;
      if (view.message.text !== replaced?.message.text) this.#restore(view.message);
      this.#tell(failure);
    }
  }

  /** Says above the field what went wrong. */
  #tell(error) {
    const failure = told(error);
    this.#composer.notify(() => sentence(this.#strings, failure));
  }

  #restore({ text, files }) {
    this.#composer.restore(text, files.flatMap((file) => file.blob ?? []));
  }

  #sendAgain = async (failed) => {
    if (this.#shared.revision && failed.id) return this.#acts.revise(failed, null);
    const { text, files } = failed.message;
    const again = await Promise.all(files.map(sendable));
    this.#composer.forget(text);
    await this.send(text, again);
  };
}

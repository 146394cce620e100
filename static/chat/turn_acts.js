/** What a person does with a turn that is in the page. */

import { mayFocus } from "./dom.js";
import { newKey } from "./message_key.js";

export class TurnActs {
  #here;

  /**
   * `here` is what they need of the conversation: its `strings`, `composer` and `turns`; what is so at the moment, as `stored`,
   * `signal` and `isRunning`; `add()` gives a new turn, `send(view, message, replaced)` draws the answer to a message into it,
   * in place of the turn that is `replaced`; `show(stored)` draws what is stored anew, `tell(error)` says what went wrong, and
   * `onEvent(type, data)` is told what was done.
   */
  constructor(here) {
    this.#here = here;
  }

  /** Asks a turn's question differently, or with null the same again, in place of it and of what followed. */
  revise = (old, text) => {
    const { composer, turns } = this.#here;
    const asked = { ...old.message, text: text ?? old.message.text };
    if (!composer.accepts(asked.text, asked.files)) return;
    if (text === null) composer.forget(asked.text);
    turns.dropFrom(old);
    const turn = this.#here.add();
    turn.ask(asked);
    turn.wait();
    turn.element.scrollIntoView({ block: "nearest" });
    if (mayFocus()) composer.focus();
    const sent = { text: asked.text, files: [], key: newKey(), insteadOf: old.id };
    this.#here.send(turn, sent, old).then(() => this.#nameVersions());
  };

  /** Goes on with a turn whose calls wait: `calls` says by their ids what becomes of them. */
  decide = async (view, calls) => {
    if (this.#mustWait()) return;
    view.decided();
    view.wait();
    if (mayFocus()) this.#here.composer.focus();
    await this.#here.send(view, { text: "", files: [], key: newKey(), decision: { turn: view.last, calls } }, view);
  };

  /** Sends what the person does with a question that is asked while a call is open. */
  answer = (view, answer) => this.#here.stored.answer(view.last, answer);

  /** Has the agent know a file of a question from now on; tells where it cannot. */
  teach = async (view, index) => {
    try {
      await this.#here.stored.teach(view.id, index);
      this.#here.onEvent?.("knowledge_added", {});
      return true;
    } catch (error) {
      this.#here.tell(error);
      return false;
    }
  };

  /** Shows another version of a turn. */
  choose = async (id, step) => {
    if (this.#mustWait()) return;
    const { signal, turns } = this.#here;
    try {
      await this.#here.show(await this.#here.stored.show(id, signal));
      turns.find(id)?.focusVersions(step);
      this.#here.onEvent?.("version_shown", { turn: id });
    } catch (error) {
      if (!signal.aborted) this.#here.tell(error);
    }
  };

  /** Whether an answer is being written, which nothing may change under; says so. */
  #mustWait() {
    const { composer, strings, isRunning } = this.#here;
    if (isRunning) composer.notify(() => strings.text("chat.still_answering"));
    return isRunning;
  }

  /** Learns which turns have other versions now. */
  async #nameVersions() {
    const { signal, turns } = this.#here;
    const stored = await this.#here.stored.read(signal).catch(() => null);
    if (stored && !signal.aborted) turns.offer(stored.versions);
  }
}

/** A conversation as the server has it, reached by the chat's endpoints. */

import { ask, joinTurn, sendMessage } from "./stream.js";

const JSON_HEADERS = { "Content-Type": "application/json" };

export class Stored {
  endpoints;

  /** @param {import("./chat.js").Endpoints} endpoints */
  constructor(endpoints) {
    this.endpoints = endpoints;
  }

  /** Where it is read; null while there is none. */
  get url() {
    const { history } = this.endpoints;
    return typeof history === "function" ? history() : history;
  }

  /** What is shown of it; null while there is none. Throws `Failure`. */
  async read(signal) {
    return this.url ? (await ask(this.url, { signal })).json() : null;
  }

  /** Shows the version of that turn from now on, and gives what is shown then. Throws `Failure`. */
  async show(turn, signal) {
    await ask(this.url, { method: "PATCH", headers: JSON_HEADERS, body: JSON.stringify({ turn }), signal });
    return this.read(signal);
  }

  /**
   * What is shown of it, in the version that the turn belongs to: `isOther` where that was not the one before. Where it cannot
   * be shown just now, what was shown, with the `failure` that says why.
   */
  async readWith(turn, signal) {
    const stored = await this.read(signal);
    if (!stored || turn === null || stored.messages.some((message) => message.turn === turn)) return stored;
    try {
      return { ...(await this.show(turn, signal)), isOther: true };
    } catch (failure) {
      return { ...stored, failure };
    }
  }

  /**
   * The events of the turn that answers a message, or goes on after a decision; the conversation may have to be made for
   * it. Throws `Failure`.
   */
  async *send(message, options) {
    const { send, decide, turn: turnUrl } = this.endpoints;
    const door = message.decision ? decide : send;
    const url = typeof door === "function" ? await door(options.signal) : door;
    yield* sendMessage(url, message, { ...options, turnUrl });
  }

  /** The events of a turn that is running. Throws `Failure`. */
  join(turn, options) {
    return joinTurn(turn, { ...options, turnUrl: this.endpoints.turn });
  }

  /** How to get what stands around a passage in its file; see `SourceCard`. */
  sourceOf(hit) {
    const url = this.endpoints.source?.(hit);
    return url ? async () => (await ask(url)).json() : null;
  }

  /** Answers a question that is asked while a call is open. Throws `Failure`. */
  async answer(turn, answer) {
    await ask(`${this.endpoints.turn(turn)}/answers`, { method: "POST", headers: JSON_HEADERS, body: JSON.stringify(answer) });
  }

  /** Has the agent know a file that came with a turn's question. Throws `Failure`. */
  async teach(turn, index) {
    const { messages } = await this.read();
    const asked = messages.find((message) => message.turn === turn && message.role === "user");
    const files = asked.parts.filter((part) => part.type === "file");
    await ask(this.endpoints.teach(files[index].file), { method: "POST" });
  }

  /** Throws `Failure`. */
  async stop(turn) {
    await ask(`${this.endpoints.turn(turn)}/stop`, { method: "POST" });
  }
}

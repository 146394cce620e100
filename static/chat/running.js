/** The turn that is being answered, from the message on its way out to the last event. */

export class Running {
  /** Its id at the server, null until it is known. */
  id;
  /** Whether it is to be stopped. */
  stopping = false;
  #view;
  #upload = new AbortController();
  #isGoingOut = false;
  /** The type of the last event; null before the first. */
  end = null;
  /** Whether events are missing: the stream broke off, and the server had forgotten what came meanwhile. */
  isPartial = false;

  constructor(view, id) {
    this.#view = view;
    this.id = id;
  }

  /** Whether the message was not sent after all. */
  get isTakenBack() {
    return this.#upload.signal.aborted;
  }

  /**
   * Draws the turn from its events, which `open(options)` gives, until it ends or `signal` is aborted. `onEvent(type, data)`
   * is told each of them, `onGap(lost)` when the connection is lost or back. Throws `Failure`.
   */
  async follow(open, { signal, onGap, onEvent }) {
    const either = AbortSignal.any([signal, this.#upload.signal]);
    const options = { signal: either, sending: this.#upload.signal, onGap, onProgress: this.#progress };
    for await (const { type, data, isAfterGap } of open(options)) {
      if (signal.aborted) return;
      this.end = type;
      this.isPartial ||= isAfterGap;
      if (type === "turn_started") this.#begin(data.turn);
      this.#view.apply(type, data);
      onEvent(type, data);
    }
  }

  /** How much of the message is out, from 0 to 1: once all of it is, the server may have it. */
  #progress = (part) => {
    this.#view.uploading(part);
    this.#isGoingOut = part < 1;
  };

  /** The server has it, under this id. */
  #begin(id) {
    this.id = id;
    this.#view.begin(id);
    this.#progress(1);
  }

  /** Does not send the message after all, where it is still on its way. */
  takeBack() {
    if (this.#isGoingOut) this.#upload.abort();
  }
}

/** The turn that is being answered, from the message on its way out to the last event. */

export class Running {
  /** Its id at the server, null until it is known. */
  id;
  /** Whether it is to be stopped. */
  stopping = false;
  #view;
  #upload = new AbortController();
  #isGoingOut = false;

  constructor(view, id) {
    this.#view = view;
    this.id = id;
  }

  /** Aborted where the message is taken back. */
  get signal() {
    return this.#upload.signal;
  }

  /** How much of the message is out, from 0 to 1: once all of it is, the server may have it. */
  progress = (part) => {
    this.#view.uploading(part);
    this.#isGoingOut = part < 1;
  };

  /** The server has it, under this id. */
  begin(id) {
    this.id = id;
    this.#view.begin(id);
    this.progress(1);
  }

  /** Does not send the message after all, where it is still on its way. */
  takeBack() {
    if (this.#isGoingOut) this.#upload.abort();
  }
}

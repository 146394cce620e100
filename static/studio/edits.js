// What was typed and is not stored yet. Fields go to the server together, a moment after the last key.

const PAUSE_MS = 350;

/** The configuration field that the server refused to store, or "". `generation.temperature` counts as `generation`. */
const refusedField = ({ status, params }) => (status === 422 ? String(params?.field ?? "").split(".")[0] : "");

const isEmpty = (fields) => Object.keys(fields).length === 0;

/** Later values win; ticks of tools are told one by one, so they add up. */
function merged(earlier, later) {
  const fields = { ...earlier, ...later };
  if (earlier.tools && later.tools) fields.tools = { ...earlier.tools, ...later.tools };
  return fields;
}

export class Edits {
  #waiting = {};
  #sending = {};
  #refused = new Map();
  #timer = 0;
  #run = null;
  #save;
  #report;

  /**
   * `save(fields)` stores them or throws `Failure`. `report({kind, error})` hears "saving"; then "saved", "refused" where
   * a field that the server did not take is still on screen, or "failed".
   */
  constructor({ save, report }) {
    this.#save = save;
    this.#report = report;
  }

  /** Fields on screen that the server does not have yet. */
  get unsaved() {
    return merged(this.#sending, this.#waiting);
  }

  /** Why a field could not be stored, or undefined. What was typed stays in the form. */
  refusal(field) {
    return this.#refused.get(field);
  }

  put(fields) {
    for (const field of Object.keys(fields)) this.#refused.delete(field);
    this.#waiting = merged(this.#waiting, fields);
    this.#report({ kind: "saving" });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush().catch(() => {}), PAUSE_MS);
  }

  /** Store everything now. Throws `Failure` where the server cannot; nothing typed is lost. */
  flush() {
    clearTimeout(this.#timer);
    this.#run ??= this.#drain().finally(() => (this.#run = null));
    return this.#run;
  }

  /** Hand over what is waiting, to be sent by a page that is about to go. */
  take() {
    clearTimeout(this.#timer);
    const fields = this.unsaved;
    this.#waiting = {};
    return isEmpty(fields) ? null : fields;
  }

  /** Forget everything: another agent is on screen. */
  reset() {
    clearTimeout(this.#timer);
    this.#waiting = {};
    this.#refused.clear();
  }

  async #drain() {
    const due = !isEmpty(this.#waiting);
    while (!isEmpty(this.#waiting)) {
      this.#sending = this.#waiting;
      this.#waiting = {};
      try {
        await this.#save(this.#sending);
        this.#sending = {};
      } catch (error) {
        this.#waiting = merged(this.#sending, this.#waiting);
        this.#sending = {};
        this.#setAside(error);
      }
    }
    if (due) this.#report(this.#outcome());
  }

  #outcome() {
    const [error] = this.#refused.values();
    return error ? { kind: "refused", error } : { kind: "saved" };
  }

  /** A field that the server names as wrong waits for the person; anything else fails the whole write. */
  #setAside(error) {
    const field = refusedField(error);
    if (!(field in this.#waiting)) {
      this.#report({ kind: "failed", error });
      throw error;
    }
    delete this.#waiting[field];
    this.#refused.set(field, error);
  }
}

// What was typed and is not stored yet. Fields go to the server together, a moment after the last key.

import { askingOf } from "../chat/refusal.js";

const PAUSE_MS = 350;

/** The configuration field that the server refused to store, or "". `generation.temperature` counts as `generation`. */
const refusedField = ({ status, params }) => (status === 422 ? String(params?.field ?? "").split(".")[0] : "");

/** Where a value goes in a patch, as [field, part]: a tool's tick, a policy and a setting have objects of their own. */
export function placeOf(field) {
  const asking = askingOf(field);
  return asking === undefined ? field.split(/\.(.*)/s) : ["policies", asking];
}

const isEmpty = (fields) => Object.keys(fields).length === 0;

/** Fields whose parts are told one by one, so that they add up: ticks and policies of tools, settings of the model and
 *  of the search. */
const PARTED = ["tools", "policies", "generation", "retrieval"];

/** Later values win. */
function merged(earlier, later) {
  const fields = { ...earlier, ...later };
  for (const field of PARTED) if (earlier[field] && later[field]) fields[field] = { ...earlier[field], ...later[field] };
  return fields;
}

export class Edits {
  #waiting = {};
  #sending = {};
  /** What each waiting field was when the person began to change it. */
  #bases = {};
  #held;
  #clash;
  #refused = new Map();
  #timer = 0;
  #run = null;
  #save;
  #report;

  /**
   * `save(fields, base)` stores them or throws `Failure`; `base` has what each was when the person began, by `held(field,
   * part)`. `clash(clashes)` hears of fields that somebody else changed meanwhile: those are let go here. `report({kind,
   * error})` hears "saving"; then "saved", "refused" where a field that the server did not take is still on screen, or
   * "failed".
   */
  constructor({ save, report, held, clash }) {
    this.#save = save;
    this.#report = report;
    this.#held = held;
    this.#clash = clash;
  }

  /** Fields on screen that the server does not have yet. */
  get unsaved() {
    return merged(this.#sending, this.#waiting);
  }

  get isPending() {
    return !isEmpty(this.unsaved);
  }

  /** Why a field could not be stored, or undefined. What was typed stays in the form. */
  refusal(field) {
    return this.#refused.get(field);
  }

  put(fields) {
    for (const field of Object.keys(fields)) this.#refused.delete(field);
    this.#begin(fields);
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
    const base = this.#bases;
    this.#waiting = {};
    this.#bases = {};
    return isEmpty(fields) ? null : { ...fields, base };
  }

  /** Forget everything: another agent is on screen. */
  reset() {
    clearTimeout(this.#timer);
    this.#waiting = {};
    this.#bases = {};
    this.#refused.clear();
  }

  async #drain() {
    const due = !isEmpty(this.#waiting);
    while (!isEmpty(this.#waiting)) {
      const base = this.#bases;
      this.#sending = this.#waiting;
      this.#waiting = {};
      // What is typed while this is on its way is a change of what is being sent.
      this.#bases = this.#sending;
      try {
        await this.#save(this.#sending, base);
        this.#sending = {};
        this.#bases = this.#onlyWaiting(this.#bases);
      } catch (error) {
        this.#waiting = merged(this.#sending, this.#waiting);
        this.#bases = this.#onlyWaiting(merged(this.#bases, base));
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

  /** Remember what the fields are now, where nobody has begun to change them. */
  #begin(fields) {
    for (const [field, value] of Object.entries(fields)) {
      if (!PARTED.includes(field)) this.#bases[field] = field in this.#bases ? this.#bases[field] : this.#held(field);
      else for (const part of Object.keys(value)) this.#bases[field] = { [part]: this.#held(field, part), ...this.#bases[field] };
    }
  }

  #onlyWaiting(bases) {
    return Object.fromEntries(Object.entries(bases).filter(([field]) => field in this.#waiting));
  }

  /** Let go of the fields of which there are two texts now: a person chooses between them. */
  #letGo(clashes) {
    for (const place of Object.keys(clashes)) {
      const [field, part] = placeOf(place);
      if (part !== undefined) delete this.#waiting[field]?.[part];
      if (part === undefined || isEmpty(this.#waiting[field] ?? {})) delete this.#waiting[field];
    }
    this.#bases = this.#onlyWaiting(this.#bases);
    this.#clash(clashes);
  }

  /** A field that the server names as wrong waits for the person; anything else fails the whole write. */
  #setAside(error) {
    if (error.clashes) {
      this.#letGo(error.clashes);
      return;
    }
    const field = refusedField(error);
    if (!(field in this.#waiting)) {
      this.#report({ kind: "failed", error });
      throw error;
    }
    delete this.#waiting[field];
    this.#refused.set(field, error);
  }
}

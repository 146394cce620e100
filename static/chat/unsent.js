/** What is typed and not sent yet, kept for this window, so that a reload costs nobody their words. */

export class Unsent {
  #prefix;
  #name = () => null;
  /** The key under which something was kept last. */
  #kept = null;
  #text = "";

  /** `prefix` tells the chats of a page apart. */
  constructor(prefix) {
    this.#prefix = prefix;
    // A conversation may have got its name since.
    addEventListener("beforeunload", () => this.keep(this.#text));
  }

  /**
   * From now on for the conversation `name` (null: none is known; a function where it changes). Gives what was typed for
   * it before; what is in the field now, where it was typed for this one, or while none was known.
   */
  turnTo(name, typed) {
    const before = this.#key();
    this.#name = typeof name === "function" ? name : () => name;
    const isForIt = before === null || before === this.#key();
    const text = (isForIt && typed) || this.#read();
    this.#kept = null;
    this.keep(text);
    return text;
  }

  keep(text) {
    const key = this.#key();
    if (this.#kept !== null && this.#kept !== key) write(this.#kept, "");
    if (key !== null) write(key, text);
    this.#kept = key;
    this.#text = text;
  }

  #read() {
    const key = this.#key();
    return (key && sessionStorage.getItem(key)) ?? "";
  }

  #key() {
    const name = this.#name();
    return name === null ? null : `af_unsent:${this.#prefix}:${name}`;
  }
}

function write(key, text) {
  try {
    if (text) sessionStorage.setItem(key, text);
    else sessionStorage.removeItem(key);
  } catch {
    // Full, or forbidden: then it is not kept.
  }
}

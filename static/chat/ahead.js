/** Has large files read at the server before they are sent, and tells how far that is: whoever sends one finds it read. */

import { readEvents } from "./sse.js";
import { upload } from "./upload.js";

/** A smaller file is read in less time than it takes to look at its chip. */
const LEAST_BYTES = 100_000;
/** The server reads two at a time, and a browser has six connections to it. */
const AT_ONCE = 2;
/** What models and tools are given as it is. */
const MEDIA = /^(?:image|audio|video)\//;

/** What is known of a file: it is `reading`, `ready` or `failed`; `share` from 0 to 1, `why` in both languages. */
export class ReadingAhead {
  #urlOf;
  #onChange;
  #waiting = [];
  #running = new Map();
  #states = new WeakMap();

  /** `urlOf()` is where files are read, null where nobody reads them ahead. `onChange(file)`: more is known of it. */
  constructor(urlOf, onChange) {
    this.#urlOf = urlOf;
    this.#onChange = onChange;
  }

  /** @returns {{state: string, share?: number, why?: {zh: string, en: string}} | null} */
  stateOf(file) {
    return this.#states.get(file) ?? null;
  }

  add(file) {
    if (file.size < LEAST_BYTES || MEDIA.test(file.type) || this.stateOf(file) || !this.#urlOf()) return;
    this.#tell(file, { state: "reading", share: 0 });
    this.#waiting.push(file);
    this.#next();
  }

  /** It will not be sent. */
  drop(file) {
    this.#waiting = this.#waiting.filter((other) => other !== file);
    this.#running.get(file)?.abort();
  }

  #next() {
    while (this.#running.size < AT_ONCE && this.#waiting.length) this.#read(this.#waiting.shift());
  }

  async #read(file) {
    const controller = new AbortController();
    this.#running.set(file, controller);
    const body = new FormData();
    body.append("files", file, file.name);
    try {
      const response = await upload(this.#urlOf(), { body, headers: {}, signal: controller.signal, onProgress: () => {} });
      if (!response.ok) throw new Error(response.status);
      for await (const { type, data } of readEvents(response)) {
        if (type === "file_reading") this.#tell(file, { state: "reading", share: data.share });
        if (type === "file_read") this.#tell(file, data.why ? { state: "failed", why: data.why } : { state: "ready" });
      }
    } catch {
      // It is read when it has been sent, which then says what is wrong.
    } finally {
      if (this.stateOf(file)?.state === "reading") this.#tell(file, null);
      this.#running.delete(file);
      this.#next();
    }
  }

  #tell(file, state) {
    this.#states.set(file, state);
    this.#onChange(file);
  }
}

/** Says in an element how far a file is, in the place of its size. */
export function sayReading(strings, element, size, known) {
  element.dataset.reading = known?.state ?? "";
  element.title = known?.why ? strings.pick(known.why) : "";
  if (!known) element.textContent = strings.size(size);
  else element.textContent = strings.text(`chat.file.${known.state}`, { share: strings.percent(known.share ?? 0) });
}

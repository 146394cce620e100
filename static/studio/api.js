// The page's requests to its server. What fails is a `Failure`, as in the chat component.

import { ask } from "../chat/stream.js";

const JSON_HEADERS = { "Content-Type": "application/json" };

export class Api {
  #reachable = true;
  #watch;

  /** `watch(reachable)` is called when the server stops or starts to answer. */
  constructor(watch) {
    this.#watch = watch;
  }

  get = (path) => this.#send("GET", path);
  post = (path, body) => this.#send("POST", path, body);
  put = (path, body) => this.#send("PUT", path, body);
  patch = (path, body, options = {}) => this.#send("PATCH", path, body, options);
  remove = (path) => this.#send("DELETE", path);

  /** Whether the server answers now. */
  async probe() {
    await this.#send("GET", "/healthz").catch(() => {});
    return this.#reachable;
  }

  /** The answer's JSON, or null where there is none. `body` is a value for JSON, or a form or a blob that goes as it is. */
  async #send(method, path, body, { keepalive = false } = {}) {
    const isReady = body === undefined || body instanceof FormData || body instanceof Blob;
    const content = isReady ? { body } : { body: JSON.stringify(body), headers: JSON_HEADERS };
    try {
      const response = await ask(path, { method, keepalive, ...content });
      this.#note(true);
      return response.status === 204 ? null : await response.json();
    } catch (failure) {
      this.#note(failure.code !== "connection");
      throw failure;
    }
  }

  #note(reachable) {
    if (reachable === this.#reachable) return;
    this.#reachable = reachable;
    this.#watch(reachable);
  }
}

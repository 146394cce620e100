// What of the agent on screen is published: its releases, the one that is live, and what the draft has otherwise.

const LOOK_AGAIN_MS = 2_000;

/** Events: `releases` are others, or the draft differs otherwise from the one that is live. */
export class Published extends EventTarget {
  /** The newest first; null while they are asked for. */
  releases = null;
  /** What differs from the live release to the draft; null while that is not known. */
  differences = null;
  /** What is to be seen to before the draft goes out: {findings, keys, sent_keys}. */
  ready = null;
  #session;
  /** Whether somebody looks: only then is anything asked. */
  #isWatched = false;
  #known = "";
  /** The timer of the next look, while something changes by itself. */
  #again;

  constructor(session) {
    super();
    this.#session = session;
    session.on("agent", () => {
      this.releases = this.differences = this.ready = null;
      this.#known = "";
      this.#emit();
    });
    for (const topic of ["agent", "config", "saved"]) session.on(topic, () => this.#follow());
    session.on("models", () => this.#isWatched && this.load());
  }

  on(topic, listener) {
    this.addEventListener(topic, listener);
  }

  /** The release that strangers are shown, or null. */
  get live() {
    return this.releases?.find(({ live }) => live) ?? null;
  }

  /** Ask now, and again whenever the agent changes, as long as `element` can be seen. */
  watch(element) {
    new ResizeObserver(([{ contentRect }]) => {
      this.#isWatched = contentRect.width > 0;
      if (this.#isWatched) this.load();
    }).observe(element);
  }

  /** Ask for the releases and what differs. */
  load() {
    return this.#session.notices.attempt(async () => {
      const { agent, api, path } = this.#session;
      if (!agent) return;
      this.#known = stateOf(agent);
      const asked = ["releases", "differences", "readiness"].map((place) => api.get(`${path}/${place}`));
      const [releases, differences, ready] = await Promise.all(asked);
      if (this.#session.agent?.id !== agent.id) return;
      Object.assign(this, { releases, differences, ready });
      this.#emit();
      clearTimeout(this.#again);
      if (ready.findings.some(({ kind }) => kind === "file_waiting")) this.#again = setTimeout(() => this.#isWatched && this.load(), LOOK_AGAIN_MS);
    });
  }

  /** Publish what is on screen. */
  async publish(note) {
    const { edits } = this.#session;
    await edits.flush();
    const { agent, path } = this.#session;
    return this.#do((api) => api.post(`${path}/releases`, { note, revision: agent.revision }));
  }

  makeLive(number) {
    return this.#do((api) => api.put(`${this.#session.path}/releases/${number}/live`));
  }

  unpublish(number) {
    return this.#do((api) => api.remove(`${this.#session.path}/releases/${number}/live`));
  }

  /** What a release changed of the one before it. Throws `Failure`. */
  changesOf(number) {
    const { api, path } = this.#session;
    const before = number > 1 ? `release:${number - 1}` : "nothing";
    return api.get(`${path}/differences?from=${before}&to=release:${number}`);
  }

  /** Throws `Failure`. */
  async #do(action) {
    const release = await action(this.#session.api);
    await this.load();
    return release;
  }

  #follow() {
    const { agent, saved } = this.#session;
    if (this.#isWatched && agent && saved.kind === "saved" && stateOf(agent) !== this.#known) this.load();
  }

  #emit() {
    this.dispatchEvent(new Event("releases"));
  }
}

const stateOf = ({ id, revision }) => `${id} ${revision}`;

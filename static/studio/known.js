// What the agent on screen knows: its files, how far each is, and how much of them can be found.

/** States in which a file changes by itself. */
const AT_WORK = ["queued", "reading", "indexing"];
const LOOK_AGAIN_MS = 800;
/** With this many files a look costs more, and is taken less often. */
const MANY = 200;
/** Of so many files one request, and of so many bytes: larger ones go alone, so that one which is refused is that one. */
const MOST_FILES = 20;
const MOST_BYTES = 8_000_000;

/** Events: `files` are others or further on; `statistics`; `problems`; `uploading` {done, all}, null when it is over. */
export class Known extends EventTarget {
  files = [];
  statistics = null;
  uploading = null;
  /** What is wrong, as the builder tells it. */
  problems = [];
  #session;
  #looking = 0;
  #depends = "";

  constructor(session) {
    super();
    this.#session = session;
    for (const topic of ["agent", "config"]) session.on(topic, () => this.#follow());
  }

  on(topic, listener) {
    this.addEventListener(topic, listener);
  }

  get isAtWork() {
    return this.files.some(({ state }) => AT_WORK.includes(state));
  }

  /** Ask how far the files are, and again as long as something is at work and somebody looks. Throws `Failure`. */
  async load() {
    const { agent, api } = this.#session;
    clearTimeout(this.#looking);
    const files = agent ? await api.get(`${this.#session.path}/knowledge`) : [];
    if (this.#session.agent?.id !== agent?.id) return;
    const wasAtWork = this.isAtWork;
    this.files = files;
    this.#emit("files");
    if (this.isAtWork) this.#lookAgain();
    if (wasAtWork !== this.isAtWork || !this.statistics || !this.isAtWork) await this.count();
  }

  /** Send files, a few at a time. What is refused is told, and the others go on. Gives the ids of those. */
  async add(chosen) {
    const { notices } = this.#session;
    let done = 0;
    const taken = [];
    for (const batch of batches(chosen)) {
      this.#tell({ done, all: chosen.length });
      await notices.attempt(async () => {
        await this.#session.ensureAgent();
        const added = await this.#session.api.post(`${this.#session.path}/knowledge`, form(batch));
        taken.push(...added.map(({ id }) => id));
        await this.load();
      });
      done += batch.length;
    }
    this.#tell(null);
    await notices.attempt(() => this.#session.refresh());
    return taken;
  }

  /** Have a web page read, or those that a sitemap lists. Gives whether it was taken. */
  async addAddress(address) {
    const url = address.includes("://") ? address : `https://${address}`;
    let added = false;
    await this.#session.notices.attempt(async () => {
      await this.#session.ensureAgent();
      await this.#session.api.post(`${this.#session.path}/knowledge/addresses`, { url });
      added = true;
      await Promise.all([this.#session.refresh(), this.load()]);
    });
    return added;
  }

  /** All tags that files have, in order. */
  get tags() {
    return [...new Set(this.files.flatMap(({ tags }) => tags))].sort((one, other) => one.localeCompare(other));
  }

  refresh(file) {
    return this.#change(() => this.#session.api.post(`${this.#session.path}/knowledge/${file.id}/refresh`));
  }

  tag(file, tags) {
    return this.#change(() => this.#session.api.put(`${this.#session.path}/knowledge/${file.id}/tags`, { tags }));
  }

  remove(file) {
    return this.#change(() => this.#session.api.remove(`${this.#session.path}/knowledge/${file.id}`));
  }

  retry(file) {
    return this.#change(() => this.#session.api.post(`${this.#session.path}/knowledge/${file.id}/retry`));
  }

  cancel(file) {
    return this.#change(() => this.#session.api.post(`${this.#session.path}/knowledge/${file.id}/cancel`));
  }

  /** What the agent would find for a question, in all files or in those with a tag. Throws `Failure`. */
  search(query, tag) {
    return this.#session.api.post(`${this.#session.path}/knowledge/search`, tag ? { query, tags: [tag] } : { query });
  }

  /** Passages of a file from number `start` on, and how many there are. Throws `Failure`. */
  passages(file, start) {
    return this.#session.api.get(`${this.#session.path}/knowledge/${file.id}/passages?start=${start}`);
  }

  #change(ask) {
    return this.#session.notices.attempt(async () => {
      await ask();
      await Promise.all([this.#session.refresh(), this.load()]);
    });
  }

  #follow() {
    const { agent } = this.#session;
    const state = JSON.stringify([agent?.id, agent?.config.knowledge]);
    if (state === this.#depends) return;
    this.#depends = state;
    this.#session.notices.attempt(() => this.load());
  }

  /** Ask how much can be found, and by what. Throws `Failure`. */
  async count() {
    const { agent } = this.#session;
    const found = agent && this.files.length > 0 ? await this.#session.api.get(`${this.#session.path}/knowledge/statistics`) : null;
    if (this.#session.agent?.id !== agent?.id) return;
    this.statistics = found;
    this.#emit("statistics");
    await this.lookForProblems();
  }

  /** Ask what is wrong by now. Throws `Failure`. */
  async lookForProblems() {
    const { agent } = this.#session;
    const found = agent && this.files.length > 0 ? await this.#session.api.get(`${this.#session.path}/knowledge/problems`) : [];
    if (this.#session.agent?.id !== agent?.id) return;
    this.problems = found;
    this.#emit("problems");
  }

  #lookAgain() {
    const look = () => {
      if (document.hidden) this.#looking = setTimeout(look, LOOK_AGAIN_MS);
      else this.load().catch(() => (this.#looking = setTimeout(look, 5 * LOOK_AGAIN_MS)));
    };
    this.#looking = setTimeout(look, this.files.length > MANY ? 3 * LOOK_AGAIN_MS : LOOK_AGAIN_MS);
  }

  #tell(uploading) {
    this.uploading = uploading;
    this.#emit("uploading");
  }

  #emit(topic) {
    this.dispatchEvent(new Event(topic));
  }
}

function batches(files) {
  const found = [];
  let bytes = 0;
  for (const file of files) {
    const last = found.at(-1);
    if (last && last.length < MOST_FILES && bytes + file.size <= MOST_BYTES) last.push(file);
    else {
      found.push([file]);
      bytes = 0;
    }
    bytes += file.size;
  }
  return found;
}

function form(files) {
  const data = new FormData();
  for (const file of files) data.append("files", file, file.name);
  return data;
}

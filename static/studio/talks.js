// The conversations with the agent that is open: what there is, which one is shown, and what is done with them.

const REMEMBERED = "af_conversation:";
/** After these events the list, and other windows, look anew. */
const NEWS = new Set(["turn_started", "input_needed", "run_finished", "run_failed", "version_shown"]);

export class Talks extends EventTarget {
  /** Those in which something was said, as the server lists them: the last to go on first. */
  items = [];
  /** The id of the one that is open, null before its first message. */
  conversation = null;
  #session;
  #show;

  /** `show({focus, turn})` is called when another conversation is to be seen, at that turn, and written in with `focus`. Event `change`: what is listed, or open, is another. */
  constructor(session, show) {
    super();
    this.#session = session;
    this.#show = show;
  }

  get current() {
    return this.items.find(({ id }) => id === this.conversation) ?? null;
  }

  /** The endpoints of the conversation to begin with: the one of the last visit, else the newest. Throws `Failure`. */
  async first() {
    const { agent } = this.#session;
    this.items = [];
    this.#turnTo(null);
    const items = agent ? await this.#listed() : [];
    if (this.#session.agent?.id === agent?.id) {
      this.items = items;
      const wanted = agent && remembered(agent.id);
      this.#turnTo(wanted === "" ? null : (items.find(({ id }) => id === wanted) ?? items[0])?.id ?? null);
    }
    return this.endpoints();
  }

  /** Show another one; null: a new one. `focus`: the person will write in it. `turn`: the one to be seen, else its end. */
  open(id, { focus = true, turn = null } = {}) {
    this.#turnTo(id);
    this.#remember();
    this.#show({ focus, turn });
  }

  /** What there is now. Throws `Failure`. */
  async load() {
    const { agent } = this.#session;
    const items = agent ? await this.#listed() : [];
    if (this.#session.agent?.id !== agent?.id) return;
    this.items = items;
    this.#changed();
  }

  /** Looks what became of the conversations in other windows. Whether the one that is open is still there. */
  async stillThere() {
    const wasThere = this.current !== null;
    await this.load();
    if (!wasThere || this.current) return true;
    this.open(null, { focus: false });
    return false;
  }

  /** Those in which these words were said, by id: the place, null where their title alone says them. Throws `Failure`. */
  async found(words) {
    const query = new URLSearchParams({ search: words });
    return new Map((await this.#session.api.get(`${this.#path}?${query}`)).map(({ id, found }) => [id, found]));
  }

  /** A new agent, made from a conversation. Throws `Failure`. */
  asAgent({ id }) {
    return this.#session.api.post(`${this.#path}/${id}/agent`);
  }

  /** Where a conversation comes as a file: "markdown" or "json". */
  exportOf({ id }, format) {
    const query = new URLSearchParams({ format, language: this.#session.strings.language });
    return `${this.#path}/${id}/export?${query}`;
  }

  /** Where all of them come as a zip. */
  get exportOfAll() {
    return `${this.#path}/export?${new URLSearchParams({ language: this.#session.strings.language })}`;
  }

  /** Throws `Failure`. */
  async rename({ id }, title) {
    await this.#session.api.patch(`${this.#path}/${id}`, { title });
    await this.load();
    this.#tell();
  }

  /** Put one away, with a way back. Throws `Failure`. */
  async remove(item) {
    const { t } = this.#session.strings;
    await this.#putAway(item.id, t("ui.deleted", { name: item.title }), { focus: false });
  }

  /** Put away the one that is open, and begin an empty one. Throws `Failure`. */
  async clear() {
    if (this.conversation) await this.#putAway(this.conversation, this.#session.strings.t("ui.cleared"));
    else this.open(null);
  }

  /** An event of a turn here: what is listed goes along. */
  heard(type) {
    if (!NEWS.has(type)) return;
    this.load().catch(() => {});
    this.#tell();
  }

  endpoints() {
    return {
      history: () => this.conversation && `${this.#path}/${this.conversation}`,
      send: async (signal) => {
        await this.#session.ensureAgent();
        signal.throwIfAborted(); // another agent is open by now
        const path = this.#path;
        if (this.conversation) return `${path}/${this.conversation}/messages`;
        const { id } = await this.#session.api.post(path);
        if (!signal.aborted) this.#turnTo(id);
        if (!signal.aborted) this.#remember();
        return `${path}/${id}/messages`;
      },
      decide: () => `${this.#path}/${this.conversation}/decisions`,
      turn: (turn) => `/api/turns/${turn}`,
      file: (file) => `/api/files/${file}`,
      ahead: () => this.#session.agent && `${this.#session.path}/reading`,
      teach: (file) => `/api/files/${file}/knowledge`,
      source: ({ attached, file, passage }) => {
        const around = `passages?start=${Math.max(0, passage - 1)}&limit=3`;
        return attached ? `/api/files/${file}/${around}` : `${this.#session.path}/knowledge/${file}/${around}`;
      },
      memory: () => this.conversation ?? `new:${this.#session.agent?.id ?? ""}`,
    };
  }

  get #path() {
    return `${this.#session.path}/conversations`;
  }

  async #listed() {
    const items = await this.#session.api.get(this.#path);
    return items.filter(({ turn }) => turn !== null);
  }

  async #putAway(id, message, { focus = true } = {}) {
    const session = this.#session;
    const path = `${this.#path}/${id}`;
    const wasOpen = id === this.conversation;
    await session.api.remove(path);
    if (wasOpen) this.open(null, { focus });
    await this.load();
    this.#tell();
    const bringBack = async () => {
      await session.api.post(`${path}/undelete`);
      await this.load();
      this.#tell();
      if (wasOpen && this.items.some((item) => item.id === id)) this.open(id);
    };
    const action = { label: session.strings.t("ui.undo"), run: () => session.notices.attempt(bringBack) };
    session.notices.tell(message, { action });
  }

  #turnTo(id) {
    this.conversation = id;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }

  /** Other windows hear that there is something new. */
  #tell() {
    const { agent } = this.#session;
    if (agent) this.#session.emit("said", { agent: agent.id });
  }

  /** For the next visit; this window's own choice comes before that of others. */
  #remember() {
    const { agent } = this.#session;
    for (const storage of agent ? [sessionStorage, localStorage] : []) {
      storage.setItem(REMEMBERED + agent.id, this.conversation ?? "");
    }
  }
}

function remembered(agent) {
  return sessionStorage.getItem(REMEMBERED + agent) ?? localStorage.getItem(REMEMBERED + agent);
}

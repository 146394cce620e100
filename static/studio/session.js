// What is open on this page: one agent with what is typed but not stored yet, the models, the tools. Parts draw from it.

import { addressed, wantedFirst, writeAddress } from "./address.js";
import { Edits } from "./edits.js";
import { Offers } from "./offers.js";
import { policyAt, ticked, withUnsaved, withWriting } from "./on_screen.js";
import { Past } from "./past.js";

const NOBODY = "/static/studio/nobody.svg";

/**
 * Events (detail): `agent` another agent is open, or none; `again` the same one can be asked for again, after it could
 * not for a while; `config` {fields} something on screen changed (null: all of it); `drafting` what the builder is
 * writing (`partial`) grew or is over; `saved` {kind, at, error}; `stored` {id, revision} the server holds something
 * newer; `said` {agent} a conversation with it went on here, `elsewhere` {agent} perhaps in another window; `gone` the
 * agent on screen was deleted elsewhere; `agents`, `models`, `tools`, `language` were replaced; `past` it is known anew
 * what became of changes; `clashes` there are other fields with two texts.
 */
export class Session extends Offers {
  agent = null;
  agents = [];
  builderModel = "";
  /** Whether the server is the person's own machine. */
  local = false;
  saved = { kind: "idle" };
  /** The fields that the builder is writing just now, as far as they are written; null while it writes none. */
  partial = null;
  avatarVersion = 0;
  #creating = null;
  /** How often Back and Forward were followed: only the last one counts. */
  #steps = 0;

  constructor(api, strings, notices) {
    super();
    Object.assign(this, { api, strings, notices });
    this.edits = new Edits({
      save: (fields, base) => this.#store(fields, base),
      report: (state) => this.#report(state),
      held: (field, part) => this.#held(field, part),
      clash: (clashes) => this.#clashed(clashes),
    });
    this.past = new Past(this);
  }

  /** The configuration on screen: what is stored, with what was typed since. */
  get config() {
    return withUnsaved(this.agent?.config, this.edits.unsaved, this.strings.language);
  }

  /** The configuration on screen, with what the builder is writing just now. */
  get drafted() {
    return withWriting(this.config, this.partial);
  }

  /** Whether nothing is known of the agent yet, the builder's writing included. */
  get isBlank() {
    const { name, description, instruction, prologue, prompt_recommend: suggestions } = this.drafted;
    return ![name, description, instruction, prologue].some(Boolean) && suggestions.length + this.enabledTools.length === 0;
  }

  /** Ids of the tools that are ticked. */
  get enabledTools() {
    return ticked(this.config.tools);
  }

  /** Where the API has the agent; null where there is none. */
  get path() {
    return this.agent && `/api/agents/${this.agent.id}`;
  }

  /** The agent's picture; before there is an upload, or a name to draw one from, the picture of nobody. */
  get avatarUrl() {
    const { avatar, name } = this.agent?.config ?? {};
    return avatar || name ? `${this.path}/avatar?v=${this.avatarVersion}` : NOBODY;
  }

  /** What people call a tool, or the operation of an API that goes by that name or has that key. */
  toolTitle = (id) => {
    const title = this.toolTitles[id] ?? (this.config.tools[id]?.name || id);
    return typeof title === "string" ? title : this.strings.of(title);
  };

  async loadApis() {
    const { agent } = this;
    const hasSome = Object.keys(agent?.config.openapi ?? {}).length > 0;
    const found = hasSome ? await this.api.get(`${this.path}/apis`) : [];
    if (this.agent?.id !== agent?.id) return;
    this.apis = found;
    this.emit("tools");
  }

  async loadServers() {
    const { agent } = this;
    const hasSome = Object.keys(agent?.config.mcpServers ?? {}).length > 0;
    const found = hasSome ? await this.api.get(`${this.path}/mcp`) : [];
    if (this.agent?.id !== agent?.id) return;
    this.servers = found;
    this.emit("tools");
    this.emit("servers");
  }

  /** Load what the page needs and open the agent of the URL, else the last one, else the newest. Throws `Failure`. */
  async start() {
    const { api } = this;
    const [session, agents] = await Promise.all([
      api.get("/api/session"), api.get("/api/agents"), this.loadModels(), this.loadTools(),
    ]);
    this.builderModel = session.builder_model;
    this.local = session.local;
    this.toolsPerTurn = session.tools_per_turn;
    this.agents = agents;
    const known = wantedFirst().find((id) => agents.some((agent) => agent.id === id)) ?? agents[0]?.id;
    if (known) this.#show(await this.#fetched(known));
  }

  async loadAgents() {
    this.agents = await this.api.get("/api/agents");
    this.emit("agents");
  }

  /** Show another agent. What was typed for this one is stored first. Throws `Failure`. */
  async open(id) {
    await this.#settle();
    this.#show(await this.#fetched(id), { push: true });
  }

  /** Show the newest agent instead of one that is gone; where there is none, the invitation. Throws `Failure`. */
  async openNewest() {
    const [newest] = this.agents;
    this.#show(newest ? await this.#fetched(newest.id) : null);
  }

  /** Show the invitation to describe a new agent. There is none before there is something to keep. Throws `Failure`. */
  async invite() {
    await this.#settle();
    this.#show(null, { push: true });
  }

  /** Show what the address names, after Back and Forward. What was typed is stored first. Throws `Failure`. */
  async follow() {
    const id = addressed();
    const step = ++this.#steps;
    if (id === (this.agent?.id ?? null)) return;
    try {
      await this.#settle();
      const agent = id && (await this.#fetched(id));
      if (step === this.#steps) this.#show(agent);
    } catch (failure) {
      if (step === this.#steps) writeAddress(this.agent?.id);
      throw failure;
    }
  }

  /** Show an agent that came from outside, or that was made otherwise than here. Throws `Failure`. */
  async brought(agent) {
    await this.#settle();
    this.#show(agent, { push: true });
    await this.loadAgents();
  }

  /** The agent on screen, made now if there is none: by a first message or a first field. Throws `Failure`. */
  async ensureAgent() {
    if (this.agent) return this.agent;
    this.#creating ??= this.api.post("/api/agents", { language: this.strings.language })
      .then((agent) => {
        this.#adopt(agent);
        this.emit("config", { fields: null });
        return this.loadAgents();
      })
      .finally(() => (this.#creating = null));
    await this.#creating;
    return this.agent;
  }

  /** Change fields by hand. Stored a moment later; on screen everywhere at once. */
  edit(fields) {
    const free = Object.entries(fields).filter(([field, value]) => !this.past.rewrite(field, value));
    if (free.length === 0) return;
    this.edits.put(Object.fromEntries(free));
    this.emit("config", { fields: Object.keys(fields) });
  }

  /** Show what the builder is writing, or null: it writes no more. */
  draft(partial) {
    this.partial = partial;
    this.emit("drafting");
  }

  /** Take over what the server now holds, unless something newer is here already. */
  adopt({ config, revision, updated, marks, locks }, fields = null) {
    if (!this.agent || revision < this.agent.revision) return;
    const known = this.agent.config;
    if (config.avatar !== known.avatar || config.name !== known.name) this.avatarVersion = revision;
    const isNews = revision > this.agent.revision;
    this.agent = { ...this.agent, config, revision, ...(updated && { updated }), ...(marks && { marks, locks }) };
    if (isNews) this.emit("stored", { id: this.agent.id, revision });
    this.emit("config", { fields });
  }

  /** A turn of a conversation changed the agent: take that over, with what became of each field. */
  changed({ changes, refused, ...stored }) {
    this.adopt(stored, changes.map((change) => change.field.split(".")[0]));
    this.past.note(changes);
    this.past.tellClashes(refused);
  }

  /** Ask whether this agent was changed elsewhere, and take that over. */
  async refresh() {
    if (!this.agent) return;
    const { id, revision } = this.agent;
    const agent = await this.#missed(this.#fetched(id));
    if (this.agent?.id !== id || agent.revision < this.agent.revision) return;
    const isNews = agent.revision > revision || JSON.stringify(agent.marks) !== JSON.stringify(this.agent.marks);
    if (isNews) this.adopt(agent);
  }

  /** Send what is not stored yet with the last breath of the page. */
  leave() {
    const fields = this.agent && this.edits.take();
    if (fields) this.api.patch(`${this.path}/config`, fields, { keepalive: true }).catch(() => {});
  }

  setLanguage(language) {
    this.strings.set(language);
    this.emit("language");
  }

  /** The same answer; where it says that the agent on screen is not there any more, that is told. */
  async #missed(answer) {
    const { agent } = this;
    try {
      return await answer;
    } catch (failure) {
      if (failure.status === 404 && agent && agent.id === this.agent?.id) this.emit("gone");
      throw failure;
    }
  }

  #fetched(id) {
    return this.api.get(`/api/agents/${id}`);
  }

  /** Wait until everything typed here belongs to an agent, and is stored. */
  async #settle() {
    await this.#creating;
    await this.edits.flush();
  }

  #show(agent, { push = false } = {}) {
    this.edits.reset();
    this.partial = null;
    this.#adopt(agent, { push });
    this.emit("agent");
    this.emit("config", { fields: null });
  }

  #adopt(agent, { push = false } = {}) {
    this.agent = agent;
    this.avatarVersion = agent?.revision ?? 0;
    writeAddress(agent?.id, { push });
    // What was typed before there was an agent is not stored with it yet.
    if (!this.edits.isPending) this.#report(agent ? { kind: "saved", at: new Date(agent.updated) } : { kind: "idle" });
  }

  async #store(fields, base) {
    const isNew = !this.agent;
    const { id } = await this.ensureAgent();
    const answer = await this.#missed(this.api.patch(`/api/agents/${id}/config`, isNew ? fields : { ...fields, base }));
    if (this.agent?.id !== id) return;
    this.adopt(answer, []);
    this.past.tellRefused(answer.refused ?? []);
  }

  /** What is stored for a field, or for a part of one: a tool's tick, a setting. */
  #held(field, part) {
    const config = this.agent?.config ?? {};
    if (field === "policies") return policyAt(config, part);
    if (field === "tools") return Boolean(config.tools?.[part]?.use && config.tools[part].is_active !== false);
    return (part === undefined ? config[field] : config[field]?.[part]) ?? null;
  }

  /** Somebody else changed these fields: what they are now is on screen, and beside it what was typed here. */
  async #clashed(clashes) {
    this.past.clash(clashes);
    await this.refresh().catch(() => {});
    this.emit("config", { fields: null });
  }

  #report(state) {
    this.saved = state.kind === "saved" ? { at: new Date(), ...state } : state;
    this.emit("saved", this.saved);
  }
}

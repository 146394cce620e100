// An agent's past on this page: who set what, changes to take back or accept, locks, and two texts to choose between.

import { placeOf } from "./edits.js";

/** The value of a change as a patch. */
function patchOf(field, value) {
  const [top, part] = placeOf(field);
  const empty = { name: "", avatar: "", description: "", instruction: "", prologue: "", model: "", prompt_recommend: [], knowledge: [] };
  return part === undefined ? { [top]: value ?? empty[top] ?? value } : { [top]: { [part]: value } };
}

export class Past {
  /** What was changed, by the change's id: {undone, accepted}. */
  #changes = new Map();
  #session;
  #loading = null;
  /** Fields with two texts, of which a person chooses: {field, wanted, current}. */
  clashes = [];

  constructor(session) {
    this.#session = session;
    session.on("agent", () => {
      this.#changes = new Map();
      this.clashes = [];
      session.emit("clashes");
      session.notices.forget("undo"); // of the agent that was open before: its changes are not this one's
      this.load();
    });
    session.on("again", () => this.load());
  }

  /** Ask what became of each change. What cannot be asked is shown without. */
  async load() {
    const { agent, api } = this.#session;
    if (!agent) return;
    const asked = (this.#loading = api.get(`/api/agents/${agent.id}/changes`).catch(() => null));
    const changes = await asked;
    if (!changes || asked !== this.#loading) return;
    this.#changes = new Map(changes.map((change) => [change.id, change]));
    this.#session.emit("past");
  }

  /** The builder has just made these changes: known before the server is asked. */
  note(changes) {
    const { agent } = this.#session;
    if (!agent) return;
    const at = new Date().toISOString();
    const marks = changes.filter(({ id }) => id).map(({ id, field, author }) => [field, { author, change: id, at, said: "", accepted: false }]);
    this.#session.agent = { ...agent, marks: { ...agent.marks, ...Object.fromEntries(marks) } };
    for (const change of changes) this.#changes.set(change.id, change);
    this.#session.emit("past");
  }

  /** Who set the field, or undefined where nobody knows. Of the tools, the newest mark. */
  mark(field) {
    const marks = this.#session.agent?.marks ?? {};
    if (field !== "tools") return marks[field];
    return Object.keys(marks)
      .filter((key) => key.startsWith("tools."))
      .map((key) => marks[key])
      .sort((one, other) => (one.at < other.at ? 1 : -1))[0];
  }

  /** The ids of the changes in which the field was proposed and that nobody has accepted yet. */
  proposals(field) {
    const marks = Object.entries(this.#session.agent?.marks ?? {});
    const own = marks.filter(([key]) => key === field || key.startsWith(`${field}.`));
    return own.filter(([, { author, accepted, change }]) => author === "builder" && !accepted && change).map(([, mark]) => mark.change);
  }

  /** What can be done about a change: it is "open" (proposed), "held", "undone", or "unknown" here. */
  stateOf({ id, field, author }) {
    const known = this.#changes.get(id);
    if (known?.undone) return "undone";
    if (author === "builder" && this.proposals(field).includes(id)) return "open";
    return known ? "held" : "unknown";
  }

  isLocked(field) {
    return (this.#session.agent?.locks ?? []).includes(field);
  }

  /** Take changes back. What stands in the way is put before the person. */
  undo(ids) {
    return this.#do(async ({ notices, strings, api, path }) => {
      const answer = await api.post(`${path}/changes/undo`, { changes: ids });
      this.#take(answer);
      const again = answer.changes.map((change) => change.id);
      if (again.length === 0) return;
      const fields = [...new Set(answer.changes.map(({ field }) => strings.field(field, this.#session.toolTitle)))];
      const redo = { label: strings.t("ui.redo"), run: () => this.undo(again) };
      notices.tell(strings.t("ui.taken_back", { fields: fields.join(strings.t("ui.comma")) }), { action: redo, about: "undo" });
    });
  }

  accept(ids) {
    return this.#do(async ({ api, path }) => this.#take(await api.post(`${path}/changes/accept`, { changes: ids })));
  }

  /** Use a service that was only proposed, named by its field. */
  allow(field) {
    const body = { changes: this.proposals(field), services: [field] };
    return this.#do(async ({ api, path }) => this.#take(await api.post(`${path}/changes/accept`, body)));
  }

  lock(field, isLocked) {
    return this.#do(async ({ api, path }) => {
      const send = isLocked ? api.put : api.remove;
      this.#take(await send(`${path}/locks/${field}`));
    });
  }

  /** Go back to a version, or to these `fields` of it. */
  restore(number, fields = null) {
    return this.#do(async ({ api, path, notices, strings }) => {
      const answer = await api.post(`${path}/versions/${number}/restore`, { fields });
      this.#take(answer);
      const again = answer.changes.map((change) => change.id);
      const action = again.length > 0 ? { label: strings.t("ui.undo"), run: () => this.undo(again) } : null;
      if (fields && !action) return;
      const names = (fields ?? []).map((field) => strings.field(field, this.#session.toolTitle)).join(strings.t("ui.comma"));
      const told = fields ? "ui.restored_fields" : action ? "ui.restored" : "ui.restored_same";
      notices.tell(strings.t(told, { number, fields: names }), { action, about: "undo" });
    });
  }

  /** Say what the server would not store; of two texts for one field a person chooses. */
  tellRefused(refused) {
    const { notices, strings, toolTitle } = this.#session;
    for (const { field, why: reason } of refused.filter(({ clash }) => !clash)) {
      const refusal = { code: "config_invalid", message: reason, params: { field, reason } };
      notices.problem(strings.sentence(refusal, toolTitle));
    }
    this.tellClashes(refused);
  }

  /** Put two texts for one field before the person. */
  tellClashes(refused) {
    const clashes = refused.filter(({ clash }) => clash).map(({ field, clash }) => [field, clash]);
    if (clashes.length > 0) this.clash(Object.fromEntries(clashes));
  }

  /** Somebody else changed these fields meanwhile, or a later change stands in the way: `{field: {wanted, current}}`. */
  clash(clashes) {
    const added = Object.entries(clashes).map(([field, { wanted, current }]) => ({ field, wanted, current }));
    const kept = this.clashes.filter(({ field }) => !(field in clashes));
    this.clashes = [...kept, ...added];
    this.#session.emit("clashes");
  }

  /** Whether the field has two texts: what is typed in it meanwhile is the wanted one, and is not stored. */
  rewrite(field, value) {
    const clash = this.clashes.find((one) => one.field === field);
    if (!clash) return false;
    clash.wanted = value;
    this.#session.emit("clashes");
    return true;
  }

  /** The person chose: the wanted text is stored over the present one, or let go. */
  settle({ field, wanted, current }, takesWanted) {
    this.clashes = this.clashes.filter((clash) => clash.field !== field);
    this.#session.emit("clashes");
    if (!takesWanted) return undefined;
    return this.#do(async ({ api, path }) => {
      const body = { ...patchOf(field, wanted), base: patchOf(field, current) };
      this.#take(await api.patch(`${path}/config`, body));
    });
  }

  /** What the server now holds, and what it would not do. */
  #take(answer) {
    const session = this.#session;
    session.adopt(answer, (answer.changes ?? []).map((change) => change.field.split(".")[0]));
    this.tellRefused(answer.refused ?? []);
    this.load();
  }

  async #do(work) {
    const { notices, edits } = this.#session;
    await notices.attempt(async () => {
      await edits.flush();
      await work(this.#session);
    });
  }
}

// Taking the agent elsewhere: as a zip, and to each target of the server, drawn from what it says of itself; with each step as it happens.

import { h } from "../chat/dom.js";
import { readEvents } from "../chat/sse.js";
import { ask, joinTurn } from "../chat/stream.js";
import { leavingParts } from "./share_ready.js";
import { button, icon, keepingTyped, outward } from "./widgets.js";

const LOST = { code: "connection", message: "The connection was lost." };
/** What became of it, nobody here knows any more. */
const UNKNOWN = { code: "not_found" };
const REMEMBERED = "af_target";

export function fillTargets(slot, session, published) {
  slot.classList.add("st-targets");
  const targets = new Targets(slot, session, published);
  published.on("releases", () => targets.draw());
  session.on("language", () => targets.draw());
  session.on("agent", () => targets.forget());
  session.notices.attempt(() => targets.load());
}

class Targets {
  #session;
  #published;
  /** As the API has them: {name, title, hint, fields}. */
  #targets = [];
  #opened = new Set();
  /** How the last publication went: {id, path, target, steps, end, refused, failure, running, …}; null before the first. */
  #last = null;
  /** Ends the reading of it when another agent is open. */
  #reading = new AbortController();
  #parts = h("div");
  #told = h("div", { role: "status" });
  #stop = button("", () => this.#end(), { kind: "quiet" });
  #progress = h("div", { class: "st-target-progress" }, this.#told, this.#stop);

  constructor(slot, session, published) {
    this.#session = session;
    this.#published = published;
    slot.append(this.#parts);
    this.draw();
  }

  async load() {
    this.#targets = await this.#session.api.get("/api/targets");
    this.draw();
    await this.#resume();
  }

  /** Another agent is open: what was typed for the one before is not for it. */
  forget() {
    this.#reading.abort();
    this.#last = null;
    this.#parts.replaceChildren();
    this.draw();
    this.#session.notices.attempt(() => this.#resume());
  }

  /** What was begun before this page was opened is told on. */
  async #resume() {
    const { agent, api, path } = this.#session;
    if (!agent || this.#last || this.#targets.length === 0) return;
    const { publication } = await api.get(`${path}/publications`);
    if (!publication || this.#last || this.#session.agent?.id !== agent.id) return;
    const last = this.#begun(publication.target, path);
    last.id = publication.id;
    this.draw();
    await this.#follow(last);
  }

  #begun(target, path) {
    this.#reading = new AbortController();
    return (this.#last = { id: null, path, target, steps: [], end: null, refused: null, failure: null, running: true, stopping: false, stopped: false, lost: false });
  }

  draw() {
    const { agent, strings: { t } } = this.#session;
    const { live, ready } = this.#published;
    const parts = agent
      ? [h("p", { class: "st-hint" }, live ? t("ui.target_release", { number: live.number }) : t("ui.target_draft")), ...leavingParts(this.#session, ready), this.#download(), ...this.#targets.map((target) => this.#target(target))]
      : [h("p", { class: "st-hint" }, t("ui.release_no_agent"))];
    keepingTyped(this.#parts, () => this.#parts.replaceChildren(...parts));
    this.#tell();
  }

  #row(title, hint, ...actions) {
    return h("section", { class: "st-target" }, this.#about(title, hint), ...actions);
  }

  #about(title, hint) {
    return h("div", { class: "st-target-about" }, h("h3", {}, title), h("p", { class: "st-hint" }, hint));
  }

  #download() {
    const { path, strings: { t } } = this.#session;
    const link = h("a", { class: "st-button st-button-plain", href: `${path}/bundle`, download: "" }, icon("download"), h("span", {}, t("ui.target_download")));
    return this.#row(t("ui.target_zip"), t("ui.target_zip_hint"), link);
  }

  #target({ name, title, hint, fields }) {
    const { of, t } = this.#session.strings;
    const label = `${t("ui.target_send")}: ${of(title)}`;
    if (fields.length === 0) {
      const send = button(t("ui.target_send"), () => this.#send({ target: name }), { name: label });
      send.disabled = this.#isRunning;
      return this.#row(of(title), of(hint), send, this.#progressAt(name));
    }
    const send = button(t("ui.target_send"), null, { name: label });
    send.type = "submit";
    send.disabled = this.#isRunning;
    const kept = this.#remembered(name);
    const inputs = new Map(fields.filter(({ kind }) => kind !== "keys").map((field) => [field, this.#input(name, field, kept[field.name])]));
    const keys = new Map(fields.flatMap((field) => (field.kind === "keys" ? (this.#published.ready?.sent_keys ?? []) : [])).map((key) => [key, this.#key(name, key)]));
    const rows = [...inputs].map(([field, input]) => this.#labelled(field, input));
    const form = h("form", { class: "st-target-form" }, ...rows, keys.size > 0 ? this.#keys(fields.find(({ kind }) => kind === "keys"), keys) : null, send);
    const said = (isSecret) => Object.fromEntries([...inputs].filter(([{ kind }]) => (kind === "secret") === isSecret).map(([field, input]) => [field.name, input.value.trim()]));
    form.addEventListener("change", () => localStorage.setItem(this.#place(name), JSON.stringify(said(false))));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const secrets = Object.fromEntries(Object.entries(said(true)).filter(([, value]) => value));
      const entered = Object.fromEntries([...keys].map(([key, input]) => [key.name, input.value.trim()]).filter(([, value]) => value));
      for (const input of [...[...inputs].filter(([{ kind }]) => kind === "secret").map(([, secret]) => secret), ...keys.values()]) input.value = "";
      this.#send({ target: name, options: said(false), secrets, ...(keys.size > 0 && { keys: entered }) });
    });
    const set = h("span", { class: "st-target-set" }, t("ui.target_fields"), icon("down"));
    const more = h("details", { class: "st-target-more", open: this.#opened.has(name) }, h("summary", {}, this.#about(of(title), of(hint)), set), form);
    more.addEventListener("toggle", () => (more.open ? this.#opened.add(name) : this.#opened.delete(name)));
    return h("section", { class: "st-target" }, more, this.#progressAt(name));
  }

  /** The steps are told where they were asked for. */
  #progressAt(target) {
    return this.#last?.target === target ? this.#progress : null;
  }

  #input(target, { name, kind, hint, default: usual, required, choices }, kept) {
    const { of, t } = this.#session.strings;
    const id = `target_${target}_${name}`;
    const shared = { id, name: id, class: "st-input", "aria-describedby": hint ? `${id}_hint` : null };
    const value = kept || usual;
    if (kind === "choice") return h("select", shared, ...choices.map((choice) => h("option", { value: choice.value, selected: choice.value === value }, of(choice.label))));
    if (kind === "secret") return h("input", { ...shared, type: "password", autocomplete: "new-password", placeholder: t("ui.target_kept") });
    return h("input", { ...shared, type: "text", autocomplete: "off", spellcheck: "false", value, required, inputmode: kind === "url" ? "url" : null });
  }

  #labelled({ label, hint, required, kind }, input) {
    const { of, t } = this.#session.strings;
    const said = required || kind === "secret" ? of(label) : t("ui.target_optional", { label: of(label) });
    return h("div", { class: "st-target-field" }, h("label", { for: input.id }, said), input, hint && h("small", { id: `${input.id}_hint` }, of(hint)));
  }

  /** What the agent asks for where it goes, to be entered for this once. */
  #keys({ label, hint }, keys) {
    const { of } = this.#session.strings;
    const rows = [...keys].map(([key, input]) => h("div", { class: "st-target-field" }, h("label", { for: input.id }, h("code", {}, key.name)), input, h("small", { id: `${input.id}_hint` }, of(key.label))));
    return h("fieldset", { class: "st-target-keys" }, h("legend", {}, of(label)), h("small", {}, of(hint)), ...rows);
  }

  #key(target, { name }) {
    const id = `target_${target}_key_${name}`;
    return h("input", { id, name: id, class: "st-input", type: "password", autocomplete: "new-password", maxlength: 4096, placeholder: this.#session.strings.t("ui.target_key_empty"), "aria-describedby": `${id}_hint` });
  }

  #place(target) {
    return `${REMEMBERED}_${target}_${this.#session.agent.id}`;
  }

  /** What was typed for that target the last time, but for secrets, which are in no browser. */
  #remembered(target) {
    return JSON.parse(localStorage.getItem(this.#place(target)) ?? "{}");
  }

  get #isRunning() {
    return this.#last?.running ?? false;
  }

  /** Send it, and show each step. Never throws. */
  async #send(body) {
    const { edits, path } = this.#session;
    const last = this.#begun(body.target, path);
    this.draw();
    try {
      await edits.flush();
      const response = await ask(`${path}/publications`, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
      for await (const { data } of readEvents(response)) {
        last.id = data.publication;
        break;
      }
      if (!last.id) throw LOST;
    } catch (failure) {
      last.failure = failure.code ? failure : LOST;
      last.running = false;
      return this.draw();
    }
    return this.#follow(last);
  }

  /** Tell all of a publication, from its first step, over one connection after the other. Never throws. */
  async #follow(last) {
    const { signal } = this.#reading;
    const onGap = (isLost) => {
      last.lost = isLost;
      this.#tell();
    };
    this.#tell();
    try {
      for await (const { type, data } of joinTurn(last.id, { turnUrl: (id) => `${last.path}/publications/${id}`, signal, onGap })) {
        if (type === "publish_step") last.steps.push(data.text);
        if (type === "publish_done") last.end = data;
        if (type === "publish_refused") last.refused = data.text;
        if (type === "run_failed") last.failure = data;
        if (type === "run_finished") last.stopped = data.stop === "stopped";
        this.#tell();
      }
    } catch (failure) {
      if (signal.aborted) return;
      last.failure = failure.code === "not_found" ? UNKNOWN : failure;
    }
    last.running = false;
    this.draw();
  }

  /** Stop it, where that is still to be had. */
  async #end() {
    const last = this.#last;
    last.stopping = true;
    this.#tell();
    await this.#session.notices.attempt(() => this.#session.api.post(`${last.path}/publications/${last.id}/stop`));
  }

  #tell() {
    const { t, of } = this.#session.strings;
    const last = this.#last;
    this.#stop.hidden = !last?.running || !last.id;
    if (!last) return this.#told.replaceChildren();
    const { steps, end, running } = last;
    this.#stop.disabled = last.stopping;
    this.#stop.querySelector("span").textContent = t(last.stopping ? "ui.target_stopping" : "ui.target_stop");
    const stateOf = (at) => (end || at < steps.length - 1 ? "over" : running ? "running" : "failed");
    const shapes = { over: "check", running: "again", failed: "close" };
    const rows = steps.map((step, at) => h("li", { "data-state": stateOf(at) }, icon(shapes[stateOf(at)]), h("span", {}, of(step))));
    this.#told.replaceChildren(...[h("ol", {}, ...rows), this.#outcome(last)].filter(Boolean));
    return undefined;
  }

  #outcome({ end, refused, failure, running, stopping, stopped, lost }) {
    const { t, of, sentence, moment } = this.#session.strings;
    if (end) {
      const until = end.expires && ` ${t("ui.target_expires", { moment: moment(new Date(end.expires)) })}`;
      const late = stopping && !running ? `${t("ui.target_too_late")} ` : null;
      return h("p", { class: "st-target-done" }, late, t(end.changed ? "ui.target_done" : "ui.target_same"), " ", h("code", { dir: "ltr" }, end.address), " ", end.link && outward(end.link, t("ui.target_open")), until);
    }
    if (stopped) return h("p", { class: "st-hint" }, t("ui.target_stopped"));
    if (failure === UNKNOWN) return h("p", { class: "st-problem", role: "alert" }, t("ui.target_unknown"));
    if (refused || failure) return h("p", { class: "st-problem", role: "alert" }, refused ? of(refused) : sentence(failure));
    return lost && running ? h("p", { class: "st-hint" }, t("ui.target_gap")) : null;
  }
}

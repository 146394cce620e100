// The agent's model goes through what it knows: what that will cost, how far it is, and what it did cost.

import { h } from "../chat/dom.js";
import { button, keepingTyped } from "./widgets.js";

const AT_WORK = ["queued", "running"];
const LOOK_AGAIN_MS = 1_000;

export class ByModel {
  element = h("div", { class: "st-known-model" });
  #session;
  #ended;
  #outlook = null;
  #looking = 0;
  #depends = "";

  /** `ended()` is called when the model has said something new. */
  constructor(session, { ended }) {
    this.#session = session;
    this.#ended = ended;
  }

  /** Ask what it would cost, and how far it is, as long as it is at work. */
  load() {
    return this.#session.notices.attempt(() => this.#load());
  }

  /** The model may be another, or ready by now. */
  follow() {
    const { agent } = this.#session;
    const state = JSON.stringify([agent?.id, agent?.config.model, this.#session.models?.models?.map(({ key, ready }) => [key, ready])]);
    if (state === this.#depends) return;
    const isFirst = this.#depends === "";
    this.#depends = state;
    if (!isFirst) this.load();
  }

  draw() {
    const { t } = this.#session.strings;
    const { model, last } = this.#outlook ?? {};
    const isAtWork = AT_WORK.includes(last?.state);
    const lines = isAtWork ? this.#progress(last) : this.#offer();
    this.element.hidden = lines.length === 0;
    keepingTyped(this.element, () => this.element.replaceChildren(h("h3", {}, t("ui.known_model")), ...lines));
    this.element.dataset.state = isAtWork ? "at_work" : model ? "ready" : "none";
  }

  async #load() {
    const { agent, api, path } = this.#session;
    clearTimeout(this.#looking);
    const before = this.#outlook?.last;
    const found = agent?.config.knowledge?.length > 0 ? await api.get(`${path}/knowledge/check/model`) : null;
    if (this.#session.agent?.id !== agent?.id) return;
    this.#outlook = found;
    this.draw();
    const { last } = found ?? {};
    if (AT_WORK.includes(last?.state)) this.#lookAgain();
    if (AT_WORK.includes(before?.state) && (before.done !== last?.done || before.state !== last?.state)) this.#ended();
  }

  #lookAgain() {
    this.#looking = setTimeout(() => (document.hidden ? this.#lookAgain() : this.#load().catch(() => this.#lookAgain())), LOOK_AGAIN_MS);
  }

  #do(action) {
    return this.#session.notices.attempt(async () => {
      await action();
      await this.#load();
    });
  }

  #progress({ done, steps, tokens }) {
    const { t, count } = this.#session.strings;
    const stop = button(t("ui.known_model_stop"), () => this.#do(() => this.#session.api.remove(`${this.#session.path}/knowledge/check/model`)), { kind: "plain" });
    const bar = h("progress", { max: 1, "aria-label": t("ui.known_model_progress") });
    if (steps > 0) bar.value = done / steps;
    return [h("p", { role: "status" }, t("ui.known_model_at_work", { done: count(done), steps: count(steps), tokens: count(tokens) })), bar, h("div", { class: "st-actions" }, stop)];
  }

  #offer() {
    const { t, count } = this.#session.strings;
    const { model, files, pairs, tokens, last } = this.#outlook ?? {};
    const lines = last ? this.#pastLines(last) : [];
    if (!model) return this.#outlook ? [...lines, h("p", { class: "st-hint" }, t("ui.known_model_none"))] : lines;
    if (files === 0 && pairs === 0) return [...lines, h("p", { class: "st-hint" }, t("ui.known_model_done"))];
    const begin = button(t("ui.known_model_check", { tokens: count(tokens) }), () => this.#do(() => this.#session.api.post(`${this.#session.path}/knowledge/check/model`)), { kind: "plain" });
    return [...lines, h("p", { class: "st-hint" }, t("ui.known_model_cost", { model, files: count(files), pairs: count(pairs) })), h("div", { class: "st-actions" }, begin)];
  }

  /** How the last one ended. */
  #pastLines({ state, tokens, reason }) {
    const { t, count, sentence } = this.#session.strings;
    const lines = [h("p", { class: "st-hint" }, t(state === "stopped" ? "ui.known_model_stopped" : "ui.known_model_spent", { tokens: count(tokens) }))];
    if (reason) lines.push(h("p", { class: "st-problem" }, sentence(reason)));
    return lines;
  }
}

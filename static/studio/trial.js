// *Try it*: what a model can do, asked of the model itself and shown while it is found out.

import { h } from "../chat/dom.js";
import { readEvents } from "../chat/sse.js";
import { ask } from "../chat/stream.js";
import { button, icon } from "./widgets.js";

const ABILITIES = ["stream", "function_calling", "json", "vision"];
/** What is found out and stands in no model file. */
const NOT_IN_FILES = ["keeps_json", "reasoning"];
const LOST = { code: "connection", message: "The connection was lost." };

/** The trial of one model: its `element` shows how far it is, and changes in place. `onend()` follows when it is over, and reads anew what follows from it. */
export class Trial {
  #session;
  #model;
  #onend;
  #leaving = new AbortController();
  #id = "";
  #asking = "";
  #found = {};
  #end = null;
  #failure = null;
  #kept = false;
  #stopped = false;
  #over = false;
  #list = h("ul", { class: "st-abilities", "aria-live": "polite" });
  #outcome = h("div", { class: "st-outcome", role: "status" });
  #action = button("", () => this.#press(), { kind: "quiet" });

  constructor(session, model, { onend, onhide }) {
    this.#session = session;
    this.#model = model;
    this.#onend = onend;
    this.hide = onhide;
    this.element = h("div", { class: "st-trial", "data-trial": model.key, role: "group" }, this.#list, this.#outcome, this.#action);
    this.draw();
  }

  get isRunning() {
    return !this.#over;
  }

  /** Ask the server to try the model, and follow what it finds. Never throws. */
  async run() {
    const { signal } = this.#leaving;
    const body = JSON.stringify({ model: this.#model.key });
    try {
      const response = await ask("/api/trials", { method: "POST", body, headers: { "Content-Type": "application/json" }, signal });
      for await (const { type, data } of readEvents(response)) this.#take(type, data);
      if (!this.#end && !this.#failure && !this.#stopped) this.#failure = LOST;
    } catch (failure) {
      if (signal.aborted) this.#stopped = true;
      else if (!this.#end) this.#failure = failure.code ? failure : LOST;
    }
    this.#over = true;
    this.#asking = "";
    this.draw();
    await this.#onend();
    this.draw();
  }

  #take(type, data) {
    if (type === "trial_started") this.#id = data.trial;
    if (type === "asking") this.#asking = data.ability;
    if (type === "found") this.#found[data.ability] = data;
    if (type === "probed") this.#end = data;
    if (type === "trial_kept") this.#kept = data.kept;
    if (type === "run_failed") this.#failure = data;
    if (type === "run_finished") this.#stopped = data.stop === "stopped";
    this.draw();
  }

  #press() {
    if (!this.isRunning) return this.hide();
    if (!this.#id) return this.#leaving.abort();
    return this.#session.notices.attempt(() => this.#session.api.post(`/api/trials/${this.#id}/stop`));
  }

  draw() {
    const { t } = this.#session.strings;
    this.element.setAttribute("aria-label", t("ui.trial_of", { model: this.#model.name }));
    this.element.toggleAttribute("data-running", this.isRunning);
    this.#action.lastChild.textContent = t(this.isRunning ? "ui.stop" : "ui.hide");
    // Only what changed, so that a screen reader says only that.
    for (const [place, ability] of ABILITIES.entries()) {
      const [now, before] = [this.#ability(ability), this.#list.children[place]];
      if (!before) this.#list.append(now);
      else if (!now.isEqualNode(before)) before.replaceWith(now);
    }
    this.#outcome.replaceChildren(...this.#told());
  }

  #ability(ability) {
    const { t } = this.#session.strings;
    const found = this.#found[ability];
    if (!found) {
      const state = this.#asking === ability ? "asking" : "waiting";
      return h("li", { "data-state": state }, h("span", { class: "st-dot" }), h("span", {}, t(`ui.trial_asks.${ability}`)));
    }
    const [state, words] = found.works === null ? ["unknown", t(`ui.trial_unknown.${ability}`)]
      : found.works ? ["yes", t(`ui.trial_yes.${ability}`)] : ["no", t(`ui.trial_no.${ability}`)];
    const why = [found.why && t(`ui.trial_why.${found.why}`), found.detail && t("ui.endpoint_says", { detail: found.detail })];
    const small = why.some(Boolean) && h("small", { dir: "auto" }, why.filter(Boolean).join(" "));
    const shape = found.works ? icon("check") : h("span", { class: "st-dot" });
    return h("li", { "data-state": state }, shape, h("span", {}, words, ...(small ? [small] : [])));
  }

  /** What follows from it, once it is over. */
  #told() {
    const { t, sentence } = this.#session.strings;
    if (this.isRunning) return [];
    if (this.#stopped) return [h("p", { class: "st-hint" }, t("ui.trial_stopped"))];
    if (this.#failure) return [h("p", { class: "st-problem" }, sentence(this.#failure))];
    const { facts, fallbacks, requests, seconds } = this.#end;
    const isDefault = this.#session.models.default === this.#model.key;
    const lines = [
      ...(isDefault ? [h("p", {}, t("ui.trial_default"))] : []),
      ...fallbacks.map((fallback) => h("p", {}, t(`ui.trial_instead.${fallback}`))),
    ];
    const cost = t("ui.trial_cost", { requests, seconds });
    if (this.#kept) return [...lines, h("p", { class: "st-hint" }, `${t("ui.trial_kept")} ${cost}`)];
    const written = Object.entries(facts).filter(([fact]) => !NOT_IN_FILES.includes(fact));
    const code = h("code", {}, written.map(([fact, value]) => `"${fact}": ${value}`).join(", "));
    return [...lines, h("p", { class: "st-hint" }, `${cost} ${t("ui.trial_not_kept")}`), ...(written.length > 0 ? [code] : [])];
  }
}

// Taking the agent elsewhere: as a zip, into a folder of the server, into a Git repository; with each step as it happens.

import { h } from "../chat/dom.js";
import { readEvents } from "../chat/sse.js";
import { ask } from "../chat/stream.js";
import { button, icon, keepingTyped } from "./widgets.js";

const LOST = { code: "connection", message: "The connection was lost." };
const REMEMBERED = "af_git";

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
  #names = [];
  /** How the last publication went: {steps, end, refused, failure, running}; null before the first. */
  #last = null;
  #parts = h("div");
  #progress = h("div", { class: "st-target-progress", role: "status" });

  constructor(slot, session, published) {
    this.#session = session;
    this.#published = published;
    slot.append(this.#parts, this.#progress);
    this.draw();
  }

  async load() {
    this.#names = (await this.#session.api.get("/api/targets")).map(({ name }) => name);
    this.draw();
  }

  /** Another agent is open. */
  forget() {
    this.#last = null;
    this.draw();
  }

  draw() {
    const { agent, strings: { t } } = this.#session;
    const { live } = this.#published;
    const parts = agent
      ? [h("p", { class: "st-hint" }, live ? t("ui.target_release", { number: live.number }) : t("ui.target_draft")), this.#download(), this.#folder(), this.#git()]
      : [h("p", { class: "st-hint" }, t("ui.release_no_agent"))];
    keepingTyped(this.#parts, () => this.#parts.replaceChildren(...parts.filter(Boolean)));
    this.#tell();
  }

  #row(title, hint, ...actions) {
    return h("section", { class: "st-target" }, h("div", {}, h("h3", {}, title), h("p", { class: "st-hint" }, hint)), ...actions);
  }

  #download() {
    const { path, strings: { t } } = this.#session;
    const link = h("a", { class: "st-button st-button-plain", href: `${path}/bundle`, download: "" }, icon("download"), h("span", {}, t("ui.target_download")));
    return this.#row(t("ui.target_zip"), t("ui.target_zip_hint"), link);
  }

  #folder() {
    const { t } = this.#session.strings;
    if (!this.#names.includes("folder")) return null;
    const send = button(t("ui.target_send"), () => this.#send({ target: "folder" }), { name: `${t("ui.target_send")}: ${t("ui.target_folder")}` });
    send.disabled = this.#isRunning;
    return this.#row(t("ui.target_folder"), t("ui.target_folder_hint"), send);
  }

  #git() {
    const { agent, strings: { t } } = this.#session;
    if (!this.#names.includes("git")) return null;
    const kept = JSON.parse(localStorage.getItem(`${REMEMBERED}_${agent.id}`) ?? "{}");
    const field = (name, value, options = {}) =>
      h("input", { name: `git_${name}`, type: "text", class: "st-input", autocomplete: "off", spellcheck: "false", value, "aria-label": t(`ui.git.${name}`), placeholder: t(`ui.git.${name}`), ...options });
    const send = button(t("ui.target_push"), null);
    send.type = "submit";
    send.disabled = this.#isRunning;
    const form = h("form", { class: "st-target-form" }, field("url", kept.url, { inputmode: "url" }), field("branch", kept.branch ?? "main"), field("token", "", { type: "password" }), send);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const value = (name) => this.#parts.querySelector(`[name=git_${name}]`).value.trim();
      const [url, branch, token] = ["url", "branch", "token"].map(value);
      if (!url) return this.#parts.querySelector("[name=git_url]").focus();
      localStorage.setItem(`${REMEMBERED}_${agent.id}`, JSON.stringify({ url, branch }));
      this.#parts.querySelector("[name=git_token]").value = "";
      this.#send({ target: "git", url, branch, ...(token && { token }) });
    });
    return this.#row(t("ui.target_git"), t("ui.target_git_hint"), form);
  }

  get #isRunning() {
    return this.#last?.running ?? false;
  }

  /** Send it, and show each step. Never throws. */
  async #send(body) {
    const { edits, path } = this.#session;
    const last = (this.#last = { steps: [], end: null, refused: null, failure: null, running: true });
    this.draw();
    try {
      await edits.flush();
      const response = await ask(`${path}/publications`, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
      for await (const { type, data } of readEvents(response)) {
        if (type === "publish_step") last.steps.push(data.text);
        if (type === "publish_done") last.end = data;
        if (type === "publish_refused") last.refused = data.text;
        if (type === "run_failed") last.failure = data;
        this.#tell();
      }
      if (!last.end && !last.refused && !last.failure) last.failure = LOST;
    } catch (failure) {
      last.failure = failure.code ? failure : LOST;
    }
    last.running = false;
    this.draw();
  }

  #tell() {
    const { t, of, sentence } = this.#session.strings;
    if (!this.#last) return this.#progress.replaceChildren();
    const { steps, end, refused, failure, running } = this.#last;
    const isOver = (at) => !running || at < steps.length - 1;
    const rows = steps.map((step, at) => h("li", { "data-over": isOver(at) ? "" : null }, isOver(at) && (end || at < steps.length - 1) ? icon("check") : icon("again"), h("span", {}, of(step))));
    const outcome = end
      ? h("p", { class: "st-target-done" }, t(end.changed ? "ui.target_done" : "ui.target_same"), " ", h("code", { dir: "ltr" }, end.address))
      : refused || failure ? h("p", { class: "st-problem", role: "alert" }, refused ? of(refused) : sentence(failure)) : null;
    this.#progress.replaceChildren(...[h("ol", {}, ...rows), outcome].filter(Boolean));
    return undefined;
  }
}

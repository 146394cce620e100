// One's agents: open, new, duplicate, rename, delete with a way back.

import { h } from "../chat/dom.js";
import { importedPanel } from "./imported.js";
import { button, fileButton, icon, iconButton, Panel, panelHead } from "./widgets.js";

const CONFIGURATIONS = ".json,application/json";

export function fillLibrary(slot, session) {
  const { strings } = session;
  const library = new Library(session);
  const opener = button("", () => library.open(), { shape: "library", kind: "bar" });
  const name = () => opener.setAttribute("aria-label", (opener.lastChild.textContent = strings.t("ui.library")));
  slot.append(opener, library.panel.element, library.imported.element);
  session.on("language", () => {
    name();
    library.redraw();
  });
  session.on("agents", () => library.redraw());
  session.on("agent", () => library.redraw());
  name();
  library.redraw();
}

class Library {
  panel;
  imported;
  #session;
  /** Whether a new name is being typed: a list that comes meanwhile is drawn after that. */
  #renaming = false;

  constructor(session) {
    this.#session = session;
    this.panel = new Panel("st-library", (body, close) => this.#draw(body, close));
    this.imported = importedPanel(session);
  }

  open() {
    this.panel.open();
    this.#session.notices.attempt(() => this.#session.loadAgents());
  }

  redraw() {
    if (!this.#renaming) this.panel.redraw();
  }

  #draw(body, close) {
    const { t } = this.#session.strings;
    const { agents } = this.#session;
    const bring = fileButton(t("ui.import"), ([file]) => this.#attempt(() => this.#import(file, close)), { accept: CONFIGURATIONS });
    const create = button(t("ui.new_agent"), () => this.#attempt(() => this.#session.invite(), close), { shape: "plus", kind: "main" });
    const content = agents.length > 0
      ? h("ul", { class: "st-agents" }, ...agents.map((agent) => this.#row(agent, close)))
      : h("p", { class: "st-hint" }, t("ui.library_empty"));
    body.append(panelHead(t("ui.library"), t("ui.close"), close, bring, create), content);
  }

  #row(agent, close) {
    const { t, ago } = this.#session.strings;
    const isOpen = agent.id === this.#session.agent?.id;
    const name = h("b", { dir: "auto" }, agent.name || t("ui.unnamed"));
    const open = () => this.#attempt(() => this.#session.open(agent.id), close);
    const words = h("span", {}, name, h("small", { dir: "auto" }, agent.description), h("time", {}, ago(new Date(agent.updated))));
    const face = h("img", { src: `/api/agents/${agent.id}/avatar?v=${agent.revision}`, alt: "", width: 44, height: 44, loading: "lazy" });
    return h(
      "li",
      { "data-row": agent.id, "aria-current": isOpen ? "true" : null },
      h("button", { type: "button", class: "st-open", onclick: open }, face, words, isOpen ? icon("check") : null),
      h(
        "div",
        { class: "st-actions" },
        iconButton("pencil", t("ui.rename"), () => this.#rename(agent, name)),
        iconButton("copy", t("ui.duplicate"), () => this.#attempt(() => this.#duplicate(agent))),
        iconButton("trash", t("ui.delete"), () => this.#attempt(() => this.#remove(agent))),
      ),
    );
  }

  /** A field in place of the name; Enter and leaving it store, Escape does not. */
  #rename(agent, name) {
    const { t } = this.#session.strings;
    const input = h("input", { class: "st-input", value: agent.name, maxlength: "120", "aria-label": t("ui.cfg_name") });
    const row = name.closest("li");
    row.classList.add("st-renaming");
    row.prepend(input);
    input.select();
    this.#renaming = true;
    const finish = (store) => {
      if (!this.#renaming) return;
      this.#renaming = false;
      const name = input.value.trim();
      const stored = store && name !== agent.name ? this.#attempt(() => this.#store(agent, name)) : null;
      Promise.resolve(stored).then(() => {
        this.redraw();
        this.panel.focus(agent.id);
      });
    };
    input.addEventListener("blur", () => finish(true));
    input.addEventListener("keydown", (event) => {
      if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
      event.preventDefault();
      finish(event.key === "Enter");
    });
  }

  async #store(agent, name) {
    const answer = await this.#session.api.patch(`/api/agents/${agent.id}/config`, { name });
    if (agent.id === this.#session.agent?.id) this.#session.adopt(answer, ["name"]);
    await this.#session.loadAgents();
  }

  /** An agent from the configuration file of this or an earlier AgentFabric. */
  async #import(file, close) {
    const text = await file.text();
    const { notices, strings } = this.#session;
    if (!isObject(text)) return notices.problem(strings.t("ui.import_refused", { name: file.name }));
    const changed = await this.#session.import(text);
    close();
    if (changed.length > 0) this.imported.show(changed);
  }

  async #duplicate(agent) {
    await this.#session.edits.flush();
    await this.#session.api.post(`/api/agents/${agent.id}/duplicate`);
    await this.#session.loadAgents();
  }

  async #remove(agent) {
    const session = this.#session;
    const { t } = session.strings;
    const wasOpen = agent.id === session.agent?.id;
    const place = session.agents.findIndex(({ id }) => id === agent.id);
    if (wasOpen) await session.edits.flush();
    await session.api.remove(`/api/agents/${agent.id}`);
    await session.loadAgents();
    if (wasOpen) await session.openNewest();
    this.panel.focus(session.agents[Math.min(place, session.agents.length - 1)]?.id);
    const bringBack = async () => {
      await session.api.post(`/api/agents/${agent.id}/undelete`);
      await session.loadAgents();
      if (wasOpen) await session.open(agent.id);
      this.panel.focus(agent.id);
    };
    const action = { label: t("ui.undo"), run: () => this.#attempt(bringBack) };
    session.notices.tell(t("ui.deleted", { name: agent.name || t("ui.unnamed") }), { action });
  }

  /** Do it, and close what is to be closed then; where it fails, say so and stay. */
  async #attempt(action, close = () => {}) {
    await this.#session.notices.attempt(async () => {
      await action();
      close();
    });
  }
}

function isObject(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

// One's agents: open, new, duplicate, rename, delete with a way back.

import { h } from "../chat/dom.js";
import { Bin } from "./bin.js";
import { importedPanel } from "./imported.js";
import { button, icon, iconButton, Panel, panelHead } from "./widgets.js";

/** Fills the bar's slot with the way in; gives the function that opens the list to find an agent in it. */
export function fillLibrary(slot, session, cures) {
  const { strings } = session;
  const library = new Library(session, cures);
  const opener = button("", () => library.open(), { shape: "library", kind: "bar" });
  opener.setAttribute("aria-keyshortcuts", "Control+K Meta+K");
  const name = () => opener.setAttribute("aria-label", (opener.lastChild.textContent = strings.t("ui.library")));
  slot.append(opener, library.panel.element, library.imported.element, library.bin.panel.element);
  session.on("language", () => {
    name();
    library.redraw();
  });
  session.on("agents", () => library.redraw());
  session.on("agent", () => library.redraw());
  name();
  library.redraw();
  return () => library.find();
}

class Library {
  panel;
  imported;
  bin;
  #session;
  /** Whether a new name is being typed: a list that comes meanwhile is drawn after that. */
  #renaming = false;
  /** What is looked for; "" shows all. */
  #sought = "";

  constructor(session, cures) {
    this.#session = session;
    this.panel = new Panel("st-library", (body, close) => this.#draw(body, close));
    this.panel.element.addEventListener("keydown", (event) => this.#press(event));
    this.imported = importedPanel(session, cures);
    this.bin = new Bin(session);
  }

  open() {
    this.#sought = "";
    const field = this.#field;
    if (field) field.value = "";
    this.panel.open();
    this.#sift();
    this.#session.notices.attempt(() => this.#session.loadAgents());
  }

  /** Open, with the cursor where one writes what to look for. */
  find() {
    if (!this.panel.element.open) this.open();
    this.#field?.select();
  }

  get #field() {
    return this.panel.element.querySelector("input[name=sought]");
  }

  redraw() {
    if (this.#renaming) return;
    this.panel.redraw();
    this.#sift();
  }

  #draw(body, close) {
    const { t } = this.#session.strings;
    const { agents } = this.#session;
    const bring = button(t("ui.import"), () => this.#import(close), { shape: "upload" });
    const begin = button(t("ui.templates"), () => this.#templates(close), { shape: "cards" });
    const create = button(t("ui.new_agent"), () => this.#attempt(() => this.#session.invite(), close), { shape: "plus", kind: "main" });
    const content = agents.length > 0
      ? [this.#search(), h("ul", { class: "st-agents" }, ...agents.map((agent) => this.#row(agent, close)))]
      : [h("p", { class: "st-hint" }, t("ui.library_empty"))];
    body.append(panelHead(t("ui.library"), t("ui.close"), close, bring, begin, create), ...content, button(t("ui.bin"), () => this.bin.open(), { shape: "trash", kind: "quiet" }));
  }

  /** The field to look for an agent in. Were it of the type "search", Escape would empty it and not leave the dialog. */
  #search() {
    const { t } = this.#session.strings;
    const field = h("input", {
      type: "text", role: "searchbox", enterkeyhint: "search", name: "sought", class: "st-input", placeholder: t("ui.library_find"), "aria-label": t("ui.library_find"),
      autocomplete: "off", dir: "auto",
    });
    field.addEventListener("input", () => {
      this.#sought = field.value;
      this.#sift();
    });
    return h("search", {}, field, h("p", { class: "st-hint", role: "status" }));
  }

  /** From the field to the agents found, and back. */
  #press(event) {
    const { key, target } = event;
    const found = [...this.panel.element.querySelectorAll(".st-agents > li:not([hidden]) .st-open")];
    const places = [this.#field, ...found];
    const place = places.indexOf(target);
    if (place < 0 || event.isComposing) return;
    if (key === "ArrowDown" || key === "ArrowUp") places[place + (key === "ArrowDown" ? 1 : -1)]?.focus();
    else if (key === "Enter" && place === 0 && this.#sought.trim()) found[0]?.click();
    else return;
    event.preventDefault();
  }

  /** Only what is looked for is seen: every word of it, in a name or a description. */
  #sift() {
    const words = this.#sought.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const { id, name, description } of this.#session.agents) {
      const row = this.panel.element.querySelector(`[data-row="${id}"]`);
      const fits = words.every((word) => `${name} ${description}`.toLowerCase().includes(word));
      if (row) row.hidden = !fits;
      found += fits;
    }
    const status = this.panel.element.querySelector("search [role=status]");
    if (status) status.textContent = found || !words.length ? "" : this.#session.strings.t("ui.library_none_found", { sought: this.#sought });
  }

  #row(agent, close) {
    const { t, ago } = this.#session.strings;
    const isOpen = agent.id === this.#session.agent?.id;
    const title = agent.name || t("ui.unnamed");
    const name = h("b", { dir: "auto" }, title);
    const goOn = () => {
      close();
      // Opened by its key, the list has nobody to give the cursor back to.
      const { activeElement } = document;
      if (activeElement === document.body || this.panel.element.contains(activeElement)) document.querySelector("#create_input textarea")?.focus();
    };
    const open = () => this.#attempt(() => this.#session.open(agent.id), goOn);
    const words = h("span", {}, name, h("small", { dir: "auto" }, agent.description), h("time", {}, ago(new Date(agent.updated))));
    const face = h("img", { src: `/api/agents/${agent.id}/avatar?v=${agent.revision}`, alt: "", width: 44, height: 44, loading: "lazy" });
    return h(
      "li",
      { "data-row": agent.id, "aria-current": isOpen ? "true" : null },
      h("button", { type: "button", class: "st-open", onclick: open }, face, words, isOpen ? icon("check") : null),
      h(
        "div",
        { class: "st-actions" },
        iconButton("pencil", t("ui.rename_named", { name: title }), () => this.#rename(agent, name)),
        iconButton("copy", t("ui.duplicate_named", { name: title }), () => this.#attempt(() => this.#duplicate(agent))),
        iconButton("trash", t("ui.delete_named", { name: title }), () => this.#attempt(() => this.#remove(agent))),
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

  /** An agent from a file or an address: what becomes of it is seen first. */
  async #import(close) {
    await this.#attempt(async () => {
      const { openImport } = await import("./incoming.js");
      close();
      openImport(this.#session, () => this.imported.tell());
    });
  }

  /** An agent from one that is there to start from. */
  async #templates(close) {
    await this.#attempt(async () => {
      const { openGallery } = await import("./gallery.js");
      close();
      openGallery(this.#session);
    });
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
    session.emit("stored", { id: agent.id, revision: Infinity }); // whoever has it open elsewhere looks, and finds it gone
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
    session.notices.tell(t("ui.deleted", { name: agent.name || t("ui.unnamed") }), { action, about: agent.id });
  }

  /** Do it, and close what is to be closed then; where it fails, say so and stay. */
  async #attempt(action, close = () => {}) {
    await this.#session.notices.attempt(async () => {
      await action();
      close();
    });
  }
}

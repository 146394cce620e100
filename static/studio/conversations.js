// The conversations with the agent, in a list that opens from the preview's head: search, rename, delete with a way back.

import { h, mayFocus } from "../chat/dom.js";
import { openPlace } from "./cures.js";
import { grouped } from "./days.js";
import { button, icon, iconButton, keepingTyped } from "./widgets.js";

/** So many are seen at a glance; more can be searched. */
const MANY = 7;
const PAUSE_MS = 200;
/** So many files are named in a message. */
const NAMED = 3;
const MOVES = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };

export class ConversationMenu {
  #session;
  #preview;
  #search = "";
  /** What the search found: by id the place, see `Talks.found`; null while nothing is searched for. */
  #found = null;
  #timer = 0;
  /** Whether a title is being typed: a list that comes meanwhile is drawn after that. */
  #renaming = false;
  /** The id of the conversation that offers its files in place of its actions. */
  #keeping = null;
  #opener = h("button", { type: "button", class: "st-button st-conversation", "aria-haspopup": "dialog", "aria-expanded": "false" });
  #list = h("div", { class: "st-shelf", role: "dialog", id: "preview_conversations", hidden: true });

  /** `preview` holds what is listed, and does what is done with it; see `Talks`. */
  constructor(session, preview) {
    this.#session = session;
    this.#preview = preview;
    this.#opener.setAttribute("aria-controls", this.#list.id);
    this.element = h("div", { class: "st-conversations" }, this.#opener, this.#list);
    this.#opener.addEventListener("click", () => (this.#list.hidden ? this.#open() : this.#close()));
    this.element.addEventListener("keydown", (event) => this.#press(event));
    document.addEventListener("pointerdown", ({ target }) => this.element.contains(target) || this.#leave());
    this.element.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !this.element.contains(relatedTarget)) this.#leave();
    });
  }

  redraw() {
    const { t } = this.#session.strings;
    const { items, current } = this.#preview;
    this.element.hidden = items.length === 0;
    const title = h("span", { dir: "auto" }, current?.title || t("ui.conversations"));
    // Of the one that is open the page itself shows that it waits.
    const isAsked = items.some(({ id, waiting }) => waiting && id !== current?.id);
    this.#opener.replaceChildren(title, ...(isAsked ? [sign("st-asks", t("ui.one_waits_for_you"))] : []), icon("down"));
    const name = current ? `${t("ui.conversations")}: ${current.title}` : t("ui.conversations");
    this.#opener.setAttribute("aria-label", isAsked ? `${name} (${t("ui.one_waits_for_you")})` : name);
    this.#list.setAttribute("aria-label", t("ui.conversations"));
    if (!this.#list.hidden && !this.#renaming) this.#draw();
  }

  async #open() {
    this.#list.hidden = false;
    this.#opener.setAttribute("aria-expanded", "true");
    this.#draw();
    const search = mayFocus() ? this.#list.querySelector("input") : null;
    (search ?? this.#row(this.#preview.conversation) ?? this.#rows[0])?.focus();
    await this.#session.notices.attempt(() => this.#preview.load());
  }

  /** Puts the list away, with the cursor back where it came from. */
  #close() {
    this.#leave();
    this.#opener.focus();
  }

  #leave() {
    if (this.#list.hidden) return;
    this.#list.hidden = true;
    this.#opener.setAttribute("aria-expanded", "false");
    this.#search = "";
    this.#found = null;
    this.#keeping = null;
  }

  #draw() {
    const { t } = this.#session.strings;
    const { items } = this.#preview;
    const shown = this.#found ? items.filter(({ id }) => this.#found.has(id)) : items;
    const groups = grouped(shown, this.#session.strings).map(([name, rows]) =>
      h("section", {}, h("h3", {}, name), h("ul", {}, ...rows.map((item) => this.#item(item)))),
    );
    const nothing = h("p", { class: "st-hint", role: "status" }, shown.length > 0 ? "" : t("ui.no_conversation_found", { words: this.#search }));
    const focused = this.#list.contains(document.activeElement) ? document.activeElement.closest("[data-row]")?.dataset.row : null;
    keepingTyped(this.#list, () => {
      this.#list.replaceChildren(...this.#searchField(), h("div", { class: "st-shelf-rows" }, ...groups), nothing, ...this.#keepAll());
    });
    if (focused) this.#row(focused)?.focus();
  }

  #searchField() {
    if (this.#preview.items.length <= MANY && !this.#search) return [];
    const label = this.#session.strings.t("ui.search_conversations");
    const input = h("input", { type: "search", name: "search", class: "st-input", placeholder: label, "aria-label": label, autocomplete: "off", maxlength: "200" });
    input.addEventListener("input", () => {
      this.#search = input.value.trim();
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#session.notices.attempt(() => this.#find()), PAUSE_MS);
    });
    return [input];
  }

  async #find() {
    const search = this.#search;
    const found = search ? await this.#preview.found(search) : null;
    if (search !== this.#search) return;
    this.#found = found;
    this.redraw();
  }

  #item(item) {
    const { moment, t } = this.#session.strings;
    const place = this.#found?.get(item.id) ?? null;
    const isOpen = item.id === this.#preview.conversation;
    const title = h("b", { dir: "auto" }, item.title);
    const state = item.busy ? sign("st-busy", t("ui.answering")) : item.waiting ? sign("st-asks", t("ui.waits_for_you")) : null;
    const when = state ?? h("time", { datetime: item.updated }, moment(new Date(item.updated)));
    const open = () => {
      this.#close();
      this.#preview.open(item.id, { turn: place?.turn });
    };
    return h(
      "li",
      { "data-row": item.id, "aria-current": isOpen ? "true" : null },
      h("button", { type: "button", class: "st-open", title: item.title, onclick: open }, title, when, place && excerpt(place)),
      h("div", { class: "st-actions" }, ...(item.id === this.#keeping ? this.#files(item) : this.#actions(item))),
    );
  }

  #actions(item) {
    const { t } = this.#session.strings;
    return [
      iconButton("download", t("ui.download_named", { name: item.title }), () => this.#keep(item)),
      iconButton("build", t("ui.save_as_agent_named", { name: item.title }), () => this.#saveAsAgent(item)),
      iconButton("pencil", t("ui.rename_named", { name: item.title }), () => this.#rename(item)),
      iconButton("trash", t("ui.delete_named", { name: item.title }), () => this.#remove(item)),
    ];
  }

  /** A new agent from the conversation, on screen at once: it is told what became of the files that came with it. */
  async #saveAsAgent(item) {
    const { notices, strings } = this.#session;
    const { t } = strings;
    await notices.attempt(async () => {
      const { attached, ...agent } = await this.#preview.asAgent(item);
      this.#close();
      await this.#session.brought(agent);
      const { known, left } = attached;
      const told = [t("ui.saved_as_agent")];
      if (known.length > 0) told.push(t("ui.saved_knowing", { names: this.#named(known) }));
      const reasons = new Set(left.map(({ why }) => strings.of(why)));
      for (const reason of reasons) {
        const names = left.filter(({ why }) => strings.of(why) === reason).map(({ name }) => name);
        told.push(`${this.#named(names)}: ${reason}`);
      }
      const action = known.length > 0 ? { label: t("ui.saved_see_knowledge"), run: () => openPlace(2, "#cfg_knowledge") } : null;
      notices.tell(told.join(" "), { action });
    });
  }

  /** These names in a sentence: of many the first ones, and how many more there are. */
  #named(names) {
    const { listed, t } = this.#session.strings;
    const shown = names.length > NAMED + 1 ? names.slice(0, NAMED) : names;
    const rest = names.length - shown.length;
    return listed(rest > 0 ? [...shown, t("ui.so_many_more", { count: rest })] : shown);
  }

  /** The conversation as files of either kind. */
  #files(item) {
    const name = this.#session.strings.t("ui.download_named", { name: item.title });
    const link = (format, label) => download(this.#preview.exportOf(item, format), label, `${name}: ${label}`);
    return [link("markdown", "Markdown"), link("json", "JSON")];
  }

  /** All of them as a file, under the list. */
  #keepAll() {
    if (this.#found || this.#preview.items.length === 0) return [];
    return [h("div", { class: "st-keep-all" }, download(this.#preview.exportOfAll, this.#session.strings.t("ui.download_all")))];
  }

  /** Offers the files of a conversation in place of its actions. */
  #keep(item) {
    this.#keeping = item.id;
    this.#draw();
    this.#list.querySelector(`[data-row="${item.id}"] a`).focus();
  }

  /** A field in place of the title; Enter and leaving it store, Escape does not. */
  #rename(item) {
    const { t } = this.#session.strings;
    const row = this.#row(item.id).closest("li");
    const input = h("input", { class: "st-input", value: item.title, maxlength: "80", "aria-label": t("ui.conversation_title") });
    row.classList.add("st-renaming");
    row.prepend(input);
    input.select();
    this.#renaming = true;
    const finish = async (store) => {
      if (!this.#renaming) return;
      this.#renaming = false;
      const title = input.value.trim();
      if (store && title && title !== item.title) {
        await this.#session.notices.attempt(() => this.#preview.rename(item, title));
      }
      this.redraw();
      this.#row(item.id)?.focus();
    };
    input.addEventListener("blur", () => finish(true));
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
      event.preventDefault();
      finish(event.key === "Enter");
    });
  }

  async #remove(item) {
    const place = this.#rows.indexOf(this.#row(item.id));
    await this.#session.notices.attempt(() => this.#preview.remove(item));
    const { [place]: next = this.#rows.at(-1) } = this.#rows;
    (next ?? this.#opener).focus();
  }

  #press(event) {
    if (event.isComposing || this.#list.hidden) return;
    const row = document.activeElement.closest("[data-row]");
    const item = row && this.#preview.items.find(({ id }) => id === row.dataset.row);
    if (event.key === "Escape") this.#close();
    else if (event.key === "F2" && item) this.#rename(item);
    else if (event.key === "Delete" && item) this.#remove(item);
    else if (event.key in MOVES && (item || event.key.startsWith("Arrow"))) this.#move(row, MOVES[event.key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #move(row, by) {
    const rows = this.#rows;
    const place = row ? rows.indexOf(row.querySelector(".st-open")) : -1;
    rows[Math.max(0, Math.min(rows.length - 1, place + by))]?.focus();
  }

  get #rows() {
    return [...this.#list.querySelectorAll(".st-open")];
  }

  #row(id) {
    return this.#list.querySelector(`[data-row="${id}"] .st-open`);
  }
}

/** A small sign with a name. */
const sign = (kind, label) => h("i", { class: kind, role: "img", "aria-label": label, title: label });

/** What was found, with what stands around it. */
const excerpt = ({ before, match, after }) => h("small", { class: "st-excerpt", dir: "auto" }, before, h("mark", {}, match), after);

/** A link to a file that the browser keeps. `name` is what it is called where its words are not enough. */
const download = (href, label, name = null) =>
  h("a", { class: "st-button st-button-quiet", href, download: true, "aria-label": name }, icon("download"), h("span", {}, label));

/** The head of the preview: what it is, the list of conversations, and a new one. */
export function previewHead(session, menu, startAfresh) {
  const { t } = session.strings;
  const afresh = button(t("ui.new_conversation"), startAfresh, { shape: "plus", kind: "quiet" });
  afresh.setAttribute("aria-label", t("ui.new_conversation"));
  afresh.title = t("ui.new_conversation");
  afresh.classList.add("st-afresh");
  return [h("h2", {}, t("ui.preview")), menu.element, afresh];
}

// The tools of an agent: the chosen ones, then all others by what they do; what they add to a message; their keys.

import { h } from "../chat/dom.js";
import { Kept } from "./kept.js";
import { goneCard, tokensOf, toolCard } from "./tool_card.js";
import { ToolKeys } from "./tool_keys.js";
import { keepingTyped } from "./widgets.js";

/** The tool with which an agent remembers. */
const KEEPING = "storage";

export function fillTools(slot, session, models) {
  slot.classList.add("st-tools");
  slot.append(...new Tools(session, models).elements);
}

class Tools {
  #session;
  #keys;
  #kept;
  // Were it of the type "search", Escape would mean another thing here than in the other lists.
  #filter = h("input", {
    type: "text", role: "searchbox", enterkeyhint: "search", name: "tool-filter", class: "st-input", autocomplete: "off", dir: "auto",
  });
  #found = h("p", { class: "st-hint", role: "status" });
  #sum = h("p", { class: "st-tool-sum", role: "status" });
  #list = h("div", { class: "st-tool-list" });
  #drawn = "";
  /** Ids of the tools that stand first, as the chosen ones. */
  #first = new Set();
  /** The ids that were chosen when somebody last looked, the ticks of this list included. */
  #known = "";
  /** Ids of tools that the agent has and this server has not: they stay to be seen once they are switched off. */
  #gone = new Set();

  constructor(session, models) {
    this.#session = session;
    this.#keys = new ToolKeys(session, models);
    this.#kept = new Kept(session);
    this.elements = [h("search", {}, this.#filter, this.#found), this.#sum, this.#list, this.#keys.element];
    this.#filter.addEventListener("input", () => this.#sift());
    this.#filter.addEventListener("keydown", (event) => event.key === "Escape" && this.#showAll());
    session.on("agent", () => {
      this.#gone.clear();
      this.#known = "";
      this.#showAll();
    });
    for (const topic of ["config", "tools", "language"]) session.on(topic, () => this.#draw());
    this.#draw();
  }

  #draw() {
    const { tools, enabledTools: enabled, config, strings } = this.#session;
    for (const id of enabled) if (!tools.some((tool) => tool.id === id)) this.#gone.add(id);
    // A tool that is ticked here stays where it was found, and nothing moves away under the pointer; those that the
    // builder, or another window, ticks come first at once.
    if (setOf(enabled) !== this.#known) this.#first = new Set(enabled);
    this.#known = setOf(enabled);
    const state = JSON.stringify([tools, [...this.#first], [...this.#gone], config.language, strings.language]);
    if (state !== this.#drawn) {
      this.#label();
      this.#keepingPlace(() => this.#list.replaceChildren(...this.#sections()));
    }
    this.#drawn = state;
    this.#mark(new Set(enabled));
    tell(this.#sum, this.#total(tools.filter(({ id }) => enabled.includes(id))));
    this.#keys.draw();
    this.#sift();
  }

  #label() {
    const { t } = this.#session.strings;
    this.#filter.placeholder = t("ui.tools_find");
    this.#filter.setAttribute("aria-label", t("ui.tools_find"));
  }

  /** Runs `draw`, which fills the list anew. The cursor stays with its tool. */
  #keepingPlace(draw) {
    const at = document.activeElement;
    const id = this.#list.contains(at) && at.closest("[data-tool]").dataset.tool;
    keepingTyped(this.#list, draw);
    if (id) this.#list.querySelector(`[data-tool="${CSS.escape(id)}"] ${at.localName}`)?.focus({ preventScroll: true });
  }

  /** The chosen ones, then the groups in the order in which the server tells them. */
  #sections() {
    const { tools, strings: { t, of } } = this.#session;
    const hooks = { onTick: (id, ticked) => this.#tick(id, ticked), onKey: (name) => this.#keys.focus(name) };
    const card = (tool) => {
      const element = toolCard(tool, this.#session, hooks);
      if (tool.id === KEEPING) element.append(this.#kept.element);
      return element;
    };
    const first = tools.filter(({ id }) => this.#first.has(id)).map(card);
    const gone = [...this.#gone].map((id) => goneCard(id, this.#session, hooks));
    const sections = first.length + gone.length > 0 ? [section(t("ui.tools_chosen"), [...first, ...gone])] : [];
    const groups = new Map();
    for (const tool of tools.filter(({ id }) => !this.#first.has(id))) {
      groups.set(tool.group.id, [...(groups.get(tool.group.id) ?? []), tool]);
    }
    for (const members of groups.values()) sections.push(section(of(members[0].group.label), members.map(card)));
    return sections;
  }

  #tick(id, ticked) {
    const others = this.#session.enabledTools.filter((each) => each !== id);
    this.#known = setOf(ticked ? [...others, id] : others);
    this.#session.edit({ tools: { [id]: ticked } });
  }

  /** What is ticked, and what was chosen for it. */
  #mark(enabled) {
    for (const card of this.#list.querySelectorAll(".st-tool")) {
      const { tool: id } = card.dataset;
      card.classList.toggle("st-on", enabled.has(id));
      card.querySelector("input[role=switch]").checked = enabled.has(id);
      for (const part of card.querySelectorAll(".st-when-on")) part.hidden = !enabled.has(id);
      const choice = card.querySelector(".st-policy select");
      const policy = this.#session.config.tools[id]?.policy ?? "ask_writes";
      if (choice) choice.value = policy === "ask_writes" ? choice.dataset.own : policy;
    }
  }

  /** How many are chosen, what they add to a message, and whether they are more than a model is given at a time. */
  #total(chosen) {
    const { strings: { t }, config, toolsPerTurn: limit } = this.#session;
    const tokens = chosen.reduce((sum, tool) => sum + tokensOf(tool, config), 0);
    const brought = [config.openapi, config.mcpServers].flatMap((sources) => Object.values(sources ?? {}));
    const count = chosen.length + brought.flatMap((source) => source?.operations ?? source?.tools ?? []).length;
    const sum = t(tokens > 0 ? "ui.tools_sum" : "ui.tools_count", { count: chosen.length, tokens });
    return count > limit ? t("ui.tools_many", { sum, count, limit }) : sum;
  }

  #showAll() {
    this.#filter.value = "";
    this.#sift();
  }

  /** Only what is looked for is seen: every word of it, in what a tool or its group is called or does, in any language. */
  #sift() {
    const { tools, strings: { t } } = this.#session;
    const words = folded(this.#filter.value).split(/\s+/).filter(Boolean);
    let found = 0;
    for (const card of this.#list.querySelectorAll(".st-tool")) {
      const tool = tools.find(({ id }) => id === card.dataset.tool);
      const said = folded(tool ? textOf(tool) : card.textContent);
      card.hidden = !words.every((word) => said.includes(word));
      found += !card.hidden;
    }
    for (const part of this.#list.children) part.hidden = !part.querySelector(".st-tool:not([hidden])");
    const told = found > 0 ? t("ui.tools_found", { count: found }) : t("ui.tools_none_found", { sought: this.#filter.value.trim() });
    tell(this.#found, words.length > 0 ? told : "");
  }
}

/** Says something new: what is said already is not read aloud again. */
function tell(status, text) {
  if (status.textContent !== text) status.textContent = text;
}

const setOf = (ids) => [...ids].sort().join("\n");

const folded = (text) => text.normalize("NFKC").toLowerCase();

function textOf({ id, label, summary, group }) {
  return [id, ...[label, summary, group.label].flatMap(Object.values)].join(" ");
}

function section(title, cards) {
  return h("section", { "aria-label": title }, h("h3", {}, title), h("div", { class: "st-tool-cards" }, ...cards));
}

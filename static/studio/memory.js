// What an agent knows of the person: whether it may, and each fact, which they add, correct and take out.

import { h } from "../chat/dom.js";
import { button, iconButton, keepingTyped } from "./widgets.js";

const LONGEST = "300";

export function fillMemory(slot, session) {
  slot.classList.add("st-memory");
  slot.append(...new Memory(session).elements);
}

class Memory {
  #session;
  #switch = h("input", { type: "checkbox", role: "switch", name: "memory" });
  #label = h("span");
  #hint = h("p", { class: "st-hint" });
  #facts = h("div", { class: "st-person-facts", "aria-live": "polite" });
  /** Null while they are asked for. */
  #known = [];
  /** The id of the fact that is being corrected. */
  #editing = null;
  /** Whether the next press takes all of them out. */
  #isSure = false;

  constructor(session) {
    this.#session = session;
    this.elements = [h("label", { class: "st-memory-switch" }, this.#switch, this.#label), this.#hint, this.#facts];
    this.#switch.addEventListener("change", () => session.edit({ memory: this.#switch.checked }));
    session.on("agent", () => {
      this.#known = session.agent ? null : [];
      this.#editing = null;
      this.#load();
    });
    session.on("said", () => this.#load());
    session.on("remembered", () => this.#load());
    for (const topic of ["config", "language", "models"]) session.on(topic, () => this.#draw());
    this.#load();
    this.#draw();
  }

  async #load() {
    const { agent, api, notices } = this.#session;
    const known = agent ? await notices.attempt(() => api.get(`${this.#session.path}/memory`)) : [];
    if (this.#session.agent?.id !== agent?.id || !known) return;
    this.#known = known;
    this.#isSure = false;
    this.#draw();
  }

  #draw() {
    const { config, models, strings } = this.#session;
    const isOn = config.memory === true;
    this.#switch.checked = isOn;
    this.#label.textContent = strings.t("ui.memory_on");
    const hasModel = Boolean(config.model || models.default);
    this.#hint.textContent = [strings.t("ui.memory_hint"), ...(hasModel ? [] : [strings.t("ui.memory_no_model")])].join(" ");
    keepingTyped(this.#facts, () => this.#facts.replaceChildren(...this.#content(isOn)));
  }

  #content(isOn) {
    const { t } = this.#session.strings;
    if (this.#known === null) return [h("p", { class: "st-hint" }, t("ui.loading"))];
    const count = this.#known.length;
    if (!isOn && count === 0) return [];
    const off = isOn || count === 0 ? [] : [h("p", { class: "st-hint" }, t("ui.memory_off"))];
    const rows = this.#known.map((fact) => (fact.id === this.#editing ? this.#editor(fact) : this.#row(fact)));
    const list = count > 0 ? [h("ul", {}, ...rows)] : [h("p", { class: "st-hint" }, t("ui.memory_nothing"))];
    const clear = button(t(this.#isSure ? "ui.memory_sure" : "ui.memory_clear", { count }), () => this.#clear(), { kind: "quiet" });
    return [...off, ...list, ...(isOn ? [this.#adder()] : []), ...(count > 1 ? [clear] : [])];
  }

  #row({ id, text, updated }) {
    const { t, moment } = this.#session.strings;
    return h(
      "li",
      { "data-row": id },
      h("span", { dir: "auto" }, text),
      h("time", { datetime: updated }, moment(new Date(updated))),
      iconButton("pencil", t("ui.memory_edit", { text }), () => this.#edit(id)),
      iconButton("trash", t("ui.memory_remove", { text }), () => this.#change((api, path) => api.remove(`${path}/${id}`))),
    );
  }

  #editor({ id, text }) {
    const { t } = this.#session.strings;
    const field = h("input", { class: "st-input", name: `fact-${id}`, value: text, maxlength: LONGEST, dir: "auto", "aria-label": t("ui.memory_fact") });
    const store = () => {
      this.#editing = null;
      const said = field.value.trim();
      if (!said || said === text) return this.#draw();
      return this.#change((api, path) => api.patch(`${path}/${id}`, { text: said }));
    };
    field.addEventListener("keydown", (event) => {
      if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      if (event.key === "Escape") field.value = text;
      store();
    });
    return h("li", { "data-row": id, class: "st-fact-editor" }, field, button(t("ui.save"), store));
  }

  #adder() {
    const { t } = this.#session.strings;
    const label = t("ui.memory_add_example");
    const field = h("input", { class: "st-input", name: "fact", placeholder: label, maxlength: LONGEST, dir: "auto", "aria-label": t("ui.memory_fact") });
    const add = (event) => {
      event.preventDefault();
      const text = field.value.trim();
      if (!text) return;
      field.value = "";
      this.#change((api, path) => api.post(path, { text }));
    };
    const form = h("form", { class: "st-fact-add" }, field, button(t("ui.memory_add"), add, { shape: "plus" }));
    form.addEventListener("submit", add);
    return form;
  }

  #edit(id) {
    this.#editing = id;
    this.#draw();
    this.#facts.querySelector(`[data-row="${id}"] input`)?.select();
  }

  /** What is taken out cannot be brought back: all of it only at the second press. */
  #clear() {
    if (this.#isSure) return this.#change((api, path) => api.remove(path));
    this.#isSure = true;
    return this.#draw();
  }

  async #change(write) {
    const { api, path, notices } = this.#session;
    await notices.attempt(() => write(api, `${path}/memory`));
    await this.#load();
  }
}

// Which of the chosen operations only begin a task, and how its result is waited for: what was guessed, to be corrected.

import { h } from "../chat/dom.js";

export class Waits {
  #strings;
  #operations;
  #picker;
  /** One for each operation that a result is waited for of, or could be: what was guessed, stored or added. */
  #rows;
  #add = h("select", { class: "st-input", name: "wait-add" });
  #list = h("div", { class: "st-waits-list" });

  /** `guessed` are those of the description, `stored` those of the agent's API; null for one that is new. */
  constructor(strings, operations, picker, guessed, stored) {
    this.#strings = strings;
    this.#operations = operations;
    this.#picker = picker;
    const own = new Map((stored ?? []).map((wait) => [wait.operation, wait]));
    const had = (wait) => stored === null || own.has(wait.operation);
    const found = guessed.map((wait) => this.#row(own.get(wait.operation) ?? wait, had(wait)));
    const others = [...own.values()].filter(({ operation }) => !guessed.some((wait) => wait.operation === operation));
    this.#rows = [...found, ...others.map((wait) => this.#row(wait, true))];
    const { t } = strings;
    this.#add.setAttribute("aria-label", t("ui.api_wait_add"));
    this.#add.addEventListener("change", () => this.#take(this.#add.value));
    this.element = h("fieldset", { class: "st-waits" }, h("legend", {}, t("ui.api_waits")), h("p", { class: "st-hint" }, t("ui.api_waits_hint")), this.#list, this.#add);
    this.draw();
  }

  /** Shows those of the operations that are chosen now; nothing where none of them begins anything. */
  draw() {
    const { t } = this.#strings;
    const chosen = new Set(this.#picker.chosen);
    const known = new Set(this.#rows.map(({ operation }) => operation));
    const others = this.#operations.filter(({ name, effect }) => chosen.has(name) && effect === "writes" && !known.has(name));
    const shown = this.#rows.filter(({ operation }) => chosen.has(operation));
    this.#list.replaceChildren(...shown.map(({ element }) => element));
    const options = others.map(({ name, title }) => h("option", { value: name }, title || name));
    this.#add.replaceChildren(h("option", { value: "" }, t("ui.api_wait_add")), ...options);
    this.#add.hidden = others.length === 0 || this.#lookable.length === 0;
    this.element.hidden = shown.length === 0 && this.#add.hidden;
  }

  /** What is sent. */
  get value() {
    const chosen = new Set(this.#picker.chosen);
    return this.#rows.filter(({ operation, tick }) => chosen.has(operation) && tick.checked).map(({ read }) => read());
  }

  get #lookable() {
    return this.#operations.filter(({ effect, arguments: names }) => effect === "reads" && names.length > 0);
  }

  #take(operation) {
    if (operation === "") return;
    const [first] = this.#lookable;
    const wait = { operation, look: first.name, argument: first.arguments[0], id_at: "id", state_at: "status", done: ["succeeded", "completed"], failed: ["failed", "canceled"] };
    const row = this.#row(wait, true);
    row.element.querySelector("details").open = true;
    this.#rows.push(row);
    this.draw();
    row.element.querySelector("select").focus();
  }

  #row(wait, isOn) {
    const { t } = this.#strings;
    const { operation } = wait;
    const tick = h("input", { type: "checkbox", "data-wait": operation, checked: isOn });
    const look = h("select", { class: "st-input" }, ...this.#lookable.map(({ name, title }) => h("option", { value: name }, title ? `${title} (${name})` : name)));
    const argument = h("select", { class: "st-input" });
    const fill = () => {
      const { arguments: names = [] } = this.#operations.find(({ name }) => name === look.value) ?? {};
      argument.replaceChildren(...names.map((name) => h("option", { value: name }, name)));
    };
    look.value = wait.look;
    fill();
    argument.value = wait.argument;
    look.addEventListener("change", fill);
    const [idAt, stateAt, done, failed] = [wait.id_at, wait.state_at, wait.done.join(", "), wait.failed.join(", ")].map(field);
    const labelled = (key, input, hint = null) => h("label", {}, h("span", {}, t(key)), input, hint && h("small", { class: "st-hint" }, t(hint)));
    const how = h("details", {},
      h("summary", {}, t("ui.api_wait_how")),
      h("div", { class: "st-wait-fields" },
        labelled("ui.api_wait_look", look),
        labelled("ui.api_wait_argument", argument),
        labelled("ui.api_wait_id", idAt, "ui.api_wait_id_hint"),
        labelled("ui.api_wait_state", stateAt, "ui.api_wait_state_hint"),
        labelled("ui.api_wait_done", done),
        labelled("ui.api_wait_failed", failed, "ui.api_wait_ends_hint"),
      ));
    const element = h("div", { class: "st-wait" }, h("label", { class: "st-tick" }, tick, h("span", {}, t("ui.api_wait_for", { operation }))), how);
    const read = () => ({ operation, look: look.value, argument: argument.value, id_at: idAt.value, state_at: stateAt.value, done: listed(done.value), failed: listed(failed.value) });
    return { operation, tick, element, read };
  }
}

function field(value) {
  return h("input", { class: "st-input", value, autocomplete: "off", spellcheck: "false" });
}

function listed(text) {
  return text.split(/[,，、]/).map((each) => each.trim()).filter(Boolean);
}

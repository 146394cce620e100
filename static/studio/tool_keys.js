// The keys of the tools, each once, however many tools share it: what is waited for, what is there, and which tools use it.

import { h } from "../chat/dom.js";
import { secretField } from "./secret_field.js";
import { button, icon, keepingTyped } from "./widgets.js";

export class ToolKeys {
  element = h("div", { class: "st-tool-keys" });
  #session;
  #models;
  #drawn = "";

  /** `models` opens the dialog in which a key that is there is replaced. */
  constructor(session, models) {
    this.#session = session;
    this.#models = models;
  }

  draw() {
    const { tools, enabledTools, strings } = this.#session;
    const keys = keysOf(tools, new Set(enabledTools));
    const state = JSON.stringify([keys, strings.language]);
    if (state !== this.#drawn) keepingTyped(this.element, () => this.#fill(keys));
    this.#drawn = state;
  }

  /** Puts the cursor where the key of that name is entered. */
  focus(name) {
    const field = this.element.querySelector(`input[data-secret="${CSS.escape(name)}"]`);
    const folded = field?.closest("details");
    if (folded) folded.open = true;
    field?.focus({ preventScroll: true });
    field?.scrollIntoView({ block: "center" });
  }

  /** Those that the chosen tools wait for are to be seen; the others are folded away. */
  #fill(keys) {
    const { t } = this.#session.strings;
    const wasOpen = this.element.querySelector("details")?.open ?? false;
    const waited = keys.filter((key) => key.isWaitedFor);
    const others = keys.filter((key) => !key.isWaitedFor);
    const list = (some) => h("ul", { class: "st-rows" }, ...some.map((key) => this.#row(key)));
    this.element.replaceChildren();
    if (waited.length > 0) this.element.append(h("h3", {}, t("ui.tools_keys_waited")), list(waited));
    if (others.length === 0) return;
    const summary = h("summary", {}, t(waited.length > 0 ? "ui.tools_keys_others" : "ui.tools_keys", { count: others.length }), icon("down"));
    this.element.append(h("details", { open: wasOpen }, summary, list(others)));
  }

  #row({ name, label, url, present, tools }) {
    const { t, of } = this.#session.strings;
    const uses = h("p", { class: "st-hint" }, t("ui.key_used_by", { tools: tools.map(of).join(t("ui.comma")) }));
    const reload = () => Promise.all([this.#session.loadTools(), this.#session.loadModels()]);
    if (!present) return h("li", { "data-row": name }, secretField(this.#session, { name, url, label: of(label) }, reload), uses);
    const replace = button(t("ui.key_replace"), () => this.#models.openKey(name), { kind: "quiet", name: t("ui.key_replace_named", { name }) });
    const about = h("span", {}, h("b", {}, of(label)), " ", h("code", {}, name), " ", h("small", {}, t("ui.key_there")));
    return h("li", { "data-row": name }, h("div", { class: "st-key-there" }, about, replace), uses);
  }
}

/**
 * Each key once, in the order of the tools: {name, label, url, present, tools, isWaitedFor}. It is waited for where a chosen
 * tool does nothing without it.
 */
function keysOf(tools, chosen) {
  const keys = new Map();
  for (const tool of tools) {
    const waits = chosen.has(tool.id) && tool.state !== "ready";
    for (const { name, label, url, present } of tool.secrets) {
      const key = keys.get(name) ?? { name, label, url, present, tools: [], isWaitedFor: false };
      key.tools.push(tool.label);
      key.isWaitedFor ||= waits && !present;
      keys.set(name, key);
    }
  }
  return [...keys.values()];
}

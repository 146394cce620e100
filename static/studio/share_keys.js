// The *Share* tab's keys for programs: made, shown once, copied with what to do with them, and revoked.

import { COPIED_FOR_MS, copyText } from "../chat/clipboard.js";
import { h } from "../chat/dom.js";
import { snippets } from "./share_snippets.js";
import { button, icon, keepingTyped } from "./widgets.js";

const SCOPES = ["openai", "mcp", "a2a"];
const DAYS = [30, 90, 365];
const UNITS = ["turns", "tokens", "money"];

export function fillAgentKeys(slot, session, published) {
  slot.classList.add("st-agent-keys");
  new AgentKeys(slot, session, published);
}

class AgentKeys {
  #slot;
  #session;
  #published;
  /** Null while they are asked for. */
  #keys = null;
  /** What the agent's model costs; null where nobody knows. */
  #price = null;
  /** The key that was made last, as long as it is to be shown, and the id of the `agent` that it is for. */
  #last = null;
  /** What the form has, but for what is typed. */
  #scopes = new Set(SCOPES);
  #days = "";
  #shown = "curl";
  /** Whether the form of a new key is open, and how a key is used. */
  #isAsking = false;
  #isExplaining = false;
  /** The id of the key that the next press revokes. */
  #sure = null;

  constructor(slot, session, published) {
    this.#slot = slot;
    this.#session = session;
    this.#published = published;
    session.on("agent", () => {
      this.#keys = this.#sure = null;
      this.#isAsking = false;
      this.#slot.replaceChildren(); // what was typed for the one before is not for it
      this.#draw();
      this.#load();
    });
    session.on("language", () => this.#draw());
    published.on("releases", () => this.#draw());
    this.#load();
    this.#draw();
  }

  async #load() {
    const { agent, api, notices, path } = this.#session;
    if (!agent) return;
    const told = await notices.attempt(() => api.get(`${path}/keys`));
    if (this.#session.agent?.id !== agent.id || !told) return;
    this.#keys = told.keys;
    this.#price = told.price;
    this.#draw();
  }

  #draw() {
    const { t } = this.#session.strings;
    const { agent } = this.#session;
    if (!agent) return this.#slot.replaceChildren(h("p", { class: "st-hint" }, t("ui.release_no_agent")));
    const waits = this.#published.releases && !this.#published.live ? [h("p", { class: "st-hint" }, t("ui.access_unpublished"))] : [];
    const parts = [...waits, ...this.#news(), ...this.#list(), this.#asked(), this.#manual(agent)];
    keepingTyped(this.#slot, () => this.#slot.replaceChildren(...parts));
  }

  /** A new key, behind what looks like the button of a new link. */
  #asked() {
    const onclick = () => (this.#isAsking = !fold.open); // what happens then; an event of that comes late, after another drawing
    const head = h("summary", { class: "st-button st-button-plain", onclick }, icon("plus"), h("span", {}, this.#session.strings.t("ui.access_add")));
    const fold = h("details", { class: "st-agent-key-form", open: this.#isAsking }, head, this.#form());
    return fold;
  }

  #form() {
    const { t } = this.#session.strings;
    const name = h("input", { name: "label", class: "st-input", maxlength: 100, autocomplete: "off", dir: "auto", "aria-label": t("ui.access_label"), placeholder: t("ui.access_label_example") });
    const caps = UNITS.filter((unit) => unit !== "money" || this.#price).map((unit) => this.#cap(unit));
    const days = h(
      "select",
      { class: "st-input", "aria-label": t("ui.access_expiry"), onchange: (event) => (this.#days = event.target.value) },
      h("option", { value: "" }, t("ui.access_for_ever")),
      ...DAYS.map((count) => h("option", { value: count, selected: String(count) === this.#days }, t("ui.access_days", { count }))),
    );
    const scopes = SCOPES.map((scope) => h("label", {}, h("input", { type: "checkbox", checked: this.#scopes.has(scope), onchange: (event) => this.#choose(scope, event.target) }), h("span", {}, t(`ui.access_scope.${scope}`))));
    const make = button(t("ui.access_make"), null, { shape: "key", kind: "main" });
    make.type = "submit";
    const submit = (event) => {
      event.preventDefault();
      this.#make(name.value, Object.fromEntries(caps.map((cap) => [`${cap.name}_per_day`, Number(cap.value) || null])));
    };
    return h(
      "form",
      { onsubmit: submit },
      name,
      h("fieldset", {}, h("legend", {}, t("ui.access_scopes")), ...scopes),
      h("div", { class: "st-agent-key-terms", role: "group", "aria-label": t("ui.link_limits") }, ...caps),
      h("p", { class: "st-hint" }, t(this.#keys === null || this.#price ? "ui.access_limits_hint" : "ui.link_limits_no_price")),
      h("div", { class: "st-agent-key-terms" }, days, make),
    );
  }

  #cap(unit) {
    const { t } = this.#session.strings;
    const label = t(`ui.access_per_day.${unit}`, { currency: this.#price?.currency ?? "" });
    return h("input", { name: unit, class: "st-input", type: "number", min: 0, step: unit === "money" ? "any" : 1, inputmode: unit === "money" ? "decimal" : "numeric", "aria-label": label, placeholder: label });
  }

  /** A key opens something: the last one stays. */
  #choose(scope, box) {
    if (box.checked) this.#scopes.add(scope);
    else if (this.#scopes.size > 1) this.#scopes.delete(scope);
    else box.checked = true;
  }

  get #made() {
    return this.#last?.agent === this.#session.agent?.id ? this.#last : null;
  }

  #make(label, limits) {
    const { agent, api, notices, path } = this.#session;
    const wanted = { label, scopes: SCOPES.filter((scope) => this.#scopes.has(scope)), days: Number(this.#days) || null, ...limits };
    return notices.attempt(async () => {
      this.#last = { ...(await api.post(`${path}/keys`, wanted)), agent: agent.id };
      if (!this.#made) return; // another agent is open by now
      this.#isAsking = false;
      this.#isExplaining = true;
      for (const field of this.#slot.querySelectorAll("form input[name]")) field.value = "";
      await this.#load();
    });
  }

  /** The new key. Nobody can read it here again. */
  #news() {
    if (!this.#made) return [];
    const { t } = this.#session.strings;
    const { key } = this.#made;
    const done = () => {
      this.#last = null;
      this.#draw();
    };
    const shown = h("input", { class: "st-input", readonly: true, value: key, "aria-label": t("ui.access_new"), onfocus: (event) => event.target.select() });
    return [h("div", { class: "st-agent-key-new", role: "status" }, h("p", {}, t("ui.access_once")), h("div", {}, shown, this.#copier(() => key, t("ui.access_copy")), button(t("ui.access_done"), done, { kind: "quiet" })))];
  }

  #list() {
    const { t } = this.#session.strings;
    if (this.#keys === null) return [h("p", { class: "st-hint", role: "status" }, t("ui.loading"))];
    return this.#keys.length > 0 ? [h("ul", { class: "st-agent-key-list" }, ...this.#keys.map((key) => this.#row(key)))] : [];
  }

  #row(key) {
    const { id, label, prefix, scopes, expires, last_used: used } = key;
    const { t, moment } = this.#session.strings;
    const isOver = expires && new Date(expires) <= new Date();
    const about = [
      scopes.map((scope) => t(`ui.access_scope.${scope}`)).join(", "),
      expires && t(isOver ? "ui.access_expired" : "ui.access_until", { time: new Date(expires).toLocaleDateString(this.#session.strings.language) }),
      used ? t("ui.access_used", { time: moment(new Date(used)) }) : t("ui.access_unused"),
    ];
    const isSure = this.#sure === id;
    const revoke = button(t(isSure ? "ui.access_sure" : "ui.access_revoke"), () => this.#revoke(id), { kind: "quiet", name: t(isSure ? "ui.access_sure_named" : "ui.access_revoke_named", { name: label || prefix }) });
    return h("li", { "data-row": id, "data-over": isOver ? "" : null }, h("div", {}, h("b", { dir: "auto" }, label || t("ui.access_unnamed")), h("code", {}, `${prefix}…`), h("small", {}, about.filter(Boolean).join(" · ")), ...this.#today(key)), revoke);
  }

  /** Counts of today, beside the limits of a day. */
  #today({ today, currency, money_holds: holds, turns_per_day: turns, tokens_per_day: tokens, money_per_day: money }) {
    const { t, count } = this.#session.strings;
    const amount = today.money.toFixed(2);
    const parts = [
      t(turns ? "ui.link_turns_of" : "ui.link_turns", { count: count(today.turns), limit: count(turns ?? 0) }),
      t(tokens ? "ui.link_tokens_of" : "ui.link_tokens", { count: count(today.tokens), limit: count(tokens ?? 0) }),
      money ? t("ui.access_money_of", { amount, limit: money, currency }) : null,
    ];
    const told = h("small", {}, t("ui.link_today", { used: parts.filter(Boolean).join(" · ") }));
    return holds ? [told] : [told, h("small", { role: "alert" }, t("ui.link_no_price"))];
  }

  /** Programs that use it stop at once: only at the second press. */
  #revoke(id) {
    const { api, notices, path, strings } = this.#session;
    if (this.#sure !== id) {
      this.#sure = id;
      return this.#draw();
    }
    return notices.attempt(async () => {
      await api.remove(`${path}/keys/${id}`);
      this.#sure = null;
      if (this.#last?.id === id) this.#last = null;
      notices.tell(strings.t("ui.access_revoked"), { about: "agent_keys" });
      await this.#load();
    });
  }

  /** How a program asks, by protocol; with the key, as long as that is shown. */
  #manual(agent) {
    const { t } = this.#session.strings;
    const all = snippets(location.origin, agent.id, this.#made?.key ?? null);
    const choose = (scope) => {
      this.#shown = scope;
      this.#draw();
    };
    const tabs = Object.keys(all).map((kind) => h("button", { type: "button", "aria-pressed": String(kind === this.#shown), onclick: () => choose(kind) }, t(`ui.access_how.${kind}`)));
    const { address, text } = all[this.#shown];
    const fold = h(
      "details",
      { class: "st-agent-key-manual st-fold", open: this.#isExplaining },
      h("summary", { onclick: () => (this.#isExplaining = !fold.open) }, t("ui.access_how"), icon("down")),
      h("div", { class: "st-segments", role: "group", "aria-label": t("ui.access_how") }, ...tabs),
      this.#made ? null : h("p", {}, t("ui.access_your_key")),
      h("p", {}, h("code", {}, address), this.#copier(() => address, t("ui.access_copy_address"))),
      h("div", { class: "st-agent-key-code" }, h("pre", { tabindex: "0", "aria-label": t(`ui.access_how.${this.#shown}`) }, h("code", {}, text)), this.#copier(() => text, t("ui.access_copy_code"))),
    );
    return fold;
  }

  #copier(text, label) {
    const { t } = this.#session.strings;
    const element = button(t("ui.json_copy"), async () => {
      const words = element.querySelector("span");
      words.textContent = t((await copyText(text())) ? "ui.json_copied" : "ui.json_not_copied");
      setTimeout(() => (words.textContent = t("ui.json_copy")), COPIED_FOR_MS);
    }, { shape: "copy", kind: "quiet", name: label });
    return element;
  }
}

// The *Share* tab's links: addresses of what is live, with limits, what was used of them today, and how to put one on a page.

import { copyText } from "../chat/clipboard.js";
import { h } from "../chat/dom.js";
import { LinkDialog } from "./share_link_dialog.js";
import { button, keepingTyped, outward } from "./widgets.js";

const LOOK_AGAIN_MS = 15_000;

export function fillLinks(slot, session, published) {
  slot.classList.add("st-links");
  new Links(slot, session, published);
}

class Links {
  #slot;
  #session;
  #published;
  #dialog;
  /** Null while they are asked for. */
  #links = null;
  #price = null;
  /** What visitors can be let use, asked before each call. */
  #tools = [];
  /** The id of the link whose next press revokes it. */
  #sure = null;
  /** The id of the link whose snippet is shown. */
  #embedded = null;

  constructor(slot, session, published) {
    this.#slot = slot;
    this.#session = session;
    this.#published = published;
    this.#dialog = new LinkDialog(session, (made) => this.#stored(made));
    session.on("agent", () => {
      this.#links = session.agent ? null : [];
      this.#sure = this.#embedded = null;
      this.#draw();
      if (this.#isSeen) this.#load();
    });
    published.on("releases", () => this.#draw());
    session.on("language", () => this.#draw());
    new ResizeObserver(() => this.#isSeen && this.#load()).observe(slot);
    setInterval(() => this.#isSeen && !document.hidden && this.#load(), LOOK_AGAIN_MS);
    this.#draw();
  }

  get #known() {
    return { price: this.#price, tools: this.#tools };
  }

  get #isSeen() {
    return this.#slot.checkVisibility() && this.#slot.clientWidth > 0;
  }

  async #load() {
    const { agent, api, notices, path } = this.#session;
    if (!agent) return;
    const told = await notices.attempt(() => api.get(`${path}/links`));
    if (!told || this.#session.agent?.id !== agent.id) return;
    const isSame = JSON.stringify(told) === JSON.stringify({ links: this.#links, price: this.#price, tools: this.#tools });
    this.#links = told.links;
    this.#price = told.price;
    this.#tools = told.tools;
    if (!isSame) this.#draw();
  }

  #draw() {
    const { agent, strings } = this.#session;
    const { t } = strings;
    if (!agent || !this.#published.live) {
      this.#slot.replaceChildren(h("p", { class: "st-hint" }, t("ui.links_unpublished")));
      return;
    }
    const make = button(t("ui.link_new"), () => this.#dialog.open(null, this.#known), { shape: "plus" });
    const rows = (this.#links ?? []).map((link) => this.#row(link));
    keepingTyped(this.#slot, () => this.#slot.replaceChildren(h("ul", { class: "st-link-list" }, ...rows), make));
  }

  #row(link) {
    const { t } = this.#session.strings;
    const url = this.#urlOf(link);
    const isSure = this.#sure === link.id;
    const actions = h(
      "div",
      { class: "st-actions" },
      button(t("ui.copy"), () => this.#copy(url), { shape: "copy", name: t("ui.link_copy") }),
      button(t("ui.link_embed"), () => this.#show(link.id), { shape: "braces" }),
      button(t("ui.link_change"), () => this.#dialog.open(link, this.#known), { shape: "pencil" }),
      button(t(isSure ? "ui.link_revoke_sure" : "ui.link_revoke"), () => this.#revoke(link), { kind: isSure ? "danger" : "quiet" }),
    );
    const address = h("div", { class: "st-link-address" }, outward(url, url.replace(/^https?:\/\//, "")), h("span", { class: "st-live" }, t(`ui.visibility.${link.visibility}`)));
    const lines = [this.#used(link), this.#ends(link), this.#lends(link), link.money_holds ? null : h("p", { class: "st-hint", role: "alert" }, t("ui.link_no_price"))];
    return h("li", { "data-row": link.id }, address, ...lines.filter(Boolean), actions, this.#embedded === link.id ? this.#snippet(link, url) : null);
  }

  /** What a link that was just made is for, is to be passed on. */
  async #stored(made) {
    const { notices, strings } = this.#session;
    await this.#load();
    if (!made) return;
    const action = { label: strings.t("ui.link_copy"), run: () => this.#copy(this.#urlOf(made)) };
    notices.tell(strings.t("ui.link_made"), { action, about: "link" });
  }

  #urlOf({ path }) {
    return new URL(path, location.href).href;
  }

  /** Counts, of today: what people say is theirs. */
  #used({ today, limits }) {
    const { t, count } = this.#session.strings;
    const parts = [
      t(limits.everybody.turns ? "ui.link_turns_of" : "ui.link_turns", { count: count(today.turns), limit: count(limits.everybody.turns ?? 0) }),
      t(limits.everybody.tokens ? "ui.link_tokens_of" : "ui.link_tokens", { count: count(today.tokens), limit: count(limits.everybody.tokens ?? 0) }),
      t("ui.link_visitors", { count: count(today.visitors) }),
      today.money > 0 ? t("ui.link_money", { amount: today.money.toFixed(2), currency: limits.currency ?? this.#price?.currency ?? "" }) : null,
    ];
    return h("p", { class: "st-hint" }, t("ui.link_today", { used: parts.filter(Boolean).join(" · ") }));
  }

  /** What its visitors may allow. */
  #lends({ tools }) {
    const { t, of } = this.#session.strings;
    const names = this.#tools.filter(({ key }) => tools.includes(key)).map(({ label }) => of(label));
    return names.length > 0 ? h("p", { class: "st-hint" }, t("ui.link_lends", { tools: names.join(", ") })) : null;
  }

  #ends({ expires }) {
    const { t, moment } = this.#session.strings;
    return expires && h("p", { class: "st-hint" }, t(new Date(expires) < new Date() ? "ui.link_expired" : "ui.link_expires", { time: moment(new Date(expires)) }));
  }

  #snippet(link, url) {
    const { t } = this.#session.strings;
    const script = `<script src="${url}embed.js" async></script>`;
    const text = h("textarea", { class: "st-input", readonly: true, rows: 2, spellcheck: false, "aria-label": t("ui.link_snippet") });
    text.value = script;
    const name = () => this.#dialog.open(link, this.#known, "origins");
    const told = link.origins.length > 0
      ? [t("ui.link_origins_are", { origins: link.origins.join(", ") })]
      : [t("ui.link_origins_none"), " ", button(t("ui.link_origins_name"), name, { kind: "quiet" })];
    const preview = outward(`${url}embed/preview`, t("ui.link_preview"));
    return h("div", { class: "st-link-snippet" }, text, h("p", { class: "st-hint" }, ...told), h("div", { class: "st-actions" }, button(t("ui.copy"), () => this.#copy(script), { shape: "copy", name: t("ui.link_snippet_copy") }), preview));
  }

  #show(id) {
    this.#embedded = this.#embedded === id ? null : id;
    this.#sure = null;
    this.#draw();
  }

  async #copy(text) {
    const { notices, strings } = this.#session;
    if (await copyText(text)) notices.tell(strings.t("ui.copied"), { about: "link" });
  }

  /** The first press asks whether it is meant: nothing brings a link back. */
  #revoke(link) {
    const { api, notices, path, strings } = this.#session;
    if (this.#sure !== link.id) {
      this.#sure = link.id;
      return this.#draw();
    }
    return notices.attempt(async () => {
      await api.remove(`${path}/links/${link.id}`);
      this.#sure = null;
      notices.tell(strings.t("ui.link_revoked"), { about: "link" });
      await this.#load();
    });
  }
}

// The gallery: agents to start from, as cards; one of them shown whole before it is taken.

import { h } from "../chat/dom.js";
import { button, Panel, panelHead } from "./widgets.js";

/** Opens the gallery. An agent that is started from a template is on screen afterwards. Throws `Failure`. */
export async function openGallery(session) {
  const templates = await session.api.get(`/api/templates?language=${session.strings.language}`);
  const { panel } = new Gallery(session, templates);
  panel.openOnce();
  panel.element.querySelector("input[name=template]")?.focus();
}

class Gallery {
  #session;
  #templates;
  /** The template that is shown whole; null for all of them. */
  #shown = null;
  #sought = "";

  constructor(session, templates) {
    this.#session = session;
    this.#templates = templates;
    this.panel = new Panel("st-gallery", (body, close) => (this.#shown ? this.#whole(body, close) : this.#cards(body, close)));
  }

  #cards(body, close) {
    const { t } = this.#session.strings;
    const field = h("input", { type: "text", role: "searchbox", name: "template", class: "st-input", placeholder: t("ui.templates_find"), "aria-label": t("ui.templates_find"), autocomplete: "off", dir: "auto" });
    const cards = this.#templates.map((template) => this.#card(template));
    const none = h("p", { class: "st-hint", role: "status" });
    const sift = () => {
      this.#sought = field.value;
      const words = this.#sought.toLowerCase().split(/\s+/).filter(Boolean);
      const fits = this.#templates.map((template) => words.every((word) => textOf(template).includes(word)));
      for (const [at, card] of cards.entries()) card.hidden = !fits[at];
      none.textContent = fits.includes(true) ? "" : t("ui.templates_none", { sought: this.#sought });
    };
    field.value = this.#sought;
    field.addEventListener("input", sift);
    body.append(panelHead(t("ui.templates_title"), t("ui.close"), close), h("p", { class: "st-hint" }, t("ui.templates_hint")), h("search", {}, field, none), h("ul", { class: "st-template-cards" }, ...cards));
    sift();
  }

  #card(template) {
    const { name, description } = template;
    const wants = this.#wants(template);
    const open = () => this.#turn(template);
    return h("li", { "data-row": template.id }, h("button", { type: "button", class: "st-template", onclick: open }, face(template), h("span", {}, h("b", {}, name), h("small", {}, description), wants && h("small", { class: "st-template-wants" }, wants))));
  }

  #whole(body, close) {
    const { strings: { t }, toolTitle } = this.#session;
    const template = this.#shown;
    const { name, description, prologue, instruction, tools, prompt_recommend: suggestions } = template;
    const wants = this.#wants(template);
    body.append(
      panelHead(name, t("ui.close"), close),
      h("div", { class: "st-template-head" }, face(template), h("p", {}, description)),
      h("blockquote", { class: "st-template-says" }, prologue),
      h("ul", { class: "st-template-asks" }, ...suggestions.map((asked) => h("li", {}, asked))),
      ...(tools.length > 0 ? [h("h3", {}, t("ui.template_tools")), h("p", {}, tools.map(toolTitle).join(t("ui.comma")))] : []),
      ...(wants ? [h("p", { class: "st-template-wants" }, wants)] : []),
      h("details", { class: "st-template-instruction" }, h("summary", {}, t("ui.template_instruction")), h("pre", { tabindex: "0" }, instruction)),
      h("div", { class: "st-actions st-end" }, button(t("ui.template_back"), () => this.#turn(null), { kind: "quiet" }), button(t("ui.template_start"), () => this.#start(close), { kind: "main" })),
    );
  }

  #turn(template) {
    const before = this.#shown;
    this.#shown = template;
    this.panel.redraw();
    if (template) this.panel.element.querySelector(".st-actions .st-button-main").focus();
    else this.panel.focus(before.id);
  }

  /** Which keys its tools wait for, and what cannot work here at all; "" for nothing. */
  #wants({ tools }) {
    const { strings: { t, of }, tools: known } = this.#session;
    const used = known.filter(({ id }) => tools.includes(id));
    const keys = used.filter(({ state }) => state === "waiting").map(({ secrets, one_is_enough: any }) => (any ? secrets.slice(0, 1) : secrets.filter(({ present }) => !present)).map(({ label }) => of(label)));
    const broken = used.filter(({ state }) => state === "unavailable").map(({ label }) => of(label));
    return [
      keys.length > 0 && t("ui.template_keys", { keys: [...new Set(keys.flat())].join(t("ui.comma")) }),
      broken.length > 0 && t("ui.template_unavailable", { tools: broken.join(t("ui.comma")) }),
    ].filter(Boolean).join(" · ");
  }

  #start(close) {
    const { api, notices, strings } = this.#session;
    return notices.attempt(async () => {
      const agent = await api.post("/api/agents", { template: this.#shown.id, language: strings.language });
      close();
      await this.#session.brought(agent);
    });
  }
}

/** What stands for a template: its first letter, as an agent's picture does before there is one. */
function face({ name }) {
  return h("span", { class: "st-template-face", "aria-hidden": "true" }, [...name][0]);
}

function textOf({ name, description, said, prompt_recommend: suggestions }) {
  return [name, description, ...said, ...suggestions].join(" ").toLowerCase();
}

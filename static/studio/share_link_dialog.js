// Where a link is made or changed: who may open it, how much of it there is a day, until when, and on whose pages it is shown.

import { h } from "../chat/dom.js";
import { button, Panel, panelHead } from "./widgets.js";

const VISIBILITIES = ["link", "public", "private"];
const UNITS = ["turns", "tokens", "money"];
const NEW = { visibility: "link", limits: { visitor: { turns: 50 }, everybody: { turns: 500 } }, origins: [], expires: null, tools: [] };

export class LinkDialog {
  #session;
  #onstored;

  constructor(session, onstored) {
    this.#session = session;
    this.#onstored = onstored;
  }

  /**
   * Opens it for a link, or for a new one, at the field of that name. `price` is null where nobody knows what the model
   * costs; `tools` are those that visitors can be let use, asked before each call.
   */
  open(link, { price, tools }, field = "visibility") {
    const form = new LinkForm(this.#session, link, price, tools);
    const panel = new Panel("st-link-dialog", (body, close) => {
      const { t } = this.#session.strings;
      const save = button(t(link ? "ui.save" : "ui.link_make"), null, { kind: "main" });
      save.type = "submit";
      const store = async (event) => {
        event.preventDefault();
        save.disabled = true;
        const stored = await form.store();
        save.disabled = false;
        if (!stored) return;
        close();
        await this.#onstored(link ? null : stored);
      };
      body.append(
        panelHead(t(link ? "ui.link_change_title" : "ui.link_new"), t("ui.close"), close),
        h("form", { class: "st-fields", novalidate: true, onsubmit: store }, ...form.elements, h("div", { class: "st-actions st-end" }, button(t("ui.cancel"), close), save)),
      );
    });
    panel.openOnce();
    form.focus(field);
  }
}

class LinkForm {
  #session;
  #link;
  #visibility;
  #slug = h("input", { name: "link-slug", class: "st-input", maxlength: 60, autocomplete: "off", spellcheck: false });
  #expires = h("input", { name: "link-expires", type: "datetime-local", class: "st-input" });
  #origins = h("textarea", { name: "link-origins", class: "st-input", rows: 2, spellcheck: false, placeholder: "https://shop.example" });
  #caps = {};
  /** The box of each tool, by its key. */
  #tools = new Map();
  #units;
  #problem = h("p", { class: "st-problem", role: "alert" });

  constructor(session, link, price, tools) {
    this.#session = session;
    this.#link = link;
    const { t } = session.strings;
    const { visibility, limits, origins, expires, tools: lent } = link ?? NEW;
    this.#visibility = h("select", { name: "link-visibility", class: "st-input" }, ...VISIBILITIES.map((name) => h("option", { value: name }, t(`ui.visibility_long.${name}`))));
    this.#visibility.value = visibility;
    this.#origins.value = origins.join("\n");
    if (expires) this.#expires.value = local(new Date(expires));
    // A limit of money that nobody can hold any more is shown, to be taken away.
    const isPriced = price || ["visitor", "everybody"].some((who) => limits[who]?.money);
    this.#units = isPriced ? UNITS : UNITS.filter((unit) => unit !== "money");
    const rows = ["visitor", "everybody"].map((who) => this.#capRow(who, limits[who] ?? {}, price));
    const heads = this.#units.map((unit) => h("th", { scope: "col" }, t(`ui.link_unit.${unit}`, { currency: price?.currency ?? "–" })));
    const table = h("table", { class: "st-link-caps" }, h("thead", {}, h("tr", {}, h("td", {}), ...heads)), h("tbody", {}, ...rows));
    const hint = (key) => h("p", { class: "st-hint" }, t(key));
    this.elements = [
      h("label", {}, h("span", {}, t("ui.link_visibility")), this.#visibility),
      link ? null : h("label", {}, h("span", {}, t("ui.link_slug")), this.#slug, hint("ui.link_slug_hint")),
      h("div", {}, h("div", { class: "st-field-head" }, h("span", {}, t("ui.link_limits"))), table, hint(price ? "ui.link_limits_hint" : "ui.link_limits_no_price")),
      tools.length > 0 ? this.#toolRows(tools, lent, hint("ui.link_tools_hint")) : null,
      h("label", {}, h("span", {}, t("ui.link_until")), this.#expires),
      h("label", {}, h("span", {}, t("ui.link_origins")), this.#origins, hint("ui.link_origins_hint")),
      this.#problem,
    ].filter(Boolean);
  }

  focus(field) {
    const input = field === "origins" ? this.#origins : this.#visibility;
    input.focus();
  }

  /** The link as it is stored; null where the form says why it is not. */
  async store() {
    const { api, path, strings } = this.#session;
    const body = {
      visibility: this.#visibility.value,
      limits: this.#limits(),
      origins: this.#origins.value.split(/\s+/).filter(Boolean),
      expires: this.#expires.value ? new Date(this.#expires.value).toISOString() : null,
      tools: [...this.#tools].filter(([, box]) => box.checked).map(([key]) => key),
    };
    const slug = this.#slug.value.trim();
    try {
      if (this.#link) return await api.patch(`${path}/links/${this.#link.id}`, body);
      return await api.post(`${path}/links`, slug ? { ...body, slug } : body);
    } catch (failure) {
      this.#problem.textContent = strings.sentence(failure);
      return null;
    }
  }

  #toolRows(tools, lent, hint) {
    const { t, of } = this.#session.strings;
    const rows = tools.map(({ key, label }) => {
      const box = h("input", { type: "checkbox", name: "link-tool", value: key, checked: lent.includes(key) });
      this.#tools.set(key, box);
      return h("label", {}, box, h("span", { dir: "auto" }, of(label)));
    });
    return h("fieldset", { class: "st-link-tools" }, h("legend", {}, t("ui.link_tools")), ...rows, hint);
  }

  #capRow(who, cap, price) {
    const { t } = this.#session.strings;
    this.#caps[who] = {};
    const cells = this.#units.map((unit) => {
      const name = `${t(`ui.link_of.${who}`)}: ${t(`ui.link_unit.${unit}`, { currency: price?.currency ?? "" })}`;
      const input = h("input", { type: "number", name: `link-${who}-${unit}`, class: "st-input", min: 0, step: unit === "money" ? "any" : 1, "aria-label": name, placeholder: "∞" });
      input.value = cap[unit] ?? "";
      this.#caps[who][unit] = input;
      return h("td", {}, input);
    });
    return h("tr", {}, h("th", { scope: "row" }, t(`ui.link_of.${who}`)), ...cells);
  }

  #limits() {
    const read = (inputs) => Object.fromEntries(this.#units.filter((unit) => inputs[unit].value !== "").map((unit) => [unit, Number(inputs[unit].value)]));
    return { visitor: read(this.#caps.visitor), everybody: read(this.#caps.everybody) };
  }
}

/** A moment as the field has it: in the person's own time. */
function local(date) {
  return new Date(date - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

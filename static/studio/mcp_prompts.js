// Prompts of an MCP server: chosen, filled in, looked at, and then put into the chat or among the agent's suggestions.

import { h } from "../chat/dom.js";
import { attempt, button, Panel, panelHead } from "./widgets.js";

const LONGEST_SUGGESTION_CHARS = 1_000;

/** Opens them for a server of the agent, which is asked what it offers now. */
export async function openPrompts(session, server) {
  const prompts = await session.api.get(`${session.path}/mcp/${server.id}/prompts`);
  new PromptDialog(session, server, prompts);
}

class PromptDialog {
  #session;
  #server;
  #prompts;
  /** The prompt that is chosen, and what it says once it is filled in: `{text, left_out}`. */
  #chosen = null;
  #found = null;
  #inputs = new Map();
  #panel;
  #text = h("textarea", { class: "st-input", name: "mcp-prompt", rows: 8, dir: "auto" });
  #problem = h("p", { class: "st-problem", role: "alert" });
  #suggest = button("", () => this.#suggestIt());

  constructor(session, server, prompts) {
    this.#session = session;
    this.#server = server;
    this.#prompts = prompts;
    this.#text.setAttribute("aria-label", session.strings.t("ui.mcp_prompt_text"));
    this.#text.addEventListener("input", () => this.#drawSuggest());
    this.#suggest.lastChild.textContent = session.strings.t("ui.mcp_prompt_suggest");
    this.#panel = new Panel("st-prompt-dialog", (body, close) => this.#draw(body, close));
    this.#panel.openOnce();
    this.#focus();
  }

  #draw(body, close) {
    const { t } = this.#session.strings;
    body.append(panelHead(t("ui.mcp_prompts_of", { name: this.#server.name }), t("ui.close"), close));
    body.append(this.#found ? this.#look() : this.#chosen ? this.#fillIn() : this.#list());
  }

  #list() {
    const { t } = this.#session.strings;
    if (this.#prompts.length === 0) return h("p", { class: "st-hint" }, t("ui.mcp_prompts_none"));
    const rows = this.#prompts.map((prompt) => {
      const about = prompt.description ? [h("small", { dir: "auto" }, prompt.description)] : [];
      return h("li", {}, button(prompt.title || prompt.name, () => this.#choose(prompt)), ...about);
    });
    return h("div", { class: "st-fields" }, h("p", { class: "st-hint" }, t("ui.mcp_prompts_hint")), this.#problem, h("ul", { class: "st-prompts" }, ...rows));
  }

  #fillIn() {
    const { t } = this.#session.strings;
    const { title, name, description, arguments: wanted } = this.#chosen;
    const fields = wanted.map(({ name: field, description: about, required }) => {
      const mark = required ? [h("span", { "aria-hidden": "true" }, " *")] : [];
      return h("label", {}, h("span", {}, h("code", {}, field), ...mark), this.#inputs.get(field), ...(about ? [h("small", { dir: "auto" }, about)] : []));
    });
    const show = button(t("ui.mcp_prompt_show"), null, { kind: "main" });
    show.type = "submit";
    return h("form", { class: "st-fields", onsubmit: (event) => this.#submit(event) },
      h("p", {}, h("b", { dir: "auto" }, title || name), " ", h("small", { dir: "auto" }, description)),
      h("div", { class: "st-schema" }, ...fields),
      this.#problem,
      h("div", { class: "st-actions st-end" }, button(t("ui.api_back"), () => this.#turnTo(null), { kind: "quiet" }), show),
    );
  }

  /** The text, before anybody says it: it is a stranger's. */
  #look() {
    const { t } = this.#session.strings;
    const left = this.#found.left_out > 0 ? [h("p", { class: "st-hint" }, t("ui.mcp_prompt_left", { count: this.#found.left_out }))] : [];
    return h("div", { class: "st-fields" },
      h("p", { class: "st-hint" }, t("ui.mcp_prompt_look", { name: this.#server.name })),
      this.#text,
      ...left,
      h("div", { class: "st-actions st-end" },
        button(t("ui.api_back"), () => this.#turnTo(this.#chosen.arguments.length > 0 ? this.#chosen : null), { kind: "quiet" }),
        this.#suggest,
        button(t("ui.mcp_prompt_say"), () => this.#say(), { kind: "main" }),
      ),
    );
  }

  #choose(prompt) {
    this.#inputs = new Map(prompt.arguments.map(({ name, required }) => [name, h("input", { class: "st-input", autocomplete: "off", required, maxlength: 10_000 })]));
    this.#chosen = prompt;
    if (prompt.arguments.length > 0) this.#turnTo(prompt);
    else this.#read({});
  }

  #turnTo(prompt) {
    this.#chosen = prompt;
    this.#found = null;
    this.#problem.textContent = "";
    this.#panel.redraw();
    this.#focus();
  }

  #submit(event) {
    event.preventDefault();
    const filled = [...this.#inputs].map(([name, { value }]) => [name, value]);
    return this.#read(Object.fromEntries(filled.filter(([, value]) => value !== "")));
  }

  async #read(values) {
    const { api, path, strings } = this.#session;
    const read = async () => {
      this.#found = await api.post(`${path}/mcp/${this.#server.id}/prompts`, { name: this.#chosen.name, arguments: values });
      this.#text.value = this.#found.text;
      this.#drawSuggest();
      this.#panel.redraw();
      this.#text.focus();
    };
    await attempt(read, this.#problem, strings);
  }

  /** A suggestion is one line, and no longer than the field for it takes. */
  get #line() {
    return this.#text.value.replace(/\s*\n\s*/g, " ").trim();
  }

  #drawSuggest() {
    this.#suggest.disabled = this.#line === "" || this.#line.length > LONGEST_SUGGESTION_CHARS;
  }

  #suggestIt() {
    const { config, notices, strings } = this.#session;
    this.#session.edit({ prompt_recommend: [...config.prompt_recommend, this.#line] });
    notices.tell(strings.t("ui.mcp_prompt_suggested"));
    this.#panel.close();
  }

  #say() {
    this.#session.emit("say", { text: this.#text.value });
    this.#session.notices.tell(this.#session.strings.t("ui.mcp_prompt_said"));
    this.#panel.close();
  }

  #focus() {
    this.#panel.element.querySelector(".st-prompts button, .st-schema input")?.focus();
  }
}

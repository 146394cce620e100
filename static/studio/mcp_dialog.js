// Where MCP servers are added: what their documentation says is pasted, each is asked what it offers, tools are ticked.

import { h } from "../chat/dom.js";
import { OperationPicker } from "./operation_picker.js";
import { attempt, button, Panel, panelHead } from "./widgets.js";

export class McpDialog {
  #session;
  #onstored;

  constructor(session, onstored) {
    this.#session = session;
    this.#onstored = onstored;
  }

  add() {
    new OpenDialog(this.#session, this.#onstored);
  }

  /** Opens it for a server that the agent has, which is asked first what it offers now. */
  async choose(server) {
    const { api, path } = this.#session;
    const answer = await api.post(`${path}/mcp/${server.id}/look`);
    new OpenDialog(this.#session, this.#onstored, { ...answer, ...answer.offered, had: server.tools });
  }
}

class OpenDialog {
  #session;
  #onstored;
  #server;
  #panel;
  /** The servers that were asked, and a picker for each that answered, by its name. */
  #found = null;
  #pickers = new Map();
  /** For each that wants a sign-in before it says anything: whether it is added all the same. */
  #unseen = new Map();
  #text = h("textarea", { class: "st-input", name: "mcp-text", rows: 6, spellcheck: "false", wrap: "off" });
  #problem = h("p", { class: "st-problem", role: "alert" });
  #read = button("", () => this.#look(), { kind: "main" });
  #save = button("", null, { kind: "main" });

  constructor(session, onstored, server = null) {
    this.#session = session;
    this.#onstored = onstored;
    this.#server = server;
    const { t } = session.strings;
    this.#text.placeholder = '{"mcpServers": {"name": {"url": "https://mcp.example.com/mcp"}}}';
    this.#read.lastChild.textContent = t("ui.mcp_connect");
    if (server) this.#take([server]);
    this.#panel = new Panel("st-api-dialog st-mcp-dialog", (body, close) => this.#draw(body, close));
    this.#panel.openOnce();
    if (server) this.#focus();
    else this.#text.focus();
  }

  #draw(body, close) {
    const { t } = this.#session.strings;
    body.append(panelHead(t(this.#server ? "ui.mcp_choose" : "ui.mcp_add"), t("ui.close"), close));
    body.append(this.#found ? this.#choice(close) : this.#entry(close));
  }

  /** The first step: which servers. */
  #entry(close) {
    const { t } = this.#session.strings;
    return h("div", { class: "st-fields" },
      h("div", {}, h("label", {}, h("span", {}, t("ui.mcp_text")), this.#text), h("p", { class: "st-hint" }, t("ui.mcp_text_hint"))),
      this.#problem,
      h("div", { class: "st-actions st-end" }, button(t("ui.cancel"), close, { kind: "quiet" }), this.#read),
    );
  }

  /** The second step: which tools of each. */
  #choice(close) {
    const { t } = this.#session.strings;
    this.#save.type = "submit";
    const back = this.#server ? button(t("ui.cancel"), close, { kind: "quiet" }) : button(t("ui.api_back"), () => this.#back(), { kind: "quiet" });
    return h("form", { class: "st-fields", novalidate: true, onsubmit: (event) => this.#submit(event, close) },
      ...this.#found.map((server) => this.#part(server)),
      this.#problem,
      h("div", { class: "st-actions st-end" }, back, this.#save),
    );
  }

  #part({ name, title, version, problem, sign_in: wantsSignIn, left_out: leftOut, cut }) {
    const { t, of } = this.#session.strings;
    const head = h("p", {}, h("b", { dir: "auto" }, name), " ", h("small", {}, [title, version].filter(Boolean).join(" ")));
    if (wantsSignIn) {
      return h("div", { class: "st-mcp-part" }, head, h("p", { class: "st-hint" }, t("ui.mcp_add_unseen")), h("label", { class: "st-tick" }, this.#unseen.get(name), h("span", {}, t("ui.mcp_add_it"))));
    }
    if (problem) return h("div", { class: "st-mcp-part" }, head, h("p", { class: "st-problem" }, t("ui.mcp_failed", { why: of(problem) })));
    const left = leftOut.map((each) => h("li", {}, h("code", {}, each.name), " ", of(each.why)));
    return h("div", { class: "st-mcp-part" },
      head,
      this.#pickers.get(name).element,
      ...(cut ? [h("p", { class: "st-hint" }, t("ui.mcp_cut"))] : []),
      ...(left.length > 0 ? [h("details", { class: "st-left-out" }, h("summary", {}, t("ui.mcp_left_out", { count: left.length })), h("ul", {}, ...left))] : []),
    );
  }

  async #look() {
    const { api, strings } = this.#session;
    const text = this.#text.value.trim();
    if (text === "") return this.#text.focus();
    const look = async () => {
      this.#take((await api.post("/api/mcp", { text })).servers);
      this.#panel.redraw();
      this.#focus();
    };
    this.#read.disabled = true;
    await attempt(look, this.#problem, strings);
    this.#read.disabled = false;
  }

  #take(servers) {
    const { strings } = this.#session;
    this.#found = servers;
    this.#pickers.clear();
    this.#unseen.clear();
    for (const { name, tools, problem, sign_in: wantsSignIn, had } of servers) {
      if (wantsSignIn) this.#unseen.set(name, h("input", { type: "checkbox", checked: true, onchange: () => this.#drawSave() }));
      if (problem) continue;
      const offered = tools.map((tool) => ({ ...tool, method: "", path: tool.name, active: true }));
      const single = tools.length === 1 ? [tools[0].name] : [];
      const chosen = new Set(had ? had.map((tool) => tool.name) : single);
      this.#pickers.set(name, new OperationPicker(strings, offered, chosen, () => this.#drawSave()));
    }
    this.#drawSave();
  }

  #focus() {
    const [first] = this.#pickers.values();
    if (first) first.focus();
  }

  #back() {
    this.#found = null;
    this.#problem.textContent = "";
    this.#panel.redraw();
    this.#text.focus();
  }

  /** What is chosen, by server: each tool with the digest of the description that is on screen. */
  #chosen() {
    const digests = ({ name, tools }) => {
      const wanted = new Set(this.#pickers.get(name)?.chosen);
      return Object.fromEntries(tools.filter((tool) => wanted.has(tool.name)).map((tool) => [tool.name, tool.digest]));
    };
    const servers = this.#found.map((server) => [server.name, digests(server)]);
    return Object.fromEntries(servers.filter(([name, tools]) => Object.keys(tools).length > 0 || this.#unseen.get(name)?.checked));
  }

  #drawSave() {
    const { t } = this.#session.strings;
    const chosen = Object.values(this.#chosen());
    const count = chosen.reduce((sum, tools) => sum + Object.keys(tools).length, 0);
    this.#save.lastChild.textContent = chosen.length > 0 && count === 0 ? t("ui.mcp_add_only") : t("ui.api_save", { count });
    this.#save.disabled = chosen.length === 0;
  }

  async #submit(event, close) {
    event.preventDefault();
    const { api, strings } = this.#session;
    const store = async () => {
      await this.#session.ensureAgent();
      this.#session.adopt(await this.#stored(api), ["mcpServers"]);
      close();
      await this.#onstored();
    };
    this.#save.disabled = true;
    await attempt(store, this.#problem, strings);
    this.#drawSave();
  }

  #stored(api) {
    const servers = this.#chosen();
    const path = `${this.#session.path}/mcp`;
    if (this.#server) return api.put(`${path}/${this.#server.id}/tools`, { tools: servers[this.#server.name] });
    return api.post(path, { text: this.#text.value.trim(), servers });
  }
}

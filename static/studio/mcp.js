// The MCP servers of an agent as cards: where each is, whether it answers, what was chosen, and what its server changed since.

import { h } from "../chat/dom.js";
import { partOf } from "./differences.js";
import { McpDialog } from "./mcp_dialog.js";
import { openPrompts } from "./mcp_prompts.js";
import { openResources } from "./mcp_resources.js";
import { SignIns } from "./mcp_sign_in.js";
import { ordersNote } from "./orders_note.js";
import { proposal } from "./proposed.js";
import { button, keepingTyped } from "./widgets.js";

export function fillMcp(slot, session) {
  slot.classList.add("st-apis");
  const load = () => session.loadServers();
  // Nobody waits for a server: each card says how it is when that is known.
  const lookAtAll = () => {
    draw();
    for (const server of session.servers.filter(({ state }) => state === "unknown" || state === "connecting")) look(server).catch(() => {});
  };
  const take = (servers) => {
    session.servers = servers;
    session.emit("tools");
    draw();
  };
  const look = async (server) => {
    const { agent } = session;
    const answer = await session.api.post(`${session.path}/mcp/${server.id}/look`);
    if (session.agent?.id !== agent?.id) return null;
    signIns.heard(answer);
    take(session.servers.map((each) => (each.id === server.id ? answer : each)));
    return answer;
  };
  const signIns = new SignIns(session, () => draw());
  const dialog = new McpDialog(session, load);
  const draw = () => {
    const { t } = session.strings;
    const add = button(t("ui.mcp_add"), () => dialog.add(), { shape: "plus" });
    const cards = session.servers.map((server) => card(server, session, { dialog, look, load, signIns }));
    keepingTyped(slot, () => slot.replaceChildren(...cards, h("div", { class: "st-actions" }, add)));
  };
  session.on("servers", lookAtAll);
  for (const topic of ["config", "language", "past"]) session.on(topic, draw);
  session.on("signed-in", () => {
    for (const server of session.servers.filter(({ state }) => state === "sign_in")) look(server).catch(() => {});
  });
  lookAtAll();
}

function card(server, session, { dialog, look, load, signIns }) {
  const { t } = session.strings;
  const { name, tools } = server;
  const changed = tools.filter((tool) => tool.changed);
  const tokens = tools.reduce((sum, tool) => sum + (tool.changed ? 0 : tool.tokens), 0);
  const asking = tools.filter(({ effect, policy_key: key }) => effect === "writes" && session.config.tools[key]?.policy !== "allow").length;
  const facts = [
    ...(tools.length > 0 ? [t("ui.mcp_count", { count: tools.length - changed.length, tokens })] : []),
    ...(server.signed_in ? [t("ui.mcp_signed_in")] : []),
    ...(server.url ? [t("ui.api_sends", { host: hostOf(server.url).replace(/([^:/])\/.*$/s, "$1") })] : []),
    ...(asking > 0 ? [t("ui.mcp_asking", { count: asking })] : []),
  ];
  const attempt = (work) => () => session.notices.attempt(work);
  const remove = attempt(async () => {
    session.adopt(await session.api.remove(`${session.path}/mcp/${server.id}`), ["mcpServers"]);
    await load();
  });
  const signOut = attempt(async () => {
    await session.api.remove(`${session.path}/mcp/${server.id}/sign-in`);
    await look(server);
  });
  const isFirst = tools.length === 0 && server.state === "ready";
  return h("article", { class: "st-api st-mcp", "data-row": server.id, "data-state": server.state },
    h("b", { dir: "auto" }, name),
    server.url ? h("small", { dir: "ltr" }, hostOf(server.url)) : h("small", {}, t("ui.mcp_program", { name: server.command })),
    h("p", { class: "st-mcp-state", role: "status" }, stateOf(server, session.strings)),
    h("ul", { class: "st-facts" }, ...facts.map((fact) => h("li", {}, fact))),
    proposal(session, `mcpServers.${name}`, name),
    h("ul", { class: "st-api-names" }, ...tools.map((tool) => toolRow(tool, session))),
    ...(changed.length > 0 ? [changes(server, changed, session, load)] : []),
    signIns.part(server),
    ...(server.missing.length > 0 ? [secretForm(server, session, load)] : []),
    h("div", { class: "st-actions" },
      button(t("ui.mcp_choose"), attempt(() => dialog.choose(server)), { kind: isFirst ? "main" : "plain", name: t("ui.mcp_choose_named", { name }) }),
      button(t("ui.mcp_look"), attempt(() => look(server)), { kind: "plain", name: t("ui.mcp_look_named", { name }) }),
      ...(server.has_prompts ? [button(t("ui.mcp_prompts"), attempt(() => openPrompts(session, server)), { kind: "plain", name: t("ui.mcp_prompts_of", { name }) })] : []),
      ...(server.has_resources ? [button(t("ui.mcp_resources"), attempt(() => openResources(session, server)), { kind: "plain", name: t("ui.mcp_resources_of", { name }) })] : []),
      ...(server.signed_in ? [button(t("ui.mcp_sign_out"), signOut, { kind: "quiet", name: t("ui.mcp_sign_out_named", { name }) })] : []),
      button(t("ui.remove"), remove, { kind: "quiet", name: t("ui.api_remove_named", { name }) }),
    ),
  );
}

function toolRow(tool, session) {
  const state = tool.changed ? "st-api-operation st-off" : "st-api-operation";
  return h("li", { class: state, title: tool.title || null }, h("code", {}, tool.name), policyOf(tool, session), ordersNote(tool.orders, session.strings));
}

/** Whether the agent asks before each call; nothing for a tool that only reads and was never told to ask. */
function policyOf({ name, effect, changed, policy_key: key }, session) {
  const { t } = session.strings;
  const policy = session.config.tools[key]?.policy ?? (effect === "writes" ? "ask" : "allow");
  if (changed || (effect !== "writes" && policy === "allow")) return null;
  const options = ["ask", "allow"].map((each) => h("option", { value: each }, t(each === "ask" ? "ui.policy.ask" : "ui.tool_allow")));
  const choose = () => session.edit({ policies: { [key]: choice.value } });
  const choice = h("select", { class: "st-input", "aria-label": t("ui.api_asks", { operation: name }), onchange: choose }, ...options);
  choice.value = policy;
  return h("span", { class: "st-policy" }, choice);
}

function stateOf({ state, problem }, { t, of }) {
  if (state === "failed" && problem) return t("ui.mcp_failed", { why: of(problem) });
  return t(`ui.mcp_state.${state}`);
}

/** Host and path of an address, without the query, in which a key may have stood. */
function hostOf(url) {
  return url.replace(/^https:\/\//, "").replace(/\?.*$/s, "");
}

/** How the server describes its tools by now, beside what was allowed; they are not called until that is allowed too. */
function changes(server, changed, session, load) {
  const { t } = session.strings;
  const allow = () => session.notices.attempt(async () => {
    const tools = Object.fromEntries(server.tools
      .filter((tool) => !tool.changed?.gone)
      .map((tool) => [tool.name, tool.changed ? tool.changed.digest : tool.digest]));
    const path = `${session.path}/mcp/${server.id}/tools`;
    session.adopt(await session.api.put(path, { tools }), ["mcpServers"]);
    await load();
  });
  const isWholeGone = server.tools.every((tool) => tool.changed?.gone);
  return h("details", { class: "st-mcp-changes", open: true },
    h("summary", {}, t("ui.mcp_changed", { count: changed.length })),
    ...changed.map((tool) => h("div", {},
      h("code", {}, tool.name),
      tool.changed.gone ? h("p", {}, t("ui.mcp_gone")) : h("dl", {}, ...tool.changed.parts.flatMap((part) => partOf(part, t))),
      ordersNote(tool.changed.orders, session.strings),
    )),
    isWholeGone ? null : button(t("ui.mcp_allow"), allow, { kind: "main", name: t("ui.mcp_allow_named", { name: server.name }) }),
  );
}

/** Where what the server wants to know is entered. It goes to this server once and never comes back. */
function secretForm(server, session, load) {
  const { t } = session.strings;
  const inputs = server.missing.map((name) => h("input", {
    type: "password", class: "st-input", autocomplete: "off", spellcheck: "false", name: `mcp:${server.id}:${name}`,
    placeholder: name.replace(/^\?/, ""), "aria-label": name.replace(/^\?/, ""), "data-wanted": name,
  }));
  const store = (event) => {
    event.preventDefault();
    const empty = inputs.find((input) => input.value.trim() === "");
    if (empty) return empty.focus();
    return session.notices.attempt(async () => {
      const values = Object.fromEntries(inputs.map((input) => [input.dataset.wanted, input.value.trim()]));
      await session.api.put(`${session.path}/mcp/${server.id}/secrets`, { values });
      for (const input of inputs) input.value = "";
      session.notices.tell(t("ui.key_stored"), { about: server.id });
      await load();
    });
  };
  const save = button(t("ui.key_save"), null, { kind: "main", name: t("ui.key_save_named", { key: server.name }) });
  save.type = "submit";
  return h("form", { class: "st-secret st-waiting", onsubmit: store }, h("p", {}, t("ui.mcp_waiting")), h("div", {}, ...inputs, save));
}

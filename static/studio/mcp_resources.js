// Resources of an MCP server: what it lists, each to be taken among the agent's knowledge.

import { h } from "../chat/dom.js";
import { button, Panel, panelHead } from "./widgets.js";

/** Opens them for a server of the agent, which is asked what it lists now. */
export async function openResources(session, server) {
  const { t } = session.strings;
  const resources = await session.api.get(`${session.path}/mcp/${server.id}/resources`);
  const panel = new Panel("st-resource-dialog", (body, close) => {
    body.append(panelHead(t("ui.mcp_resources_of", { name: server.name }), t("ui.close"), close), listOf(resources, session, server));
  });
  panel.openOnce();
  panel.element.querySelector(".st-prompts button")?.focus();
}

function listOf(resources, session, server) {
  const { t } = session.strings;
  if (resources.length === 0) return h("p", { class: "st-hint" }, t("ui.mcp_resources_none"));
  const problem = h("p", { class: "st-problem", role: "alert" });
  const rows = resources.map((resource) => rowOf(resource, session, server, problem));
  return h("div", { class: "st-fields" }, h("p", { class: "st-hint" }, t("ui.mcp_resources_hint")), problem, h("ul", { class: "st-prompts" }, ...rows));
}

function rowOf({ uri, name, description, media_type: type, size_bytes: size }, session, server, problem) {
  const { t } = session.strings;
  const add = async () => {
    problem.textContent = "";
    take.disabled = true;
    try {
      await session.api.post(`${session.path}/knowledge/resources`, { server: server.id, uri });
      take.lastChild.textContent = t("ui.mcp_resource_taken");
      take.removeAttribute("aria-label");
      await session.refresh();
    } catch (failure) {
      take.disabled = false;
      problem.textContent = session.strings.sentence(failure);
    }
  };
  const take = button(t("ui.mcp_resource_take"), add, { name: t("ui.mcp_resource_take_named", { name }) });
  const facts = [type, size === null ? "" : session.strings.size(size)].filter(Boolean).join(" · ");
  return h("li", {},
    h("b", { dir: "auto" }, name),
    ...(description ? [h("small", { dir: "auto" }, description)] : []),
    h("small", { class: "st-place", dir: "ltr" }, uri),
    ...(facts ? [h("small", {}, facts)] : []),
    take,
  );
}

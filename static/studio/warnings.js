// What to know of an agent before it is used: a calm line above its tools, where something has come together in it.

import { h } from "../chat/dom.js";

export function fillWarnings(slot, session) {
  slot.classList.add("st-warnings");
  slot.setAttribute("role", "status");
  let warnings = [];
  let known = "";
  const draw = () => slot.replaceChildren(...warnings.map(({ text }) => h("p", {}, session.strings.of(text))));
  const load = async () => {
    const { agent } = session;
    const { tools, openapi, mcpServers } = agent?.config ?? {};
    const hasSome = [tools, openapi, mcpServers].some((part) => Object.keys(part ?? {}).length > 0);
    const found = hasSome ? await session.api.get(`${session.path}/warnings`) : [];
    if (session.agent?.id !== agent?.id) return;
    warnings = found;
    draw();
  };
  const look = () => {
    const { tools, openapi, mcpServers, knowledge } = session.agent?.config ?? {};
    const state = JSON.stringify([session.agent?.id, tools, openapi, mcpServers, knowledge]);
    if (state === known) return;
    known = state;
    session.notices.attempt(load);
  };
  for (const topic of ["agent", "config", "saved"]) session.on(topic, look);
  session.on("language", draw);
  look();
}

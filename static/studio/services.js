// APIs and MCP servers of the agent, as the server tells them: known whatever part of the page is open, for the chat names them.

/** Reads them anew whenever the configuration says something else of them. */
export function followServices(session) {
  follow(session, "openapi", () => session.loadApis());
  follow(session, "mcpServers", () => session.loadServers());
}

function follow(session, field, load) {
  let known = "";
  const look = () => {
    const state = JSON.stringify([session.agent?.id, session.agent?.config[field]]);
    if (state === known) return;
    known = state;
    session.notices.attempt(load);
  };
  for (const topic of ["agent", "config"]) session.on(topic, look);
  look();
}

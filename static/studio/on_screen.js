// What of an agent is on screen: the stored configuration, with what was typed since and what the builder is writing.

const BLANK = {
  name: "", avatar: "", description: "", instruction: "", prologue: "", model: "",
  prompt_recommend: [], knowledge: [], tools: {}, generation: {}, retrieval: {}, memory: false,
};

/** How the key of an operation's policy begins: `openapi.<api>.<operation>`. */
const APIS = "openapi.";

/** The stored configuration (undefined where there is no agent yet) with the fields that are not stored yet. */
export function withUnsaved(stored, unsaved, language) {
  const { tools: ticks = {}, policies = {}, generation: settings = {}, retrieval: search = {}, ...fields } = unsaved;
  // Older files write null, or nothing, for what is not set.
  const known = Object.entries(stored ?? {}).filter(([, value]) => value !== null && value !== "");
  const config = { ...BLANK, language, ...Object.fromEntries(known), ...fields };
  const tools = { ...config.tools };
  for (const [id, use] of Object.entries(ticks)) tools[id] = { ...tools[id], use };
  // Those of operations are on their API's card alone, as they are stored.
  for (const [id, policy] of Object.entries(policies)) if (!id.startsWith(APIS)) tools[id] = { ...tools[id], policy };
  return { ...config, tools, generation: { ...config.generation, ...settings }, retrieval: { ...config.retrieval, ...search } };
}

/** The configuration with the fields that the builder is writing just now, as far as they are written. */
export function withWriting(config, partial) {
  // A value that is not whole yet may be of another shape. Ticks of tools are shown once they are stored.
  const fits = ([field, value]) => field !== "tools" && value !== null
    && typeof value === typeof config[field] && Array.isArray(value) === Array.isArray(config[field]);
  return { ...config, ...Object.fromEntries(Object.entries(partial ?? {}).filter(fits)) };
}

/** Ids of the tools that are ticked. */
export function ticked(tools) {
  return Object.entries(tools).flatMap(([id, entry]) => (entry.use && entry.is_active !== false ? [id] : []));
}

/** What a stored configuration says of asking before calls, for the tool of that id or the operation of that key. */
export function policyAt({ tools, openapi }, key) {
  if (!key.startsWith(APIS)) return tools?.[key]?.policy ?? null;
  const [api, operation] = key.slice(APIS.length).split(".");
  return openapi?.[api]?.policies?.[operation]?.policy ?? null;
}

/** What people call operations of APIs, by the name that a model has for them and by their key. */
export function operationTitles(apis) {
  const titles = ({ id, server, operations }) => operations.flatMap(({ name, title, tool }) => {
    const said = `${title || name} (${hostOf(server)})`;
    return [[`${APIS}${id}.${name}`, said], [tool, said]];
  });
  return Object.fromEntries(apis.flatMap(titles));
}

/** What people call tools of MCP servers, in the same way; whose they are is always said. */
export function serverTitles(servers) {
  const titles = ({ name: server, tools }) => tools.flatMap(({ name, title, tool, policy_key: key }) => {
    const said = `${title || name} (${server})`;
    return [[key, said], [tool, said]];
  });
  return Object.fromEntries(servers.flatMap(titles));
}

/** Host and port of an address, with its scheme where that is not the usual one. */
export function hostOf(server) {
  return server.replace(/^https:\/\//, "");
}

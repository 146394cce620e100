// The address of the page names the agent that is open, so that Back, Forward, a bookmark and a reload find it.

const LAST_OPENED = "af_agent";

/** The id in the address; null where it names no agent. */
export const addressed = () => new URLSearchParams(location.search).get("agent");

/** Ids to open first: that of the address, then that of the last visit. */
export const wantedFirst = () => [addressed(), localStorage.getItem(LAST_OPENED)];

/** Name another agent (null: none). With `push`, Back leads to the one before. */
export function writeAddress(id, { push = false } = {}) {
  const url = new URL(location.href);
  url.searchParams.delete("token");
  if (id) url.searchParams.set("agent", id);
  else url.searchParams.delete("agent");
  if (id) localStorage.setItem(LAST_OPENED, id);
  if (push && url.href !== location.href) history.pushState(null, "", url);
  else history.replaceState(null, "", url);
}

// Other tabs and windows: what is stored in one is soon on screen in all.

const ONE_LOOK_MS = 300;

/** Tell this browser's other tabs what is stored and said here, and follow what they store and say. */
export function followOtherTabs(session) {
  const channel = new BroadcastChannel("agentfabric");
  const refresh = () => session.refresh().catch(() => {});
  let looked = -Infinity;
  const follow = () => {
    // Whoever comes back to a window makes it visible and gives it the focus: two events, one look.
    if (performance.now() - looked < ONE_LOOK_MS) return;
    looked = performance.now();
    refresh();
    session.emit("elsewhere");
  };
  session.on("stored", (stored) => channel.postMessage({ stored }));
  session.on("said", (said) => channel.postMessage({ said }));
  channel.addEventListener("message", ({ data: { stored, said, signedIn } }) => {
    const { agent } = session;
    if (stored && agent?.id === stored.id && stored.revision > agent.revision) refresh();
    // The page on which a sign-in to an MCP server ends (agentfabric/api/returned.html.j2).
    if (signedIn !== undefined) session.emit("signed-in", signedIn);
    // What is said while nobody looks is read when somebody does.
    if (said && !document.hidden) session.emit("elsewhere", said);
  });
  // Another browser can only be asked, when a person is back here. Windows side by side are always visible.
  addEventListener("focus", follow);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && follow());
}

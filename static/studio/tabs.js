// Other tabs and windows: what is stored in one is soon on screen in all.

/** Tell this browser's other tabs what is stored here, and follow what they store. */
export function followOtherTabs(session) {
  const channel = new BroadcastChannel("agentfabric");
  const follow = () => session.refresh().catch(() => {});
  session.on("stored", (stored) => channel.postMessage(stored));
  channel.addEventListener("message", ({ data: { id, revision } }) => {
    const { agent } = session;
    if (agent?.id === id && revision > agent.revision) follow();
  });
  // Another browser can only be asked, when a person is back here. Windows side by side are always visible.
  addEventListener("focus", follow);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && follow());
}

// The agent on screen was deleted in another window: what was typed stays, with a way back and a way on.

import { h } from "../chat/dom.js";
import { button } from "./widgets.js";

/** A strip at the edge of the page while the agent on screen is not there any more. */
export function followGone(session) {
  const strip = h("div", { class: "af st-gone", role: "alert", hidden: true });
  document.body.append(strip);
  const { notices, strings } = session;
  const bringBack = () =>
    notices.attempt(async () => {
      await session.api.post(`${session.path}/undelete`);
      await Promise.all([session.edits.flush(), session.loadAgents()]);
      session.emit("stored", { id: session.agent.id, revision: session.agent.revision });
      session.emit("again");
    });
  const goOn = () =>
    notices.attempt(async () => {
      await session.loadAgents();
      await session.openNewest();
    });
  const draw = () => {
    const name = session.config.name || strings.t("ui.unnamed");
    strip.replaceChildren(
      h("span", { dir: "auto" }, strings.t("ui.gone", { name })),
      button(strings.t("ui.gone_back"), bringBack, { kind: "quiet" }),
      button(strings.t("ui.gone_on"), goOn, { kind: "quiet" }),
    );
  };
  session.on("gone", () => {
    draw();
    strip.hidden = false;
  });
  for (const topic of ["agent", "again"]) session.on(topic, () => (strip.hidden = true));
  session.on("language", draw);
}

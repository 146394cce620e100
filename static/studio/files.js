// The picture of an agent.

import { h } from "../chat/dom.js";
import { acceptDrops } from "../chat/drops.js";
import { button, fileButton, keepingTyped } from "./widgets.js";

const PICTURES = "image/png,image/jpeg,image/webp";

/** The picture: upload one, or go back to the drawn monogram. */
export function fillAvatar(slot, session) {
  slot.classList.add("st-avatar-field");
  const change = (method) => (files) =>
    session.notices.attempt(async () => {
      await session.ensureAgent();
      const path = `${session.path}/avatar`;
      session.adopt(method === "put" ? await session.api.put(path, form("file", files)) : await session.api.remove(path), ["avatar"]);
    });
  const draw = () => {
    const { t } = session.strings;
    const upload = fileButton(t("ui.avatar_upload"), change("put"), { accept: PICTURES });
    const reset = button(t("ui.avatar_reset"), change("remove"), { kind: "quiet" });
    reset.hidden = !session.config.avatar;
    const picture = h("img", { src: session.avatarUrl, alt: t("ui.cfg_avatar"), width: 72, height: 72 });
    const words = h("div", {}, h("div", { class: "st-actions" }, upload, reset), h("p", { class: "st-hint" }, t("ui.avatar_hint")));
    keepingTyped(slot, () => slot.replaceChildren(picture, words));
  };
  takeDrops(slot, session, (files) => change("put")(files.slice(0, 1)));
  redrawOn(session, ["agent", "config", "language"], () => [session.avatarUrl, session.config.avatar], draw);
}

/** Files may be dropped on the part, too. A folder is none. */
function takeDrops(slot, { notices, strings }, take) {
  slot.classList.add("st-drop");
  acceptDrops(slot, (files, folders) => {
    for (const name of folders) notices.problem(strings.t("ui.no_folder", { name }));
    if (files.length > 0) take(files);
  });
}

/** Calls `draw` now, and after these events if what it depends on is another. */
function redrawOn(session, topics, dependsOn, draw) {
  let drawn = "";
  const look = () => {
    const state = JSON.stringify([dependsOn(), session.strings.language]);
    if (state === drawn) return;
    drawn = state;
    draw();
  };
  for (const topic of topics) session.on(topic, look);
  look();
}

function form(field, files) {
  const data = new FormData();
  for (const file of files) data.append(field, file, file.name);
  return data;
}

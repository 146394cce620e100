// What an agent is given as files: its picture, and what it should know.

import { h } from "../chat/dom.js";
import { acceptDrops } from "../chat/drops.js";
import { button, fileButton, icon, iconButton, keepingTyped } from "./widgets.js";

/** What becomes of a file in the agent's answers, as people read it. */
const STATES = {
  whole: "ui.file_whole",
  cut: "ui.file_cut",
  left_out: "ui.file_left_out",
  not_read: "ui.file_not_read",
  missing: "ui.file_missing",
};
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

/** The files an agent knows: several at once, each with whether it is read. */
export function fillKnowledge(slot, session) {
  slot.classList.add("st-knowledge");
  let files = [];
  const load = async () => {
    const { agent } = session;
    const found = agent ? await session.api.get(`${session.path}/knowledge`) : [];
    if (session.agent?.id !== agent?.id) return;
    files = found;
    draw();
  };
  const add = (chosen) =>
    session.notices.attempt(async () => {
      await session.ensureAgent();
      slot.classList.add("st-loading");
      await session.api.post(`${session.path}/knowledge`, form("files", chosen)).finally(() => slot.classList.remove("st-loading"));
      await Promise.all([session.refresh(), load()]);
    });
  const remove = (file) =>
    session.notices.attempt(async () => {
      await session.api.remove(`${session.path}/knowledge/${file.id}`);
      await Promise.all([session.refresh(), load()]);
    });
  const draw = () => {
    const { t } = session.strings;
    const upload = fileButton(t("ui.knowledge_add"), add, { multiple: true });
    const items = files.map((file) => fileRow(file, session.strings, () => remove(file)));
    const actions = h("div", { class: "st-actions" }, upload, h("span", { class: "st-hint" }, t("ui.or_drop")));
    const list = h("ul", { class: "st-files" }, ...items);
    keepingTyped(slot, () => slot.replaceChildren(list, actions));
  };
  takeDrops(slot, session, add);
  session.on("language", draw);
  redrawOn(session, ["agent", "config", "models"], () => [session.agent?.id, session.agent?.config.knowledge, session.agent?.config.model, session.models.default], () => session.notices.attempt(load));
  draw();
}

function fileRow(file, { t, size }, remove) {
  return h(
    "li",
    { "data-state": file.state },
    icon("file"),
    h("span", { dir: "auto" }, file.name),
    h("small", {}, size(file.size_bytes)),
    h("em", {}, t(STATES[file.state])),
    iconButton("trash", t("ui.remove_file", { name: file.name }), remove),
  );
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

// The *Share* tab: what strangers are shown of the agent, what the draft has otherwise, and every release so far.

import { h } from "../chat/dom.js";
import { differenceList } from "./difference_list.js";
import { readyParts } from "./share_ready.js";
import { button, keepingTyped } from "./widgets.js";

/** What is live, what publishing would change, a note, and the button that publishes. */
export function fillRelease(slot, session, published) {
  slot.classList.add("st-release");
  const { notices, strings } = session;
  const publish = (event) => {
    event.preventDefault();
    const note = slot.querySelector("input[name=note]");
    notices.attempt(async () => {
      const { number } = await published.publish(note.value);
      notices.tell(strings.t("ui.release_done", { number }), { about: "release" });
    });
  };
  const draw = () => {
    const { t } = strings;
    if (!session.agent) return slot.replaceChildren(h("p", { class: "st-hint" }, t("ui.release_no_agent")));
    if (!published.releases) return slot.replaceChildren(h("p", { class: "st-hint", role: "status" }, t("ui.loading")));
    const parts = [state(session, published), ...changes(session, published), ...readyParts(session, published.ready, isOut(published)), form(session, published, publish)];
    keepingTyped(slot, () => slot.replaceChildren(...parts.filter(Boolean)));
  };
  published.on("releases", draw);
  for (const topic of ["language", "tools"]) session.on(topic, draw);
  published.watch(slot);
  draw();
}

function state(session, published) {
  const { t, moment } = session.strings;
  const { live } = published;
  if (!live) return h("p", { class: "st-release-state" }, h("span", {}, t("ui.release_none")));
  const said = h("span", {}, h("b", {}, t("ui.release_live", { number: live.number })), ` ${t("ui.release_since", { time: moment(new Date(live.created)) })}`, live.note ? h("small", { dir: "auto" }, live.note) : null);
  const stop = button(t("ui.unpublish"), () => takeBack(session, published, live.number), { kind: "quiet" });
  return h("p", { class: "st-release-state", "data-live": "" }, said, stop);
}

function takeBack(session, published, number) {
  const { notices, strings } = session;
  return notices.attempt(async () => {
    await published.unpublish(number);
    const again = { label: strings.t("ui.undo"), run: () => notices.attempt(() => published.makeLive(number)) };
    notices.tell(strings.t("ui.unpublished", { number }), { action: again, about: "release" });
  });
}

function changes(session, { live, differences }) {
  const { t } = session.strings;
  if (!live) return [];
  if (differences.length === 0) return [h("p", { class: "st-hint" }, t("ui.release_same"))];
  return [h("h3", {}, t("ui.release_changes", { count: differences.length })), differenceList(session, differences)];
}

function isOut({ live, differences }) {
  return Boolean(live) && differences.length === 0;
}

/** Null where there is nothing to publish. */
function form(session, published, publish) {
  const { t } = session.strings;
  const { live } = published;
  if (isOut(published)) return null;
  const note = h("input", { name: "note", type: "text", class: "st-input", maxlength: 2000, autocomplete: "off", dir: "auto", "aria-label": t("ui.release_note"), placeholder: t("ui.release_note_example") });
  const send = button(t(live ? "ui.publish_again" : "ui.publish"), null, { kind: "main" });
  send.type = "submit";
  return h("form", { class: "st-release-form", onsubmit: publish }, note, send);
}

/** Every release, the newest first: what it changed, and the way back to it. */
export function fillReleases(slot, session, published) {
  slot.classList.add("st-releases");
  const open = new Set();
  const changesOf = new Map();
  const look = async (number) => {
    if (open.delete(number)) return draw();
    open.add(number);
    draw();
    if (!changesOf.has(number)) await session.notices.attempt(async () => changesOf.set(number, await published.changesOf(number)));
    draw();
  };
  const draw = () => {
    const { t } = session.strings;
    const releases = published.releases ?? [];
    const rows = releases.map((release) => row(session, published, release, open.has(release.number) ? changesOf.get(release.number) ?? null : undefined, look));
    keepingTyped(slot, () => slot.replaceChildren(rows.length > 0 ? h("ol", { class: "st-versions" }, ...rows) : h("p", { class: "st-hint" }, t("ui.releases_none"))));
  };
  session.on("agent", () => {
    open.clear();
    changesOf.clear();
    draw();
  });
  published.on("releases", draw);
  for (const topic of ["language", "tools"]) session.on(topic, draw);
  draw();
}

/** `changes` are null while they are asked for, undefined where the row is closed. */
function row(session, published, { number, version, note, live, created }, changes, look) {
  const { notices, past, strings } = session;
  const { t, moment } = strings;
  const isOpen = changes !== undefined;
  const time = new Date(created);
  const head = h(
    "button",
    { type: "button", class: "st-version-head", "aria-expanded": String(isOpen), onclick: () => look(number) },
    h("time", { datetime: created, title: time.toLocaleString() }, moment(time)),
    h("span", { class: "st-version-what" }, h("b", {}, t("ui.release_number", { number })), h("small", { dir: "auto" }, note || t("ui.release_of", { version }))),
    live ? h("span", { class: "st-live" }, t("ui.live")) : null,
  );
  if (!isOpen) return h("li", { class: "st-version", "data-row": number }, head);
  const show = () => notices.attempt(async () => {
    await published.makeLive(number);
    notices.tell(t("ui.release_done", { number }), { about: "release" });
  });
  const actions = h(
    "div",
    { class: "st-actions" },
    live ? null : button(t("ui.make_live"), show, { name: t("ui.make_live_named", { number }) }),
    button(t("ui.release_restore"), () => past.restore(version), { kind: "quiet", name: t("ui.release_restore_named", { number }) }),
  );
  const told = changes === null
    ? h("p", { class: "st-hint", role: "status" }, t("ui.loading"))
    : changes.length > 0 ? differenceList(session, changes) : h("p", { class: "st-hint" }, t("ui.release_unchanged"));
  return h("li", { class: "st-version", "data-row": number }, head, h("div", { class: "st-version-details" }, told, actions));
}

// What the agent's knowledge is like: whether its own questions find their passages, and what stands there twice.

import { h } from "../chat/dom.js";
import { button, keepingTyped } from "./widgets.js";

export function fillKnowledgeCheck(slot, session, known) {
  slot.classList.add("st-known-check");
  let checked = null;
  let busy = false;
  const take = (ask) =>
    session.notices.attempt(async () => {
      const { agent } = session;
      const found = agent && known.files.length > 0 ? await ask() : null;
      if (session.agent?.id === agent?.id) checked = found;
    }).finally(() => {
      busy = false;
      draw();
    });
  const again = () => {
    busy = true;
    draw();
    take(() => session.api.post(`${session.path}/knowledge/check`));
  };
  const draw = () => {
    const { t } = session.strings;
    const files = new Map(known.files.map((file) => [file.id, file]));
    const ask = button(t(busy ? "ui.known_checking" : "ui.known_check"), again, { kind: "plain" });
    ask.disabled = busy || known.files.length === 0;
    const told = checked ? reportOf(checked, files, session.strings, known) : [h("p", { class: "st-hint" }, t("ui.known_check_none"))];
    keepingTyped(slot, () => slot.replaceChildren(...told, h("div", { class: "st-actions" }, ask)));
  };
  let depends = "";
  known.on("statistics", () => {
    const state = JSON.stringify([session.agent?.id, known.files.map(({ id, state, passages }) => [id, state, passages])]);
    if (known.isAtWork || state === depends) return;
    depends = state;
    take(() => session.api.get(`${session.path}/knowledge/check`));
  });
  session.on("language", draw);
  draw();
}

function reportOf({ asked, copies, stale }, files, strings, known) {
  const { t, count } = strings;
  const all = asked.reduce((sum, file) => sum + file.asked, 0);
  const found = asked.reduce((sum, file) => sum + file.found, 0);
  const short = asked.filter((file) => file.missed.length > 0 && files.has(file.file));
  const twice = copies.filter(({ one, other }) => files.has(one) && files.has(other));
  const lines = [h("p", {}, t("ui.known_check_result", { all: count(all), found: count(found) }))];
  if (stale) lines.push(h("p", { class: "st-hint" }, t("ui.known_check_stale")));
  if (all === found && twice.length === 0 && all > 0) lines.push(h("p", { class: "st-hint" }, t("ui.known_check_good")));
  if (short.length > 0) lines.push(missedOf(short, files, strings));
  return twice.length > 0 ? [...lines, copiesOf(twice, files, strings, known)] : lines;
}

function missedOf(asked, files, { t, count }) {
  const rows = asked.flatMap(({ file, missed }) =>
    missed.map(({ number, question }) => h("li", {}, h("b", { dir: "auto" }, files.get(file).name), ` · ${t("ui.place_number", { number: number + 1 })}`, h("q", { dir: "auto" }, question))));
  return h("details", {}, h("summary", {}, t("ui.known_missed", { count: count(rows.length) })), h("p", { class: "st-hint" }, t("ui.known_missed_hint")), h("ul", {}, ...rows));
}

function copiesOf(copies, files, { t, count }, known) {
  const rows = copies.map(({ one, other, passages, whole }) => {
    const [kept, copy] = [files.get(one), files.get(other)];
    const words = one === other ? t("ui.known_repeats", { name: copy.name, count: count(passages) }) : t(whole ? "ui.known_copy" : "ui.known_overlap", { one: kept.name, other: copy.name, count: count(passages) });
    const remove = whole && button(t("ui.remove_file", { name: copy.name }), () => known.remove(copy), { kind: "quiet" });
    return h("li", { "data-row": `${one}-${other}` }, h("span", { dir: "auto" }, words), remove || null);
  });
  return h("details", { open: true }, h("summary", {}, t("ui.known_twice", { count: count(rows.length) })), h("ul", {}, ...rows));
}

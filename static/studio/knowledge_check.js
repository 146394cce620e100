// What the agent's knowledge is like: whether its own questions find their passages, and what stands there twice.

import { h } from "../chat/dom.js";
import { ByModel } from "./knowledge_by_model.js";
import { placeOf } from "./place.js";
import { button, keepingTyped } from "./widgets.js";

export function fillKnowledgeCheck(slot, session, known) {
  slot.classList.add("st-known-check");
  let checked = null;
  let busy = false;
  const take = (ask) =>
    session.notices.attempt(async () => {
      const { agent } = session;
      const found = agent && known.files.length > 0 ? await ask() : null;
      if (session.agent?.id !== agent?.id) return;
      checked = found;
      await known.lookForProblems();
    }).finally(() => {
      busy = false;
      draw();
    });
  const again = () => {
    busy = true;
    draw();
    take(() => session.api.post(`${session.path}/knowledge/check`));
  };
  const model = new ByModel(session, { ended: () => take(() => session.api.get(`${session.path}/knowledge/check`)) });
  const judge = (contradiction, dismissed) =>
    session.notices.attempt(async () => {
      await session.api.put(`${session.path}/knowledge/check/contradictions`, { key: contradiction.key, dismissed });
      contradiction.dismissed = dismissed;
      draw();
      await known.lookForProblems();
    });
  const draw = () => {
    const { t } = session.strings;
    const files = new Map(known.files.map((file) => [file.id, file]));
    const ask = button(t(busy ? "ui.known_checking" : "ui.known_check"), again, { kind: "plain" });
    ask.disabled = busy || known.files.length === 0;
    const told = checked ? reportOf(checked, files, session.strings, known, judge) : [h("p", { class: "st-hint" }, t("ui.known_check_none"))];
    keepingTyped(slot, () => slot.replaceChildren(...told, h("div", { class: "st-actions" }, ask), model.element));
  };
  let depends = "";
  known.on("statistics", () => {
    const state = JSON.stringify([session.agent?.id, known.files.map(({ id, state, passages }) => [id, state, passages])]);
    if (known.isAtWork || state === depends) return;
    depends = state;
    take(() => session.api.get(`${session.path}/knowledge/check`));
    model.load();
  });
  for (const topic of ["models", "config"]) session.on(topic, () => model.follow());
  session.on("language", () => {
    model.draw();
    draw();
  });
  draw();
}

function reportOf({ asked, copies, contradictions, stale }, files, strings, known, judge) {
  const { t, count } = strings;
  const all = asked.reduce((sum, file) => sum + file.asked, 0);
  const found = asked.reduce((sum, file) => sum + file.found, 0);
  const short = asked.filter((file) => file.missed.length > 0 && files.has(file.file));
  const twice = copies.filter(({ one, other }) => files.has(one) && files.has(other));
  const lines = [h("p", {}, t("ui.known_check_result", { all: count(all), found: count(found) }))];
  const clashes = contradictions.filter(({ one, other }) => files.has(one.file) && files.has(other.file));
  if (stale) lines.push(h("p", { class: "st-hint" }, t("ui.known_check_stale")));
  const open = clashes.filter(({ dismissed }) => !dismissed);
  const by = asked.filter((file) => file.by === "model").length;
  if (by > 0) lines.push(h("p", { class: "st-hint" }, t("ui.known_by_model", { count: count(by), all: count(asked.length) })));
  if (all === found && twice.length === 0 && open.length === 0 && all > 0) lines.push(h("p", { class: "st-hint" }, t("ui.known_check_good")));
  if (short.length > 0) lines.push(missedOf(short, files, strings));
  if (twice.length > 0) lines.push(copiesOf(twice, files, strings, known));
  if (open.length > 0) lines.push(h("details", { open: true }, h("summary", {}, t("ui.known_clashes", { count: count(open.length) })), h("p", { class: "st-hint" }, t("ui.known_clashes_hint")), clashesOf(open, files, strings, judge)));
  const waved = clashes.filter(({ dismissed }) => dismissed);
  if (waved.length > 0) lines.push(h("details", {}, h("summary", {}, t("ui.known_clashes_dismissed", { count: count(waved.length) })), clashesOf(waved, files, strings, judge)));
  const failed = asked.filter(({ problem, file }) => problem && files.has(file));
  if (failed.length > 0) lines.push(failuresOf(failed, files, strings));
  return lines;
}

/** Two passages side by side, each with the words that the other contradicts and where they stand. */
function clashesOf(clashes, files, strings, judge) {
  const { t } = strings;
  const side = ({ file, words, number, place }) => {
    const { name } = files.get(file);
    const where = placeOf(place, strings) || t("ui.place_number", { number: number + 1 });
    return h("div", {}, h("q", { dir: "auto" }, words), h("small", {}, h("b", { dir: "auto" }, name), h("span", { dir: "auto" }, ` · ${where}`)));
  };
  const rows = clashes.map((clash) => {
    const [label, name] = clash.dismissed ? ["ui.known_clash_again", "ui.known_clash_again_named"] : ["ui.known_clash_dismiss", "ui.known_clash_dismiss_named"];
    const judged = button(t(label), () => judge(clash, !clash.dismissed), { kind: "quiet", name: t(name, { words: clash.one.words }) });
    return h("li", { class: "st-known-clash", "data-row": clash.key }, side(clash.one), side(clash.other), judged);
  });
  return h("ul", {}, ...rows);
}

/** Files that the model was to ask and could not, and why. */
function failuresOf(asked, files, strings) {
  const rows = asked.map(({ file, problem }) => h("li", {}, h("b", { dir: "auto" }, files.get(file).name), ` · ${strings.sentence(problem)}`));
  return h("details", {}, h("summary", {}, strings.t("ui.known_by_rules", { count: strings.count(rows.length) })), h("ul", {}, ...rows));
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

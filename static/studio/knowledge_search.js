// A question asked as the agent would ask it: what is found, where, and how well it fits.

import { h } from "../chat/dom.js";
import { passageRow } from "./passages.js";
import { button, keepingTyped } from "./widgets.js";

export function fillKnowledgeSearch(slot, session, known) {
  slot.classList.add("st-knowledge-search");
  let found = null;
  let searching = false;
  const search = (event) => {
    event.preventDefault();
    const query = slot.querySelector("input[name=query]").value.trim();
    if (query === "" || !session.agent) return;
    searching = true;
    draw();
    const tag = slot.querySelector("select")?.value;
    session.notices.attempt(async () => (found = { query, agent: session.agent.id, ...(await known.search(query, tag)) })).finally(() => {
      searching = false;
      draw();
    });
  };
  const draw = () => {
    const { t } = session.strings;
    const input = h("input", { name: "query", type: "search", class: "st-input", maxlength: 1000, "aria-label": t("ui.known_question"), placeholder: t("ui.known_question_example") });
    const ask = button(t("ui.known_search"), null, { kind: "main" });
    ask.type = "submit";
    const scope = known.tags.length > 0 ? scopeOf(known.tags, session.strings, slot.querySelector("select")?.value) : null;
    const answer = found && found.agent === session.agent?.id ? answerOf(found, session.strings) : [];
    const form = h("form", { class: "st-known-form", role: "search", onsubmit: search }, input, scope, ask);
    const results = h("div", { class: "st-known-found", "aria-busy": String(searching) }, ...answer);
    keepingTyped(slot, () => slot.replaceChildren(form, results));
  };
  let tags = "";
  known.on("files", () => {
    if (tags !== (tags = known.tags.join("\n"))) draw();
  });
  for (const topic of ["agent", "language"]) session.on(topic, draw);
  draw();
}

/** Among which files to search: all, or those with a tag. */
function scopeOf(tags, { t }, chosen) {
  const options = ["", ...tags].map((tag) => h("option", { value: tag }, tag || t("ui.known_all_files")));
  const scope = h("select", { class: "st-input", "aria-label": t("ui.known_scope") }, ...options);
  scope.value = tags.includes(chosen) ? chosen : "";
  return scope;
}

function answerOf(found, strings) {
  const { t, of, count } = strings;
  const how = [t(`ui.known_engine.${found.engine}`), found.reranked && t("ui.known_reranked")].filter(Boolean);
  const told = found.hits.length > 0 ? t("ui.known_found", { count: count(found.hits.length), query: found.query }) : t("ui.known_nothing", { query: found.query });
  return [
    h("p", { class: "st-hint", role: "status" }, strings.joined([told, ...how])),
    ...(found.problem ? [h("p", { class: "st-problem" }, of(found.problem))] : []),
    h("ol", { class: "st-passages" }, ...found.hits.map((hit) => passageRow(hit, strings, ...scoreOf(hit, strings)))),
  ];
}

function scoreOf({ score, name }, { t, share }) {
  const percent = Math.round(100 * score);
  return [
    h("meter", { min: 0, max: 100, value: percent, "aria-label": t("ui.known_score") }, `${percent}`),
    h("b", {}, share(score)),
    h("b", { dir: "auto", class: "st-passage-file" }, name),
  ];
}

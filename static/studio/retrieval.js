// How what the agent knows is searched: by which embedding model, in whose order, and among which files.

import { h } from "../chat/dom.js";
import { keepingTyped } from "./widgets.js";

const BUDGETS = [2_000, 4_000, 12_000, 30_000, 100_000];

export function fillRetrieval(slot, session, known) {
  slot.classList.add("st-retrieval");
  let offered = { embedding: [], reranker: [] };
  let depends = "";
  const set = (setting) => session.edit({ retrieval: setting });
  const draw = () => {
    const { t } = session.strings;
    const { embedding = null, reranker = null, tags, budget = null } = session.config.retrieval;
    const meanings = [["auto", t("ui.retrieval_auto")], ["", t("ui.retrieval_words")], ...entries(offered.embedding, embedding, session.strings)];
    const orders = [["", t("ui.retrieval_no_reranker")], ...entries(offered.reranker, reranker, session.strings)];
    const choices = h(
      "div",
      { class: "st-retrieval-choices" },
      choice("embedding", t("ui.retrieval_embedding"), meanings, embedding ?? "auto", (value) => set({ embedding: value === "auto" ? null : value })),
      choice("reranker", t("ui.retrieval_reranker"), orders, reranker ?? "", (value) => set({ reranker: value || null })),
      choice("budget", t("ui.retrieval_budget"), budgets(budget, session.strings), String(budget ?? ""), (value) => set({ budget: Number(value) || null })),
    );
    keepingTyped(slot, () => slot.replaceChildren(h("p", { class: "st-hint", role: "status" }, atWork(known, session.strings)), choices, ...scopeOf(known.tags, tags ?? [], session.strings, set)));
  };
  const load = async () => {
    const { agent } = session;
    const found = agent ? await session.api.get(`${session.path}/knowledge/models`) : offered;
    if (session.agent?.id !== agent?.id) return;
    offered = found;
    draw();
  };
  const look = () => {
    draw();
    const state = JSON.stringify([session.agent?.id, session.agent?.config.retrieval]);
    if (state === depends) return;
    depends = state;
    session.notices.attempt(() => Promise.all([load(), known.count()]));
  };
  for (const topic of ["agent", "config", "saved"]) session.on(topic, look);
  session.on("models", () => session.notices.attempt(() => Promise.all([load(), known.count()])));
  for (const topic of ["files", "statistics"]) known.on(topic, draw);
  session.on("language", draw);
  look();
}

function choice(name, label, options, value, onchange) {
  const select = h("select", { name, class: "st-input", onchange: () => onchange(select.value) }, ...options.map(([key, text]) => h("option", { value: key }, text)));
  select.value = value;
  return h("label", {}, h("span", {}, label), select);
}

/** How many characters of what was found the model may read. */
function budgets(chosen, { t, count }) {
  const sizes = [...new Set([...BUDGETS, ...(chosen ? [chosen] : [])])].sort((one, other) => one - other);
  return [["", t("ui.retrieval_budget_of_model")], ...sizes.map((size) => [String(size), t("ui.retrieval_budget_chars", { size: count(size) })])];
}

/** What there is to choose from, and what is chosen although there is no such model any more. */
function entries(offered, chosen, { t }) {
  const known = offered.map(({ key, ready, env }) => [key, ready ? key : t("ui.retrieval_waits", { key, env })]);
  return chosen && !offered.some(({ key }) => key === chosen) ? [...known, [chosen, chosen]] : known;
}

/** By what is searched now, and why not by more. */
function atWork({ statistics }, { t, of, count }) {
  const { embedding, reranker, problem, passages, with_vectors: done } = statistics ?? {};
  const parts = [embedding ? t("ui.retrieval_by_meaning", { model: embedding }) : t("ui.known_engine.lexical")];
  if (embedding && done < passages) parts.push(t("ui.retrieval_so_far", { done: count(done), all: count(passages) }));
  if (reranker) parts.push(t("ui.retrieval_ordered", { model: reranker }));
  if (problem) parts.push(of(problem));
  return parts.join(" ");
}

function scopeOf(tags, chosen, { t }, set) {
  const all = [...new Set([...tags, ...chosen])];
  if (all.length === 0) return [];
  const boxes = all.map((tag) => {
    const box = h("input", { type: "checkbox", checked: chosen.includes(tag) });
    box.addEventListener("change", () => set({ tags: box.checked ? [...chosen, tag] : chosen.filter((each) => each !== tag) }));
    return h("label", { class: "st-tick" }, box, h("span", { dir: "auto" }, tag));
  });
  return [h("fieldset", { class: "st-retrieval-scope" }, h("legend", {}, t("ui.retrieval_scope")), ...boxes)];
}

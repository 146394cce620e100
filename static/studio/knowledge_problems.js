// What is wrong with what the agent knows, and a button for what would mend it: what the builder tells, as it is now.

import { h } from "../chat/dom.js";
import { button, keepingTyped } from "./widgets.js";

/** What stands beside the file itself, where the files are shown. */
const AT_FILE = ["unread", "missing"];

/** A part that is there as long as something is wrong; `withFiles`: whether the files are shown beside it. */
export function knowledgeProblems(session, known, { withFiles }) {
  const part = h("details", { class: "st-known-problems", open: withFiles });
  const draw = () => {
    const { t, count } = session.strings;
    const problems = known.problems.filter(({ kind }) => !withFiles || !AT_FILE.includes(kind));
    part.hidden = problems.length === 0;
    const rows = problems.map((problem) => h("li", { "data-kind": problem.kind }, h("p", { dir: "auto" }, session.strings.of(problem.text)), problem.fix && mending(problem.fix, session, known)));
    keepingTyped(part, () => part.replaceChildren(h("summary", {}, t("ui.known_problems", { count: count(problems.length) })), h("ul", {}, ...rows)));
  };
  known.on("problems", draw);
  session.on("language", draw);
  draw();
  return part;
}

function mending({ text, retry, remove, retrieval }, session, known) {
  const mend = () => {
    if (retry) return known.retry({ id: retry });
    if (remove) return known.remove({ id: remove });
    return session.edit({ retrieval });
  };
  const words = session.strings.of(text);
  return button(words[0].toUpperCase() + words.slice(1), mend, { kind: "plain" });
}

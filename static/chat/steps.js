/** What an answer did on the way: thinking, tool calls, knowledge read. One closed line each, the rest a click away. */

import { placeOf } from "./citation_card.js";
import { h, icon, perFrame } from "./dom.js";

const LONGEST_SUBJECT_CHARS = 48;
const LONGEST_SHOWN_CHARS = 20_000;
const LONGEST_HIT_CHARS = 160;
const CALL_ICONS = { update_agent: "pencil", choose_tools: "check", undo_changes: "retry" };

/** A line with an icon and a title that opens. `title()` is asked again when the language changes. */
class Step {
  #strings;
  #title;
  #icon;
  #mark = h("span", { class: "af-step-mark" });

  constructor(strings, { name, title, state }) {
    this.#strings = strings;
    this.#icon = name;
    this.#title = h("span", { class: "af-step-title", dir: "auto" });
    this.body = h("div", { class: "af-step-body" });
    const line = h("summary", {}, this.#mark, this.#title, icon("chevron"));
    this.element = h("details", { class: "af-step" }, line, this.body);
    strings.bind(this.#title, () => (this.#title.textContent = title()));
    this.turnTo(state);
  }

  /** @param {"running" | "waiting" | "done" | "failed" | "stopped"} state */
  turnTo(state) {
    this.state = state;
    this.element.dataset.state = state;
    const shown = { done: this.#icon, failed: "alert", stopped: "stop", waiting: "hand" }[state];
    this.#mark.replaceChildren(shown ? icon(shown) : h("span", { class: "af-spinner" }));
    this.#strings.again(this.element);
  }

  refresh() {
    this.#strings.again(this.element);
  }
}

/** Thinking aloud, as it grows. */
export class ThoughtStep {
  #step;
  #text = "";
  #begin = performance.now();
  #seconds = 0;
  #draw = perFrame(() => (this.#step.body.firstChild.textContent = this.#text));

  constructor(strings) {
    const title = () => {
      if (this.#step?.state !== "done") return strings.text("chat.thinking");
      if (this.#seconds < 1) return strings.text("chat.thought");
      return strings.text("chat.thought_for", { duration: strings.seconds(Math.round(this.#seconds)) });
    };
    this.#step = new Step(strings, { name: "thought", title, state: "running" });
    this.#step.body.append(h("p", { class: "af-thought", dir: "auto" }));
    this.element = this.#step.element;
  }

  append(text) {
    this.#text += text;
    this.#draw();
  }

  /** Thinking is over. The time it took is told where it was seen live: a replayed one has none. */
  finish() {
    if (this.#step.state !== "running") return;
    this.#seconds = (performance.now() - this.#begin) / 1000;
    this.#draw.now();
    this.#step.turnTo("done");
  }
}

/** One call of a tool, from its first drafted argument to its result. */
export class CallStep {
  #strings;
  #step;
  #arguments;
  #drafted = "";
  #draw = perFrame(() => (this.#arguments.textContent = this.#drafted));

  /** `titleOf(name)` is what a person calls the tool. */
  constructor(strings, { name, titleOf }) {
    this.#strings = strings;
    this.call = { name, arguments: null, seconds: null, phase: "drafting" };
    const title = () => callTitle(strings, this.call, titleOf);
    this.#step = new Step(strings, { name: CALL_ICONS[name] ?? "check", title, state: "running" });
    this.#arguments = this.#section("chat.arguments", "");
    this.element = this.#step.element;
    this.element.dataset.tool = name;
  }

  /** The next piece of the arguments that a model is writing. */
  draft(text) {
    this.#drafted += text;
    this.#draw();
  }

  start(args) {
    this.call.arguments = args;
    this.call.phase = "running";
    this.#drafted = JSON.stringify(args, null, 2);
    this.#draw.now();
    this.#step.refresh();
  }

  /** How far it is: a share from 0 to 1, or null; and what the tool says of it. */
  progress({ share, text }) {
    if (this.call.phase !== "running") return;
    this.call.progress = [share === null ? "" : this.#strings.percent(share), text].filter(Boolean).join(" ");
    this.#step.refresh();
  }

  finish({ output, failed, seconds, refused = false }) {
    if (refused) return this.lift("refused");
    this.call.seconds = seconds;
    this.call.phase = failed ? "failed" : "done";
    this.#section(failed ? "chat.reason" : "chat.result", readable(output));
    this.#step.turnTo(failed ? "failed" : "done");
  }

  /** The person has to decide on it. */
  waitForPerson(args) {
    this.start(args);
    this.call.phase = "waiting";
    this.#step.turnTo("waiting");
  }

  /** It waits no more: it goes on ("running"), or the person did not allow it ("refused"). */
  lift(phase) {
    this.call.phase = phase;
    this.#step.turnTo(phase === "refused" ? "stopped" : "running");
  }

  /** The turn ended before this call did. */
  stop() {
    if (this.#step.state !== "running") return;
    this.call.phase = "stopped";
    this.#step.turnTo("stopped");
  }

  #section(key, text) {
    const pre = h("pre", { dir: "auto", tabindex: "0" }, text);
    this.#step.body.append(this.#strings.say(h("p", { class: "af-step-label" }), key), pre);
    return pre;
  }
}

/** What was searched for a message, and what was found: how many in the title, each with its score a click away. */
export function knowledgeStep(strings, data, citations) {
  if (data.engine === null || data.engine === undefined) return filesStep(strings, data.files);
  const { files, query, hits, engine, problem } = data;
  const searched = files.filter((file) => file.state === "searched");
  const title = () => {
    const found = strings.counted(hits.length, { one: "chat.passages.one", many: "chat.passages" });
    const where = { files: strings.counted(searched.length, { one: "chat.files.one", many: "chat.files" }) };
    if (!searched.length) return strings.text("chat.searched.none");
    return hits.length ? strings.text("chat.searched", { ...where, found }) : strings.text("chat.searched.nothing", where);
  };
  const step = new Step(strings, { name: "book", title, state: "done" });
  const left = files.filter((file) => file.state !== "searched");
  step.body.append(
    strings.say(h("p", { class: "af-muted", dir: "auto" }), `chat.engine.${engine}`, { query }),
    ...(hits.length ? [h("ul", { class: "af-plain af-hits" }, ...hits.map((hit) => hitLine(strings, hit, citations)))] : []),
    ...(problem ? [strings.bind(h("p", { class: "af-muted" }), (line) => (line.textContent = strings.pick(problem)))] : []),
    ...(left.length ? [fileStates(strings, left)] : []),
  );
  return step.element;
}

/** A passage that was found: its number, which opens it, its file, how well it fits, and how it begins. */
function hitLine(strings, hit, citations) {
  const score = h("span", { class: "af-hit-score" });
  strings.label(strings.bind(score, () => (score.textContent = hit.score.toFixed(2))), "chat.score");
  const name = h("span", { class: "af-hit-name", dir: "auto" }, hit.name);
  const mark = hit.number === null ? h("span", { class: "af-muted" }, "–") : citations.mark(hit.number);
  return h("li", {}, mark, name, score, placeOf(strings, hit), h("span", { class: "af-hit-text", dir: "auto" }, hit.text.slice(0, LONGEST_HIT_CHARS)));
}

/** In turns from before files were searched: which of them the model was shown, in whole or in part. */
function filesStep(strings, files) {
  const read = files.filter((file) => file.state === "whole" || file.state === "cut").map((file) => file.name);
  const title = () =>
    read.length ? strings.text("chat.knowledge", { names: strings.list(read) }) : strings.text("chat.knowledge.none");
  const step = new Step(strings, { name: "book", title, state: "done" });
  step.body.append(fileStates(strings, files));
  return step.element;
}

function fileStates(strings, files) {
  const lines = files.map((file) => {
    const state = strings.bind(h("span", { class: "af-muted" }), (line) => {
      line.textContent = file.why ? strings.pick(file.why) : strings.text(`chat.knowledge.${file.state}`);
    });
    return h("li", {}, h("span", { dir: "auto" }, file.name), state);
  });
  return h("ul", { class: "af-plain" }, ...lines);
}

/** The beginning of the conversation that the model no longer reads: while it is summarised, then what it reads instead. */
export class PastStep {
  #strings;
  #step;

  constructor(strings) {
    this.#strings = strings;
    const title = () => strings.text(this.#step?.state === "done" ? "chat.summarised" : "chat.summarising");
    this.#step = new Step(strings, { name: "book", title, state: "running" });
    this.element = this.#step.element;
  }

  finish({ text, by }) {
    const about = this.#strings.say(h("p", { class: "af-muted" }), `chat.summarised.${by}`);
    this.#step.body.replaceChildren(about, h("p", { class: "af-thought", dir: "auto" }, text));
    this.#step.turnTo("done");
  }

  stop() {
    if (this.#step.state === "running") this.#step.turnTo("stopped");
  }
}

/** Which of the agent's many tools the model had at hand. */
export class ChoiceStep {
  #step;
  #titleOf;
  #list = h("ul", { class: "af-plain" });
  #told = { tools: [], total: 0 };

  constructor(strings, titleOf) {
    this.#titleOf = titleOf;
    const title = () => strings.text("chat.tools.offered", { count: this.#told.tools.length, total: this.#told.total });
    this.#step = new Step(strings, { name: "check", title, state: "done" });
    this.#step.body.append(strings.bind(this.#list, () => this.#fill()));
    this.element = this.#step.element;
  }

  update(told) {
    this.#told = told;
    this.#fill();
    this.#step.refresh();
  }

  #fill() {
    this.#list.replaceChildren(...this.#told.tools.map((tool) => h("li", { dir: "auto" }, this.#titleOf(tool))));
  }
}

/** "Weather · Hangzhou · 0.4 s": the tool, what it was asked about, and how it went. */
function callTitle(strings, { name, arguments: args, seconds, phase, progress }, titleOf) {
  const own = strings.find(`chat.tool.${name}`);
  const parts = own ? [own] : [titleOf(name), subjectOf(args)];
  if (phase === "done" && seconds >= 0.05) parts.push(strings.seconds(seconds));
  parts.push(strings.find(`chat.call.${phase}`));
  if (phase === "running") parts.push(progress);
  return parts.filter(Boolean).join(" · ");
}

/** The first short word or number among the arguments; long texts and lists say nothing in one line. */
function subjectOf(args) {
  const short = Object.values(args ?? {}).find(
    (value) => typeof value === "number" || (typeof value === "string" && value && value.length <= LONGEST_SUBJECT_CHARS),
  );
  return short === undefined ? "" : String(short);
}

function readable(output) {
  let text = output;
  try {
    text = JSON.stringify(JSON.parse(output), null, 2);
  } catch {
    // Not JSON: shown as it is.
  }
  return text.length > LONGEST_SHOWN_CHARS ? `${text.slice(0, LONGEST_SHOWN_CHARS)}…` : text;
}

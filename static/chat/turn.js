/** One turn in the page: what a person said, and the answer that grows under it, drawn from the turn's events. */

import { actionButton, actionRow, copyAction } from "./actions.js";
import { AnswerBody } from "./answer.js";
import { ChangesView } from "./changes.js";
import { h } from "./dom.js";
import { failureCard } from "./failure.js";
import { memoryNote } from "./memory.js";
import { QuestionView } from "./message.js";

const SOUGHT_MS = 2_400;

export class TurnView {
  #context;
  #changes = null;
  #foot = h("div", { class: "af-foot" });
  #actions = actionRow();
  #answer;
  #question = null;
  /** What came in the answer. */
  body;
  /** The id of the turn at the server, null while it has none; and of the last that goes on with it after a decision. */
  id = null;
  last = null;

  /**
   * `context` is what all turns of a chat share: `{strings, artefacts, sourceOf(hit), onDecide(turn, calls), onAnswer(turn, answer),
   * onRetry(turn), teach(turn, index), revision}`, and of the page `{titleOf(tool), changeActions, undoMemory, isMemoryUndone,
   * curesFor(failure), allowsForGood}`, the last of which says whether what a tool may do can be allowed for good. `teach` is null
   * where files cannot go into what the agent knows. `revision` is null where what was said stays as it is, else `{ask(turn, text), choose(id, step)}`: asks the
   * question like this instead (null: the same again); shows another version of the turn.
   */
  constructor(context) {
    this.#context = context;
    const { strings, onDecide, onAnswer } = context;
    this.body = new AnswerBody(context, {
      onDecide: (calls) => onDecide(this, calls),
      onAnswer: (answer) => onAnswer(this, answer),
    });
    const dots = strings.label(h("span", { class: "af-dots", role: "img" }, h("i"), h("i"), h("i")), "chat.thinking");
    const who = strings.say(h("span", { class: "af-hidden" }), "chat.assistant");
    const face = h("span", { class: "af-face", "aria-hidden": "true" });
    this.#answer = h("div", { class: "af-answer", hidden: true }, face, who, this.body.element, dots, this.#foot, this.#actions);
    this.element = h("div", { class: "af-turn" }, this.#answer);
    this.message = { text: "", files: [] };
  }

  /** Shows what the person said. Files are as `userMessage` has them; this page's own carry their `blob`, to be sent again. */
  ask(message) {
    const { strings, revision, teach } = this.#context;
    this.message = message;
    this.#question = new QuestionView(strings, message, {
      onChange: revision && ((text) => revision.ask(this, text)),
      onTeach: teach && ((index) => teach(this, index)),
    });
    this.element.prepend(this.#question.element);
  }

  /** Shows a stored turn, and offers its versions where it has others. */
  show({ turn, last, asked, events }, versions) {
    this.begin(turn);
    this.begin(last);
    if (asked) this.ask(asked);
    if (versions) this.offer(versions);
    for (const [type, data] of events) this.apply(type, data);
  }

  /** Offers the other versions of the turn, by their ids; all of them in order, this one included. */
  offer(turns) {
    this.#question?.offer({ turn: this.id, turns, onChoose: this.#context.revision?.choose });
  }

  /** Brings the turn into view, with the cursor on the way to its other versions. */
  focusVersions(step) {
    this.element.scrollIntoView({ block: "nearest" });
    this.#question?.focusVersions(step);
  }

  /** Brings the turn into view from its beginning, and shows for a moment that it is the one that was looked for. */
  seek() {
    const show = () => this.element.scrollIntoView({ block: "start" });
    show();
    // What comes into sight is laid out by then, and is of another height than was guessed.
    requestAnimationFrame(() => requestAnimationFrame(show));
    this.element.dataset.sought = "";
    setTimeout(() => delete this.element.dataset.sought, SOUGHT_MS);
  }

  /** How much of the question's files has gone out, from 0 to 1. */
  uploading(part) {
    this.#question?.uploading(part);
  }

  /** The parts of the answer that are told once it is over. */
  get told() {
    return [this.body.told, this.#foot];
  }

  /** The turn goes by this id now: the first one stays its own. */
  begin(id) {
    this.id ??= id;
    this.last = id;
  }

  /** An answer is being waited for. */
  wait() {
    this.#answer.hidden = false;
    this.#answer.setAttribute("aria-busy", "true");
  }

  /** Draws one event; unknown ones mean nothing here. */
  apply(type, data) {
    const draw = DRAW[type];
    if (!draw) return;
    this.#answer.hidden = false;
    this.body.goOn();
    draw(this, data);
  }

  /** Nothing more comes. Calls without a result were stopped. */
  finish() {
    this.body.finish();
    this.#answer.removeAttribute("aria-busy");
    this.#answer.hidden = this.body.isEmpty && !this.#foot.hasChildNodes();
    this.#offerActions();
  }

  /** The message was not taken: it stays visible, with the reason under it. */
  refuse(failure) {
    this.element.dataset.unsent = "";
    this.fail(failure);
  }

  /** @param {{code: string, message: string, params?: object, incident?: string}} failure */
  fail(failure) {
    this.finish();
    this.#answer.hidden = false;
    const { strings, curesFor, onRetry } = this.#context;
    this.#foot.append(failureCard(strings, failure, { curesFor, onRetry: () => onRetry(this) }));
    this.#offerActions();
  }

  /** A file of the question is being read. */
  readFile({ name, share }) {
    this.#question?.reading(name, { state: "reading", share });
  }

  /** What was searched for the question, and what was found. */
  know(data) {
    for (const { name, state, why } of data.files ?? []) this.#question?.reading(name, state === "failed" && why ? { state, why } : null);
    this.body.know(data);
  }

  /** Something was noted of the person, or struck out. */
  remember(data) {
    const { strings, undoMemory, isMemoryUndone } = this.#context;
    this.#foot.append(memoryNote(strings, data, undoMemory, isMemoryUndone));
  }

  change(data) {
    if (!this.#changes) {
      this.#changes = new ChangesView(this.#context.strings, this.#context.titleOf, this.#context.changeActions);
      this.#foot.append(this.#changes.element);
    }
    this.#changes.add(data);
  }

  /** The person has decided: the turn goes on. */
  decided() {
    this.body.decided();
  }

  /** The conversation went on without a decision. */
  letGo() {
    this.body.letGo();
  }

  /** The turn is over. How it ended is told where it did not simply answer, and where there is no answer to see. */
  end(stop = "answered") {
    this.finish();
    if (this.#context.strings.find(`chat.stop.${stop}`)) this.#note(`chat.stop.${stop}`);
    else if (!this.#foot.hasChildNodes() && this.body.isBlank) this.#note("chat.said_nothing");
  }

  /** What can be done with an answer that is over. One that failed has its own way to be asked for again. */
  #offerActions() {
    if (this.#answer.hidden) return;
    const { strings, revision } = this.#context;
    const { source } = this.body;
    const again = revision && this.#question && !this.#foot.querySelector(".af-failure");
    this.#actions.replaceChildren(
      ...(source ? [copyAction(strings, "chat.copy_answer", () => source)] : []),
      ...(again ? [actionButton(strings, "retry", "chat.answer_again", () => revision.ask(this, null))] : []),
    );
  }

  #note(key) {
    this.#answer.hidden = false;
    this.#foot.prepend(this.#context.strings.say(h("p", { class: "af-note" }), key));
    this.#offerActions();
  }
}

/** How each event of `user_agent/events.py` and `builder_core/events.py` is drawn; `file` and `decided` come from stored ones only. */
const DRAW = {
  text_delta: (turn, { text }) => turn.body.write(text),
  reasoning_delta: (turn, { text }) => turn.body.think(text),
  tool_drafting: (turn, data) => turn.body.call(data).draft(data.arguments_text),
  tool_started: (turn, data) => turn.body.call(data).start(data.arguments),
  tool_progress: (turn, data) => turn.body.progress(data),
  question_asked: (turn, data) => turn.body.askPerson(data),
  question_closed: (turn, data) => turn.body.closeQuestion(data),
  tool_finished: (turn, data) => turn.body.done(data),
  model_waiting: (turn, data) => turn.body.askAgain(data),
  file_reading: (turn, data) => turn.readFile(data),
  history_summarising: (turn) => turn.body.past,
  history_summarised: (turn, data) => turn.body.past.finish(data),
  knowledge_used: (turn, data) => turn.know(data),
  tools_offered: (turn, data) => turn.body.choose(data),
  input_needed: (turn, { calls }) => turn.body.askFor(calls),
  decided: (turn) => turn.decided(),
  memory_changed: (turn, data) => turn.remember(data),
  config_changed: (turn, data) => turn.change(data),
  file: (turn, file) => turn.body.attach([file]),
  run_finished: (turn, { stop }) => turn.end(stop),
  run_failed: (turn, data) => turn.fail(data),
};

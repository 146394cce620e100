/** One turn in the page: what a person said, and the answer that grows under it, drawn from the turn's events. */

import { actionButton, actionRow, copyAction } from "./actions.js";
import { Shown } from "./artefacts.js";
import { ChangesView } from "./changes.js";
import { Citations } from "./citations.js";
import { waitingCard } from "./decisions.js";
import { h } from "./dom.js";
import { failureCard } from "./failure.js";
import { MarkdownView } from "./markdown.js";
import { memoryNote } from "./memory.js";
import { QuestionView, fileList } from "./message.js";
import { Questions } from "./questions.js";
import { CallStep, ChoiceStep, PastStep, ThoughtStep, knowledgeStep } from "./steps.js";

const SOUGHT_MS = 2_400;

export class TurnView {
  #context;
  #open = null;
  #calls = new Map();
  #changes = null;
  #choice = null;
  #past = null;
  #asking = null;
  #shown;
  #citations;
  /** What was searched for the question; null where nothing was. */
  #searched = null;
  #body = h("div", { class: "af-body" });
  #foot = h("div", { class: "af-foot" });
  #actions = actionRow();
  #answer;
  #question = null;
  /** What was written, text by text, as Markdown. */
  #written = [];
  /** The cards of the calls that wait for the person, by the calls' ids. */
  #waiting = new Map();
  /** What is asked while a call is open. */
  #questions = new Questions();
  /** How many parts of the answer were told before the person decided. */
  #toldBefore = 0;
  /** The id of the turn at the server, null while it has none; and of the last that goes on with it after a decision. */
  id = null;
  last = null;

  /**
   * `context` is what all turns of a chat share: `{strings, artefacts, sourceOf(hit), titleOf(tool), onDecide(turn, calls),
   * onAnswer(turn, answer), onRetry(turn), curesFor(failure), teach(turn, index), revision}`. `teach` is null where files
   * cannot go into what the agent knows. `revision` is null where what was said stays as it is, else `{ask(turn, text), choose(id, step)}`: asks the
   * question like this instead (null: the same again); shows another version of the turn.
   */
  constructor(context) {
    this.#context = context;
    this.#shown = new Shown(context.artefacts);
    this.#citations = new Citations(context.strings, context.sourceOf);
    const { strings } = context;
    const dots = strings.label(h("span", { class: "af-dots", role: "img" }, h("i"), h("i"), h("i")), "chat.thinking");
    const who = strings.say(h("span", { class: "af-hidden" }), "chat.assistant");
    const face = h("span", { class: "af-face", "aria-hidden": "true" });
    this.#answer = h("div", { class: "af-answer", hidden: true }, face, who, this.#body, dots, this.#foot, this.#actions);
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
    const range = new Range();
    range.selectNodeContents(this.#body);
    range.setStart(this.#body, Math.min(this.#toldBefore, this.#body.childNodes.length));
    return [range.cloneContents(), this.#foot];
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
    this.#asking?.remove();
    draw(this, data);
  }

  /** Nothing more comes. Calls without a result were stopped. */
  finish() {
    this.#close();
    for (const call of this.#calls.values()) call.stop();
    this.#past?.stop();
    this.#questions.end();
    this.#answer.removeAttribute("aria-busy");
    this.#answer.hidden = !this.#body.hasChildNodes() && !this.#foot.hasChildNodes();
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

  think(text) {
    this.#grow(ThoughtStep).append(text);
  }

  write(text) {
    const view = this.#grow(MarkdownView);
    if (this.#written.at(-1)?.view !== view) this.#written.push({ view, text: "" });
    this.#written.at(-1).text += text;
    view.append(text);
  }

  call({ id, name }) {
    if (!this.#calls.has(id)) {
      this.#close();
      const step = new CallStep(this.#context.strings, { name, titleOf: this.#context.titleOf });
      this.#calls.set(id, step);
      this.#body.append(step.element);
    }
    return this.#calls.get(id);
  }

  /** How far a call is that was begun here. */
  progress(data) {
    this.#calls.get(data.id)?.progress(data);
  }

  /** A call is over; what it made for the person stands right under it. */
  done(data) {
    this.call(data).finish(data);
    this.#citations.add(data.sources ?? []);
    if (!data.files?.length && !data.tables?.length) return;
    this.#close();
    this.#body.append(...this.#shown.add(data));
  }

  /** The model failed in a way that passes, and is asked again in a moment: told until something comes. */
  askAgain({ seconds, code }) {
    const { strings } = this.#context;
    this.#asking = strings.bind(h("p", { class: "af-note", role: "status" }), (element) => {
      const duration = { duration: strings.seconds(seconds) };
      element.textContent = strings.find(`chat.asking_again.${code}`, duration) ?? strings.text("chat.asking_again", duration);
    });
    this.#body.append(this.#asking);
  }

  /** A file of the question is being read. */
  readFile({ name, share }) {
    this.#question?.reading(name, { state: "reading", share });
  }

  /** What was searched for the question, and what was found. */
  know(data) {
    this.#close();
    for (const { name, state, why } of data.files ?? []) this.#question?.reading(name, state === "failed" && why ? { state, why } : null);
    this.#citations.add(data.hits ?? []);
    // A turn that goes on after a decision was searched for the same question again.
    if (this.#searched !== null && this.#searched === data.query) return;
    this.#searched = data.query ?? null;
    this.#body.append(knowledgeStep(this.#context.strings, data, this.#citations));
  }

  /** The beginning of the conversation, which no longer fits and is summarised. */
  get past() {
    if (!this.#past) {
      this.#close();
      this.#past = new PastStep(this.#context.strings);
      this.#body.append(this.#past.element);
    }
    return this.#past;
  }

  /** Which tools the model has at hand: told once, and then kept up with what it finds. */
  choose(data) {
    if (this.#choice) return this.#choice.update(data);
    this.#close();
    this.#choice = new ChoiceStep(this.#context.strings, this.#context.titleOf);
    this.#choice.update(data);
    this.#body.append(this.#choice.element);
  }

  attach(files) {
    this.#close();
    this.#body.append(fileList(this.#context.strings, files));
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

  /** These calls wait for the person. */
  askFor(calls) {
    const { strings, titleOf, onDecide, allowsForGood } = this.#context;
    this.#close();
    for (const call of calls) {
      this.call(call).waitForPerson(call.arguments);
      const card = waitingCard(strings, call, { titleOf, allowsForGood, onDecide: (choice) => onDecide(this, { [call.id]: choice }) });
      this.#waiting.set(call.id, card);
      this.#body.append(card);
    }
  }

  /** The server that a call runs at asks the person something; the call is open meanwhile. */
  askPerson(data) {
    this.#close();
    const { strings, onAnswer } = this.#context;
    this.#body.append(this.#questions.ask(strings, data, (answer) => onAnswer(this, answer)));
  }

  closeQuestion(data) {
    this.#questions.close(data);
  }

  /** The person has decided: the turn goes on, and says anew which calls wait on. */
  decided() {
    this.#lift("running");
    this.#toldBefore = this.#body.childNodes.length;
  }

  /** The conversation went on without a decision: what waits is not made. */
  letGo() {
    this.#lift("refused");
  }

  #lift(phase) {
    for (const [id, card] of this.#waiting) {
      card.remove();
      this.#calls.get(id).lift(phase);
    }
    this.#waiting.clear();
  }

  /** The turn is over. How it ended is told where it did not simply answer, and where there is no answer to see. */
  end(stop = "answered") {
    this.finish();
    if (this.#context.strings.find(`chat.stop.${stop}`)) this.#note(`chat.stop.${stop}`);
    else if (this.#isSilent) this.#note("chat.said_nothing");
  }

  /** What can be done with an answer that is over. One that failed has its own way to be asked for again. */
  #offerActions() {
    if (this.#answer.hidden) return;
    const { strings, revision } = this.#context;
    const source = this.#written.map(({ text }) => text.trim()).filter(Boolean).join("\n\n");
    const again = revision && this.#question && !this.#foot.querySelector(".af-failure");
    this.#actions.replaceChildren(
      ...(source ? [copyAction(strings, "chat.copy_answer", () => source)] : []),
      ...(again ? [actionButton(strings, "retry", "chat.answer_again", () => revision.ask(this, null))] : []),
    );
  }

  /** Nothing was said, done or told. A model may also have written nothing but spaces. */
  get #isSilent() {
    const isBlank = (part) => part.matches(".af-text") && !part.hasChildNodes();
    return !this.#foot.hasChildNodes() && [...this.#body.children].every(isBlank);
  }

  #note(key) {
    this.#answer.hidden = false;
    this.#foot.prepend(this.#context.strings.say(h("p", { class: "af-note" }), key));
    this.#offerActions();
  }

  /** The text or thought that is growing; a new one where something else came between. */
  #grow(Kind) {
    if (!(this.#open instanceof Kind)) {
      this.#close();
      this.#open = new Kind(this.#context.strings, { pictureOf: this.#shown.meant, citations: this.#citations });
      this.#body.append(this.#open.element);
    }
    return this.#open;
  }

  #close() {
    this.#open?.finish();
    this.#open = null;
  }
}

/** How each event of `user_agent/events.py` and `builder_core/events.py` is drawn; `file` and `decided` come from stored ones only. */
const DRAW = {
  text_delta: (turn, { text }) => turn.write(text),
  reasoning_delta: (turn, { text }) => turn.think(text),
  tool_drafting: (turn, data) => turn.call(data).draft(data.arguments_text),
  tool_started: (turn, data) => turn.call(data).start(data.arguments),
  tool_progress: (turn, data) => turn.progress(data),
  question_asked: (turn, data) => turn.askPerson(data),
  question_closed: (turn, data) => turn.closeQuestion(data),
  tool_finished: (turn, data) => turn.done(data),
  model_waiting: (turn, data) => turn.askAgain(data),
  file_reading: (turn, data) => turn.readFile(data),
  history_summarising: (turn) => turn.past,
  history_summarised: (turn, data) => turn.past.finish(data),
  knowledge_used: (turn, data) => turn.know(data),
  tools_offered: (turn, data) => turn.choose(data),
  input_needed: (turn, { calls }) => turn.askFor(calls),
  decided: (turn) => turn.decided(),
  memory_changed: (turn, data) => turn.remember(data),
  config_changed: (turn, data) => turn.change(data),
  file: (turn, file) => turn.attach([file]),
  run_finished: (turn, { stop }) => turn.end(stop),
  run_failed: (turn, data) => turn.fail(data),
};

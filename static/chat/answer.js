/** What comes in an answer, in order: texts and thoughts as they grow, calls with what they made, what a person is asked. */

import { Shown } from "./artefacts.js";
import { Citations } from "./citations.js";
import { waitingCard } from "./decisions.js";
import { h } from "./dom.js";
import { MarkdownView } from "./markdown.js";
import { fileList } from "./message.js";
import { Questions } from "./questions.js";
import { CallStep, ChoiceStep, PastStep, ThoughtStep, knowledgeStep } from "./steps.js";

export class AnswerBody {
  #context;
  #onDecide;
  #onAnswer;
  /** The text or thought that is growing. */
  #open = null;
  #calls = new Map();
  #choice = null;
  #past = null;
  #asking = null;
  #shown;
  #citations;
  /** What was searched for the question; null where nothing was. */
  #searched = null;
  /** What was written, text by text, as Markdown. */
  #written = [];
  /** The cards of the calls that wait for the person, by the calls' ids. */
  #waiting = new Map();
  /** What is asked while a call is open. */
  #questions = new Questions();
  /** How many parts of the answer were told before the person decided. */
  #toldBefore = 0;
  element = h("div", { class: "af-body" });

  /** `context` is that of the turn. `onDecide(calls)` and `onAnswer(answer)` take what the person says to calls that wait or ask. */
  constructor(context, { onDecide, onAnswer }) {
    this.#context = context;
    this.#onDecide = onDecide;
    this.#onAnswer = onAnswer;
    this.#shown = new Shown(context.artefacts);
    this.#citations = new Citations(context.strings, context.sourceOf);
  }

  get isEmpty() {
    return !this.element.hasChildNodes();
  }

  /** Nothing can be seen of it. A model may also have written nothing but spaces. */
  get isBlank() {
    return [...this.element.children].every((part) => part.matches(".af-text") && !part.hasChildNodes());
  }

  /** All texts in it, as the model wrote them. */
  get source() {
    return this.#written.map(({ text }) => text.trim()).filter(Boolean).join("\n\n");
  }

  /** A copy of what came since the person last decided. */
  get told() {
    const range = new Range();
    range.selectNodeContents(this.element);
    range.setStart(this.element, Math.min(this.#toldBefore, this.element.childNodes.length));
    return range.cloneContents();
  }

  /** Something comes: the model need not be asked again. */
  goOn() {
    this.#asking?.remove();
  }

  /** Nothing more comes. Calls without a result were stopped. */
  finish() {
    this.#close();
    for (const call of this.#calls.values()) call.stop();
    this.#past?.stop();
    this.#questions.end();
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
      const step = new CallStep(this.#context.strings, { name, titleOf: this.#context.titleOf });
      this.#calls.set(id, step);
      this.#add(step.element);
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
    this.#close(); // before what it made is known: the text above was written without it
    this.element.append(...this.#shown.add(data));
  }

  /** The model failed in a way that passes, and is asked again in a moment: told until something comes. */
  askAgain({ seconds, code }) {
    const { strings } = this.#context;
    this.#asking = strings.bind(h("p", { class: "af-note", role: "status" }), (element) => {
      const duration = { duration: strings.seconds(seconds) };
      element.textContent = strings.find(`chat.asking_again.${code}`, duration) ?? strings.text("chat.asking_again", duration);
    });
    this.element.append(this.#asking);
  }

  /** What was searched for the question, and what was found. */
  know(data) {
    this.#close();
    this.#citations.add(data.hits ?? []);
    // A turn that goes on after a decision was searched for the same question again.
    if (this.#searched !== null && this.#searched === data.query) return;
    this.#searched = data.query ?? null;
    this.#add(knowledgeStep(this.#context.strings, data, this.#citations));
  }

  /** The beginning of the conversation, which no longer fits and is summarised. */
  get past() {
    if (!this.#past) {
      this.#past = new PastStep(this.#context.strings);
      this.#add(this.#past.element);
    }
    return this.#past;
  }

  /** Which tools the model has at hand: told once, and then kept up with what it finds. */
  choose(data) {
    if (this.#choice) return this.#choice.update(data);
    this.#choice = new ChoiceStep(this.#context.strings, this.#context.titleOf);
    this.#choice.update(data);
    this.#add(this.#choice.element);
  }

  attach(files) {
    this.#add(fileList(this.#context.strings, files));
  }

  /** These calls wait for the person. */
  askFor(calls) {
    const { strings, titleOf, allowsForGood } = this.#context;
    for (const call of calls) {
      this.call(call).waitForPerson(call.arguments);
      const card = waitingCard(strings, call, { titleOf, allowsForGood, onDecide: (choice) => this.#onDecide({ [call.id]: choice }) });
      this.#waiting.set(call.id, card);
      this.#add(card);
    }
  }

  /** The server that a call runs at asks the person something; the call is open meanwhile. */
  askPerson(data) {
    this.#add(this.#questions.ask(this.#context.strings, data, this.#onAnswer));
  }

  closeQuestion(data) {
    this.#questions.close(data);
  }

  /** The person has decided: the turn goes on, and says anew which calls wait on. */
  decided() {
    this.#lift("running");
    this.#toldBefore = this.element.childNodes.length;
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

  /** The text or thought that is growing; a new one where something else came between. */
  #grow(Kind) {
    if (!(this.#open instanceof Kind)) {
      this.#close();
      this.#open = new Kind(this.#context.strings, { pictureOf: this.#shown.meant, citations: this.#citations });
      this.element.append(this.#open.element);
    }
    return this.#open;
  }

  /** Puts parts at the end: what was growing there is whole. */
  #add(...parts) {
    this.#close();
    this.element.append(...parts);
  }

  #close() {
    this.#open?.finish();
    this.#open = null;
  }
}

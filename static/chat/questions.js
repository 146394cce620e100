/** What an MCP server asks the person during a call: who asks, a form or a page to go to, and the ways out of it. */

import { h, icon } from "./dom.js";
import { sentence, told } from "./failure.js";
import { QuestionForm } from "./question_form.js";

let asked = 0;

/** The questions of one turn, by their ids. */
export class Questions {
  #open = new Map();

  /** The card of a question that is asked now. */
  ask(strings, { id, question }, onAnswer) {
    const card = new QuestionCard(strings, question, (action, content) => onAnswer({ question: id, action, content }));
    this.#open.set(id, card);
    return card.element;
  }

  close({ id, outcome }) {
    this.#open.get(id)?.close(outcome);
    this.#open.delete(id);
  }

  /** Nothing waits any more. */
  end() {
    for (const id of this.#open.keys()) this.close({ id, outcome: "over" });
  }
}

/** One question in the page. `onAnswer(action, content)` sends what the person does with it. */
class QuestionCard {
  #strings;
  #question;
  #onAnswer;
  #form;
  #problem = h("p", { class: "af-problem", role: "alert" });

  constructor(strings, question, onAnswer) {
    this.#strings = strings;
    this.#question = question;
    this.#onAnswer = onAnswer;
    this.#form = new QuestionForm(strings, question.fields);
    const id = `af_question_${(asked += 1)}`;
    const who = { asker: question.asker, host: question.host };
    this.element = h(
      "div",
      { class: "af-ask af-question", role: "group", "aria-labelledby": id },
      icon("hand"),
      h(
        "form",
        { onsubmit: (event) => this.#submit(event) },
        strings.say(h("p", { class: "af-ask-title", id, dir: "auto", role: "status" }), "chat.asks", who),
        h("blockquote", { dir: "auto" }, question.message),
        ...(question.url ? [addressOf(question.url)] : [this.#form.element]),
        strings.say(h("p", { class: "af-muted" }), question.url ? "chat.asks_page_hint" : "chat.asks_hint", who),
        this.#problem,
        h("div", { class: "af-answers" }, this.#main(), this.#other("decline"), this.#other("cancel")),
      ),
    );
  }

  /** It waits no more: one line says what became of it. */
  close(outcome) {
    const { asker, message } = this.#question;
    const line = this.#strings.say(h("p", { class: "af-note", dir: "auto" }), `chat.asked.${outcome}`, { asker, message });
    this.element.replaceWith(line);
    this.element = line;
  }

  #main() {
    const { url } = this.#question;
    if (!url) return this.#strings.say(h("button", { type: "submit", class: "af-button af-cure" }), "chat.ask.send");
    // Only this press opens it, and the page there learns nothing of where it was opened.
    const link = { class: "af-button af-cure", href: url, target: "_blank", rel: "noopener noreferrer", onclick: () => this.#answer("accept") };
    return this.#strings.say(h("a", link), "chat.ask.open", { host: new URL(url).host });
  }

  #other(action) {
    return this.#strings.say(h("button", { type: "button", class: "af-button", onclick: () => this.#answer(action) }), `chat.ask.${action}`);
  }

  #submit(event) {
    event.preventDefault();
    if (!this.#question.url && event.target.reportValidity()) this.#answer("accept", this.#form.value);
  }

  async #answer(action, content = {}) {
    this.#problem.textContent = "";
    this.#isSending(true);
    try {
      await this.#onAnswer(action, content);
    } catch (error) {
      this.#isSending(false);
      this.#problem.textContent = sentence(this.#strings, told(error));
    }
  }

  #isSending(is) {
    for (const button of this.element.querySelectorAll("button")) button.disabled = is;
  }
}

/** The whole address, with what says whose it is in bold. */
function addressOf(url) {
  const { host } = new URL(url);
  const at = url.indexOf(host);
  return h("p", { class: "af-ask-address", dir: "ltr" }, url.slice(0, at), h("b", {}, host), url.slice(at + host.length));
}

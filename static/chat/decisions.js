/** A call that waits for the person: what would be done and with what, and the answers to it. */

import { h, icon } from "./dom.js";

let asked = 0;

/**
 * The card of a call; `titleOf(tool)` is what a person calls the tool, `onDecide(choice)` hears "allow", "always" or
 * "refuse"; "always" only where whoever speaks may change the agent: `allowsForGood`.
 * @param {{name: string, arguments: object}} call
 */
export function waitingCard(strings, { name, arguments: args }, { titleOf, onDecide, allowsForGood }) {
  const id = `af_asked_${(asked += 1)}`;
  const title = strings.bind(h("p", { class: "af-ask-title", id, dir: "auto" }), (element) => {
    element.textContent = strings.text("chat.may_it", { tool: strings.find(`chat.tool.${name}`) ?? titleOf(name) });
  });
  const values = Object.entries(args).map(([field, value]) => {
    return h("li", {}, h("span", { class: "af-field-name", dir: "auto" }, field), h("span", { class: "af-ask-value", dir: "auto" }, written(value)));
  });
  const answer = (choice, kind = "") => {
    const button = { type: "button", class: `af-button ${kind}`, "data-choice": choice, onclick: () => onDecide(choice) };
    return h("button", button, strings.say(h("span"), `chat.decide.${choice}`));
  };
  return h(
    "div",
    { class: "af-ask", role: "group", "aria-labelledby": id },
    icon("hand"),
    h(
      "div",
      {},
      title,
      values.length ? h("ul", { class: "af-plain", tabindex: "0", "aria-labelledby": id }, ...values) : null,
      strings.say(h("p", { class: "af-muted" }), "chat.may_it_hint"),
      h("div", { class: "af-answers" }, answer("allow", "af-cure"), allowsForGood ? answer("always") : null, answer("refuse")),
    ),
  );
}

/** A value as it is sent: a text as it is, so that nothing in it can hide, and anything else as JSON. */
function written(value) {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

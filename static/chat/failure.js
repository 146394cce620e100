/** Failures as sentences with a cure, and the card that shows one. */

import { h, icon } from "./dom.js";
import { fieldLabel, reasonText } from "./refusal.js";

const MINUTE_MS = 60_000;

/** What went wrong, to be told in either language: the API's `code`, `message`, `params` and `incident`. */
export class Failure extends Error {
  constructor({ code, message, params = {}, incident = "", status = 0, unsure = false, clashes = null }, options) {
    super(message, options);
    this.code = code;
    this.params = params;
    this.incident = incident || params.incident || "";
    this.status = status;
    /** The server may have taken the message all the same. */
    this.unsure = unsure;
    /** Of a conflict: the fields with what was wanted and what is stored. */
    this.clashes = clashes;
  }

  /** Whether trying again soon may succeed: no connection, the server's own trouble, or others listening just now. */
  get passing() {
    return this.status === 0 || this.status >= 500 || this.params.fault === "streams";
  }
}

/** The failure that a response tells; its status where it tells nothing readable (a proxy's page of HTML). */
export async function failureOf(response) {
  const status = response.status;
  const told = await response.json().catch(() => null);
  if (typeof told?.code === "string") {
    const { field, reason, reasons, ...rest } = told;
    const params = { ...(field && { field }), ...(reason && { reason }), ...told.params, ...(reasons && { reason: reasons }) };
    return new Failure({ ...rest, params, status });
  }
  return new Failure({ code: "unexpected_answer", message: `HTTP ${status}`, params: { status }, status });
}

/** Any error as a failure that can be shown. */
export function told(error) {
  if (error instanceof Failure) return error;
  console.error(error);
  return new Failure({ code: "internal", message: String(error?.message ?? error) }, { cause: error });
}

/**
 * The sentence for a failure, and what a model's endpoint said of it; the server's own English where there is no
 * translation. `titleOf(id)`: a tool's name.
 */
export function sentence(strings, { code, message, params = {} }, titleOf) {
  const { field, reason, ...rest } = params;
  const told = { ...rest, ...(field && { field: fieldLabel(strings, field, titleOf) }), ...(reason && { reason: reasonText(strings, reason) }) };
  const found = strings.find(`error.${code}.${rest.fault}`, told) ?? laterSentence(strings, code, rest) ?? strings.find(`error.${code}`, told);
  if (!found) return message || strings.text("error.internal");
  return rest.detail ? `${found} ${strings.text("chat.endpoint_says", told)}` : found;
}

/** When it goes on, by the clock, where that is longer than anybody counts seconds; with the day if it is not today. */
function laterSentence(strings, code, { seconds }) {
  if (code !== "limit_reached" || !(seconds > 120)) return undefined;
  const moment = new Date(Math.ceil((Date.now() + seconds * 1_000) / MINUTE_MS) * MINUTE_MS);
  const isToday = moment.toDateString() === new Date().toDateString();
  const time = moment.toLocaleString(strings.language, { ...(!isToday && { weekday: "long" }), hour: "2-digit", minute: "2-digit" });
  return strings.find("error.limit_reached.later", { time });
}

/**
 * What the page that the chat is on offers against a failure: `label` is on the button, `name` says also where it leads.
 * @typedef {{label: string, name: string, run: () => void}} Cure
 */

/** A card with the sentence, the incident's id, ways to its cure and one to try again. `curesFor(failure)` gives `Cure`s. */
export function failureCard(strings, failure, { onRetry, curesFor }) {
  const incident = failure.incident
    ? strings.say(h("p", { class: "af-incident" }), "chat.incident", { incident: failure.incident })
    : null;
  const words = strings.bind(h("p", { dir: "auto" }), (element) => {
    element.textContent = sentence(strings, failure);
  });
  const retry = h(
    "button",
    { type: "button", class: "af-button", onclick: onRetry },
    icon("retry"),
    strings.say(h("span"), "chat.try_again"),
  );
  const ways = h("div", { class: "af-ways" }, retry);
  const buttons = [];
  // The buttons stay the same ones: whoever comes back from where one led has the cursor on it.
  strings.bind(ways, () => {
    const cures = curesFor(failure);
    for (const gone of buttons.splice(cures.length)) gone.remove();
    for (const [place, { label, name, run }] of cures.entries()) {
      if (!buttons[place]) retry.before((buttons[place] = h("button", { type: "button", class: "af-button af-cure" })));
      buttons[place].textContent = label;
      buttons[place].setAttribute("aria-label", name);
      buttons[place].onclick = run;
    }
  });
  return h("div", { class: "af-failure", role: "alert" }, icon("alert"), h("div", {}, words, incident, ways));
}

/** Brings the card in `part` into view, wherever one reads. */
export function showFailure(part) {
  part.querySelector(".af-failure")?.scrollIntoView({ block: "nearest" });
}

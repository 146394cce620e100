/** The fields of a question: each has a control of its own, and what is left empty is not sent. */

import { h } from "./dom.js";

const TYPES = { email: "email", uri: "url", date: "date", "date-time": "datetime-local", "": "text" };
const MAKERS = { text: textField, number: numberField, integer: numberField, choice: choiceField, choices: choicesField, yes_no: yesNoField };

export class QuestionForm {
  #fields;

  constructor(strings, fields) {
    this.#fields = fields.map((field) => ({ name: field.name, ...MAKERS[field.kind](field, strings) }));
    this.element = h("div", { class: "af-question-fields" }, ...this.#fields.map(({ element }) => element));
  }

  /** What is filled in, by the fields' names. */
  get value() {
    const read = this.#fields.map(({ name, read }) => [name, read()]);
    return Object.fromEntries(read.filter(([, value]) => value !== null));
  }
}

function labelled({ name, title, description, required }, control) {
  if (required && control.type !== "checkbox") control.required = true;
  const mark = required ? [h("span", { "aria-hidden": "true" }, " *")] : [];
  return h("label", {}, h("span", { dir: "auto" }, title || name, ...mark), control, ...hintOf(description));
}

function hintOf(description) {
  return description ? [h("small", { class: "af-muted", dir: "auto" }, description)] : [];
}

function textField(field) {
  const { format, least, most, default: given } = field;
  const input = h("input", { type: TYPES[format], class: "af-input", autocomplete: "off", minlength: least, maxlength: most ?? 10_000, value: given });
  const isTime = format === "date-time";
  if (isTime && given) input.value = localTime(given);
  return { element: labelled(field, input), read: () => (input.value === "" ? null : isTime ? new Date(input.value).toISOString() : input.value) };
}

/** A moment as a field for one takes it: in the person's own time, without a zone. */
function localTime(text) {
  const moment = new Date(text);
  if (Number.isNaN(moment.getTime())) return "";
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function numberField(field) {
  const { kind, least, most, default: given } = field;
  const input = h("input", { type: "number", class: "af-input", step: kind === "integer" ? 1 : "any", min: least, max: most, value: given });
  return { element: labelled(field, input), read: () => (input.value === "" ? null : input.valueAsNumber) };
}

function choiceField(field) {
  const empty = field.default === null ? [h("option", { value: "" })] : [];
  const options = field.options.map(({ value, title }, number) => h("option", { value: number, selected: value === field.default }, title));
  const select = h("select", { class: "af-input" }, ...empty, ...options);
  return { element: labelled(field, select), read: () => (select.value === "" ? null : field.options[Number(select.value)].value) };
}

function choicesField(field, strings) {
  const { name, title, description, options, least, most, required, default: given } = field;
  const boxes = options.map(({ value }) => h("input", { type: "checkbox", value, checked: given?.includes(value) }));
  const chosen = () => boxes.filter(({ checked }) => checked).map(({ value }) => value);
  const check = () => {
    const count = chosen().length;
    const isFew = count < (least ?? 0) && (required || count > 0);
    const isFine = !isFew && count <= (most ?? Infinity);
    boxes[0].setCustomValidity(isFine ? "" : strings.text("chat.ask.choose", { least: least ?? 0, most: most ?? options.length }));
  };
  for (const box of boxes) box.addEventListener("change", check);
  check();
  const rows = boxes.map((box, number) => h("label", { class: "af-tick" }, box, h("span", { dir: "auto" }, options[number].title)));
  const mark = required ? [h("span", { "aria-hidden": "true" }, " *")] : [];
  const element = h("fieldset", {}, h("legend", { dir: "auto" }, title || name, ...mark), ...hintOf(description), ...rows);
  return { element, read: () => (chosen().length > 0 || required ? chosen() : null) };
}

function yesNoField(field) {
  const { name, title, description, default: given } = field;
  const box = h("input", { type: "checkbox", checked: given === true });
  const element = h("label", { class: "af-tick" }, box, h("span", { dir: "auto" }, title || name), ...hintOf(description));
  return { element, read: () => box.checked };
}

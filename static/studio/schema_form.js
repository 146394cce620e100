// A form made of a JSON schema: what it knows has a field of its own, everything else is written as JSON.

import { h } from "../chat/dom.js";

const DEEPEST = 3;

/** What was written cannot be read; `name` is the field. */
export class Unreadable extends Error {
  constructor(name) {
    super(name);
    this.name = name;
  }
}

export class SchemaForm {
  #fields;

  /** `schema` describes an object. */
  constructor({ t }, schema) {
    const group = new Group(t, schema, 0);
    this.#fields = group;
    this.element = h("div", { class: "st-schema" }, ...group.elements);
  }

  /** The object as it is filled in; what is empty is left out. Throws `Unreadable`. */
  get value() {
    return this.#fields.read() ?? {};
  }
}

class Group {
  #parts;

  constructor(t, { properties = {}, required = [] }, depth) {
    this.#parts = Object.entries(properties).map(([name, schema]) => {
      const isObject = schema.type === "object" && Object.keys(schema.properties ?? {}).length > 0 && depth < DEEPEST;
      const part = isObject ? new Group(t, schema, depth + 1) : new Field(t, name, schema);
      return { name, part, element: isObject ? grouped(name, schema, part) : part.labelled(required.includes(name)) };
    });
    this.elements = this.#parts.map(({ element }) => element);
  }

  read() {
    const read = this.#parts.map(({ name, part }) => [name, part.read()]).filter(([, value]) => value !== undefined);
    return read.length > 0 ? Object.fromEntries(read) : undefined;
  }
}

function grouped(name, { description }, group) {
  const hint = description ? [h("p", { class: "st-hint", dir: "auto" }, description)] : [];
  return h("fieldset", {}, h("legend", {}, h("code", {}, name)), ...hint, ...group.elements);
}

class Field {
  #name;
  #schema;
  #kind;
  #input;

  constructor(t, name, schema) {
    this.#name = name;
    this.#schema = schema;
    this.#kind = kindOf(schema);
    this.#input = this.#made(t);
  }

  labelled(isRequired) {
    const { description } = this.#schema;
    const mark = isRequired ? [" ", h("span", { "aria-hidden": "true" }, "*")] : [];
    if (isRequired) this.#input.setAttribute("aria-required", "true");
    const hint = description ? [h("small", { dir: "auto" }, description)] : [];
    return h("label", {}, h("span", {}, h("code", {}, this.#name), ...mark), this.#input, ...hint);
  }

  read() {
    const { value } = this.#input;
    if (value.trim() === "") return undefined;
    if (this.#kind === "choice") return JSON.parse(value);
    if (this.#kind === "text") return value;
    // A number that is none goes as it is: the schema says what is wrong with it.
    if (this.#kind === "number") return Number.isFinite(Number(value)) ? Number(value) : value;
    try {
      return JSON.parse(value);
    } catch {
      this.#input.focus();
      throw new Unreadable(this.#name);
    }
  }

  #made(t) {
    const plain = { class: "st-input", autocomplete: "off", spellcheck: "false" };
    if (this.#kind === "choice") {
      const options = this.#schema.enum ?? [true, false];
      const told = options.map((option) => h("option", { value: JSON.stringify(option) }, String(option)));
      return h("select", { class: "st-input" }, h("option", { value: "" }, t("ui.api_try_not_given")), ...told);
    }
    if (this.#kind === "json") return h("textarea", { ...plain, rows: 2, placeholder: "JSON" });
    return h("input", { ...plain, inputmode: this.#kind === "number" ? "decimal" : null });
  }
}

function kindOf({ type, enum: options }) {
  if (Array.isArray(options)) return "choice";
  const kinds = [type].flat().filter((kind) => kind !== "null");
  if (kinds.length !== 1) return "json";
  return { string: "text", integer: "number", number: "number", boolean: "choice" }[kinds[0]] ?? "json";
}

/** Why a value was not stored, for the person who wrote it: the field by its label, the reason as a sentence. */

/** What the server says (pydantic's messages and our own), and the text that says the same; groups fill its gaps. */
const REASONS = [
  // "Value … items" is said of texts that may also be null; a list is called by its type.
  [/^(?:String|Value) should have at most (?<limit>\d+)/, "chat.why.too_long"],
  [/should have at most (?<limit>\d+) items?/, "chat.why.too_many"],
  [/should be less than or equal to (?<limit>[\d.]+)/, "chat.why.at_most"],
  [/should be greater than or equal to (?<limit>[\d.]+)/, "chat.why.at_least"],
  [/should be a valid integer/, "chat.why.whole_number"],
  [/should be a (?:valid|finite) number|not a finite number/, "chat.why.number"],
  [/number too large|exceeded maximum size/, "chat.why.number_too_large"],
  [/should be a valid string/, "chat.why.text"],
  [/should be a valid |should be an object/, "chat.why.shape"],
  [/^Input should be (?<choices>'.*')$/, "chat.why.one_of"],
  [/^broken characters$/, "chat.why.characters"],
  [/^too (?:large|deep)$/, "chat.why.too_large"],
  [/^no such file: (?<name>.*)$/s, "chat.why.no_file"],
  [/^no such model: (?<name>.*)$/s, "chat.why.no_model"],
  [/^there is no such tool$/, "chat.why.no_tool"],
  [/^it was set by hand meanwhile$/, "chat.why.overtaken"],
  [/^it is locked$/, "chat.why.locked"],
  [/^only quoted text asks for it$/, "chat.why.quoted"],
  [/^the store does not hold it$/, "chat.why.not_stored"],
  [/^a later change stands in its place$/, "chat.why.clashes"],
];

/**
 * What a person calls a field: `prompt_recommend.3` goes by its list's label, `tools.<id>` by the tool's own, and
 * `tools.<id>.policy` says so of that tool, `openapi.<api>.<operation>.policy` of that operation.
 */
export function fieldLabel(strings, field, titleOf = (tool) => tool) {
  const tool = /^tools\.([^.]+)$/.exec(field)?.[1];
  if (tool) return titleOf(tool);
  const asking = askingOf(field);
  if (asking) return strings.text("chat.field.policy", { tool: titleOf(asking) });
  const steps = field.split(".");
  const places = steps.map((_, left) => steps.slice(0, steps.length - left).join("."));
  const known = places.find((place) => strings.find(`chat.field.${place}`) !== undefined);
  return known ? strings.text(`chat.field.${known}`) : field;
}

/** What a field says that it asks before each call: the id of a tool, or the key of an API's operation; else undefined. */
export function askingOf(field) {
  const { tool, operation } = /^(?:tools\.(?<tool>.+)|(?<operation>openapi\.[\w-]+\.[\w-]+))\.policy$/s.exec(field)?.groups ?? {};
  return tool ?? operation;
}

/** The reason as a sentence: the server has it in both languages, or in words that are known here, or in its own. */
export function reasonText(strings, reason) {
  if (typeof reason === "object") return reason[strings.language];
  for (const [pattern, key] of REASONS) {
    const found = pattern.exec(reason);
    if (found) return strings.text(key, { ...found.groups });
  }
  return reason;
}

/** A stored conversation, told as the events that once made it: one way of drawing serves both. */

const DATA_EVENTS = {
  changes: "config_changed",
  failed: "run_failed",
  knowledge: "knowledge_used",
  memory: "memory_changed",
  summary: "history_summarised",
  tools: "tools_offered",
  ended: "run_finished",
  input_needed: "input_needed",
};

/**
 * The turns of a stored conversation, oldest first; last the one that is being answered (`busy`), where one is. A turn that
 * went on after a decision goes by the id of its question, and of the one it is now: `last`; `ids` are all of them.
 * @param {{messages: {id: string, turn: string, role: string, parts: object[]}[], busy: string | null}} stored
 * @param {(id: string) => string} fileUrl
 * @returns {{turn: string, last: string, ids: string[], asked: {text: string, files: object[]} | null, events: [string, object][]}[]}
 */
export function turnsOf({ messages, busy }, fileUrl) {
  const turns = [];
  for (const { turn, role, parts } of messages) {
    const isDecision = parts[0]?.kind === "decided";
    if (turns.at(-1)?.last !== turn && !(isDecision && turns.length > 0)) turns.push({ turn, last: turn, ids: [], asked: null, events: [] });
    const current = turns.at(-1);
    current.last = turn;
    current.ids.push(turn);
    if (isDecision) current.events.push(["decided", parts[0].data]);
    else if (role === "user") current.asked = askedOf(parts, fileUrl);
    else current.events.push(...parts.flatMap((part) => eventsOf(part, fileUrl)));
  }
  if (busy && turns.at(-1)?.last !== busy) turns.push({ turn: busy, last: busy, ids: [busy], asked: null, events: [] });
  return turns;
}

function askedOf(parts, fileUrl) {
  const text = parts.filter((part) => part.type === "text").map((part) => part.text);
  const files = parts.filter((part) => part.type === "file").map((part) => ({ ...part, url: fileUrl(part.file) }));
  return { text: text.join("\n"), files };
}

function eventsOf(part, fileUrl) {
  switch (part.type) {
    case "text":
      return [["text_delta", part]];
    case "reasoning":
      return [["reasoning_delta", part]];
    case "tool_call":
      return [["tool_started", part]];
    case "tool_result":
      return [["tool_finished", part]];
    case "file":
      return [["file", { ...part, url: fileUrl(part.file) }]];
    case "data":
      return part.kind in DATA_EVENTS ? [[DATA_EVENTS[part.kind], part.data]] : [];
    default:
      return [];
  }
}

/** Reading a `text/event-stream` body, as the HTML standard's "Server-sent events" section says it is written. */

/** A server beats every 15 s: after three missed beats the connection is dead, whatever the browser believes. */
const SILENCE_MS = 45_000;

/**
 * The events of a response, in order: their id ("" where none was ever given), type and parsed JSON data.
 * Ends when the body ends; throws when the connection breaks, falls silent or is aborted. An event that is cut off by
 * the end is dropped.
 * @param {Response} response
 * @returns {AsyncGenerator<{id: string, type: string, data: any}>}
 */
export async function* readEvents(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const frame = { id: "", type: "", data: [] };
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await orSilence(reader.read());
      if (done) return;
      const lines = (rest + value).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop();
      for (const line of lines) {
        if (line !== "") readLine(frame, line);
        else if (frame.data.length) {
          yield { id: frame.id, type: frame.type || "message", data: JSON.parse(frame.data.join("\n")) };
          frame.type = "";
          frame.data = [];
        }
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** One line of a frame; comments and unknown fields mean nothing. */
function readLine(frame, line) {
  const [, field, value] = /^([^:]*)(?:: ?(.*))?$/s.exec(line);
  if (field === "data") frame.data.push(value ?? "");
  else if (field === "event") frame.type = value ?? "";
  else if (field === "id") frame.id = value ?? "";
}

async function orSilence(reading) {
  let timer;
  const silence = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("the connection fell silent")), SILENCE_MS);
  });
  try {
    return await Promise.race([reading, silence]);
  } finally {
    clearTimeout(timer);
  }
}

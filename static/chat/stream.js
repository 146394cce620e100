/** One turn as a stream of events that survives lost connections. */

import { Failure, failureOf } from "./failure.js";
import { readEvents } from "./sse.js";
import { upload } from "./upload.js";

const LAST = new Set(["run_finished", "run_failed"]);
const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 8_000;

let tokenOf = () => null;

/** What everything is asked with from now on, where a page has no cookie: `token()` gives it. */
export function speakWith(token) {
  tokenOf = token;
}

/**
 * Asks the server, and gives its answer when it is a good one. Throws `Failure`: the server's own error,
 * or `connection` where there was no answer at all. With `onProgress(part)`, a form says how much of it has gone out.
 */
export async function ask(url, given = {}) {
  const token = tokenOf();
  const init = token ? { ...given, headers: { ...given.headers, Authorization: `Bearer ${token}` } } : given;
  let response;
  try {
    response = await (init.onProgress ? upload(url, init) : fetch(url, { credentials: "same-origin", ...init }));
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new Failure({ code: "connection", message: "The server could not be reached." }, { cause });
  }
  if (response.status === 401) dispatchEvent(new Event("af-signed-out")); // a page may offer to sign in again
  if (!response.ok) throw await failureOf(response);
  return response;
}

/**
 * Sends a message and gives the events of the turn that answers it. Where the connection is cut before anything came, the
 * server may have taken it or not: it is sent once more under its `key`. Throws `Failure` where it was not taken.
 * `turnUrl(id)` is where a turn lives; `onGap(true)` is called while the connection is lost, `onGap(false)` after,
 * `onProgress(part)` while files go out. Aborted by `signal`, nothing more is read; the message is on its way all the same,
 * unless `sending` is aborted.
 */
export async function* sendMessage(url, message, { turnUrl, signal, sending, onGap, onProgress }) {
  const request = { method: "POST", signal, sending, ...requestOf(message) };
  const watch = message.files.length > 0 && { onProgress };
  const options = { turn: null, turnUrl, signal, onGap };
  try {
    return yield* follow(await connect(url, { ...request, ...watch }), options);
  } catch (error) {
    if (signal.aborted || error.code !== "connection") throw error;
  }
  onProgress(1);
  await pause(FIRST_WAIT_MS, signal);
  yield* follow(await connect(url, request), options);
}

/** All events of a turn, from its first, and on until it ends. Throws `Failure` where the server does not know it. */
export async function* joinTurn(turn, { turnUrl, signal, onGap }) {
  const link = await reconnect(`${turnUrl(turn)}/events`, { seq: "", signal, onGap });
  yield* follow(link, { turn, turnUrl, signal, onGap });
}

/**
 * The events of a turn over one connection after the other. A tab that nobody looks at lets go of its connection, because
 * a browser has six for a server and all tabs share them; the turn goes on without it. A connection from before the
 * browser changed its network may be dead without anybody knowing, so another one is made. What comes after events that
 * the server has forgotten says so: `isAfterGap`.
 */
async function* follow(link, { turn, turnUrl, signal, onGap }) {
  for (let seq = ""; ; ) {
    const renew = () => turn !== null && link.controller.abort();
    const letGo = () => document.hidden && renew();
    document.addEventListener("visibilitychange", letGo);
    addEventListener("online", renew);
    try {
      for await (const event of readEvents(link.response)) {
        if (event.type === "turn_started") turn = event.data.turn;
        const isAfterGap = Number(event.id) > Number(seq) + 1;
        seq = event.id || seq;
        yield { ...event, isAfterGap };
        if (LAST.has(event.type)) return;
        letGo();
      }
    } catch (error) {
      if (signal.aborted) throw error;
    } finally {
      document.removeEventListener("visibilitychange", letGo);
      removeEventListener("online", renew);
    }
    if (turn === null) throw new Failure({ code: "connection", message: "The connection was lost.", unsure: true });
    await lookedAt(signal);
    link = await reconnect(`${turnUrl(turn)}/events`, { seq, signal, onGap });
  }
}

/** An answer whose connection can be given up alone, without ending what `signal` ends. Before it is there, only `sending` ends it. */
async function connect(url, { signal, sending = signal, ...init }) {
  const controller = new AbortController();
  const response = await ask(url, { ...init, signal: AbortSignal.any([sending, controller.signal]) });
  signal.addEventListener("abort", () => controller.abort(), { signal: controller.signal });
  if (signal.aborted) controller.abort();
  return { response, controller };
}

/** The stream of a running turn, after `seq`. Waits and tries again while the server cannot be reached or fails. */
async function reconnect(url, { seq, signal, onGap }) {
  const headers = seq === "" ? {} : { "Last-Event-ID": seq };
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
    try {
      const link = await connect(url, { headers, signal });
      onGap(false);
      return link;
    } catch (error) {
      if (signal.aborted || !(error instanceof Failure) || !error.passing) throw error;
    }
    onGap(true);
    await pause(wait, signal);
  }
}

/** Resolves when somebody looks at the tab, at once if they do. Throws when aborted. */
function lookedAt(signal) {
  return new Promise((resolve, reject) => {
    const check = () => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener("visibilitychange", check);
      signal.removeEventListener("abort", check);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    document.addEventListener("visibilitychange", check);
    signal.addEventListener("abort", check);
    check();
  });
}

/** Waits so long; less where the browser comes online again. Throws when aborted. */
function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      signal.removeEventListener("abort", end);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    const timer = setTimeout(end, ms);
    addEventListener("online", end);
    signal.addEventListener("abort", end);
  });
}

/**
 * A message as a request carries it. `insteadOf` is the turn whose place it takes, null for one at the end; one that is a
 * `decision` on calls says nothing else.
 */
function requestOf({ text, language, files, key, insteadOf = null, decision = null }) {
  const fields = decision ?? { text, language, ...(insteadOf && { instead_of: insteadOf }) };
  const headers = { "Idempotency-Key": key };
  if (!files.length) return { headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(fields) };
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  for (const file of files) form.append("files", file, file.name);
  return { headers, body: form };
}

/** Sending files while saying how far they are, which `fetch` cannot. */

/**
 * Posts a form; gives the answer as `fetch` does, as soon as it begins. `onProgress(part)` is called while it goes out,
 * from 0 to 1. Throws where there is no answer, and when aborted.
 * @param {string} url
 * @param {{body: FormData, headers: Record<string, string>, signal: AbortSignal, onProgress: (part: number) => void}} options
 * @returns {Promise<Response>}
 */
export function upload(url, { body: form, headers, signal, onProgress }) {
  signal.throwIfAborted();
  const request = new XMLHttpRequest();
  const abort = () => request.abort();
  const encoder = new TextEncoder();
  let seen = 0;
  return new Promise((resolve, reject) => {
    let out;
    const body = new ReadableStream({ start: (controller) => (out = controller), cancel: abort });
    const pass = () => {
      const { responseText } = request;
      if (responseText.length > seen) out.enqueue(encoder.encode(responseText.slice(seen)));
      seen = responseText.length;
    };
    const fail = () => {
      const error = signal.aborted ? signal.reason : new TypeError("the connection broke");
      reject(error);
      out.error(error);
    };
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(total ? loaded / total : 0));
    request.upload.addEventListener("load", () => onProgress(1));
    request.addEventListener("readystatechange", () => {
      if (request.readyState !== XMLHttpRequest.HEADERS_RECEIVED) return;
      const told = { "content-type": request.getResponseHeader("content-type") ?? "" };
      resolve(new Response(body, { status: request.status, headers: told }));
    });
    request.addEventListener("progress", pass);
    request.addEventListener("load", () => {
      pass();
      out.close();
    });
    for (const end of ["error", "abort", "timeout"]) request.addEventListener(end, fail);
    request.addEventListener("loadend", () => signal.removeEventListener("abort", abort));
    signal.addEventListener("abort", abort);
    request.open("POST", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.send(form);
  });
}

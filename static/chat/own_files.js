/** The files of messages that this page sends: seen at once, and sent again where need be. */

import { ask } from "./stream.js";

export class OwnFiles {
  #urls = [];

  /** A file as a message shows it, before the server has it. */
  show(file) {
    const url = URL.createObjectURL(file);
    this.#urls.push(url);
    return { name: file.name, media_type: file.type, size_bytes: file.size, url, blob: file };
  }

  /** The messages that showed them are gone. */
  clear() {
    for (const url of this.#urls.splice(0)) URL.revokeObjectURL(url);
  }
}

/** The bytes of a message's file, wherever they are now. Throws `Failure`. */
export async function sendable({ blob, name, media_type: type, url }) {
  return blob ?? new File([await (await ask(url)).blob()], name, { type });
}

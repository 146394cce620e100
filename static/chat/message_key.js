/** What the page calls a message towards the server: however often it is sent under this name, it is answered once. */

/** A name that no other message has. `crypto.randomUUID` would do, but only secure pages have it. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The name of the message; where it is one of `unsent` ({text, files, key}) once more, the name that it had. */
export function keyOf({ text, files }, unsent) {
  const same = (old) => old.text === text && old.files.length === files.length && files.every((file, at) => file === old.files[at].blob);
  return unsent.find(same)?.key ?? newKey();
}

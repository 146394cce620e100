/** How a stored conversation comes into the page. */

import { inSlices } from "./dom.js";

/**
 * Draws the turns of `turnsOf`, the newest first and a little at a time: a long conversation does not hold up the page.
 * `add(turn)` puts a view before all others and gives it, `follow(view, turn)` goes on with the one that is `busy`. Gives the
 * view of the turn that is `sought`; null where there is none, or where it was given up by `signal`.
 */
export async function drawTurns(turns, { busy, versions, sought, add, follow, signal }) {
  const slice = inSlices();
  let found = null;
  for (const stored of turns.toReversed()) {
    const view = add(stored);
    view.show(stored, versions[stored.turn]);
    if (stored.ids.includes(sought)) found = view;
    if (stored !== turns.at(-1)) view.letGo();
    if (stored.last !== busy) view.end();
    else {
      view.wait();
      follow(view, stored);
    }
    await slice();
    if (signal.aborted) return null;
  }
  return found;
}

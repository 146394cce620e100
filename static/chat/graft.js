/**
 * What is drawn anew in place of what is there, touching as little as can be: a text that grew by a word costs that word,
 * whatever the browser has laid out around it, and what is selected in it stays selected.
 */

/**
 * Makes the last children of `parent`, which are `old`, what `fresh` is; gives those that are there now.
 * `isSame(old, fresh)` decides about elements that are left alone or replaced with all that is in them; where it is
 * undefined they are compared within.
 * @param {Node} parent
 * @param {Node[]} old
 * @param {Node[]} fresh
 * @param {(old: Element, fresh: Element) => boolean | undefined} isSame
 */
export function graft(parent, old, fresh, isSame) {
  for (const gone of old.slice(fresh.length)) gone.remove();
  return fresh.map((node, index) => {
    const standing = old[index];
    if (!standing) parent.appendChild(node);
    else if (takesOver(standing, node, isSame)) return standing;
    else standing.replaceWith(node);
    return node;
  });
}

/** Whether `old` became what `fresh` is; where it is of another kind, it did not. */
function takesOver(old, fresh, isSame) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) return false;
  if (old.nodeType === Node.TEXT_NODE) {
    write(old, fresh.data);
    return true;
  }
  const same = isSame(old, fresh);
  if (same !== undefined) return same;
  if (!hasSameAttributes(old, fresh)) return false;
  graft(old, [...old.childNodes], [...fresh.childNodes], isSame);
  return true;
}

function write(text, data) {
  if (data.length > text.length && data.startsWith(text.data)) text.appendData(data.slice(text.length));
  else if (data !== text.data) text.data = data;
}

function hasSameAttributes(old, fresh) {
  if (old.attributes.length !== fresh.attributes.length) return false;
  return [...fresh.attributes].every(({ name, value }) => old.getAttribute(name) === value);
}

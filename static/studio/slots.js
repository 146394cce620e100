// Gradio lays the page out when it likes; whatever has `data-af` on it is filled as soon as it is there.

/** Fill every slot once, now and later: `parts` is {name: (element) => void}; `label(element)` writes a `data-t` text. */
export function fillSlots(parts, label) {
  const visit = (root) => {
    for (const slot of matching(root, "[data-af]:not([data-af-filled])")) {
      slot.dataset.afFilled = "";
      parts[slot.dataset.af](slot);
    }
    for (const element of matching(root, "[data-t]")) label(element);
  };
  visit(document.body);
  new MutationObserver((records) => {
    for (const record of records) for (const node of record.addedNodes) if (node instanceof Element) visit(node);
  }).observe(document.body, { childList: true, subtree: true });
}

function matching(root, selector) {
  const inside = [...root.querySelectorAll(selector)];
  return root.matches(selector) ? [root, ...inside] : inside;
}

/** The element that matches, as soon as it exists. */
export function present(selector) {
  return new Promise((resolve) => {
    const found = document.querySelector(selector);
    if (found) return resolve(found);
    const observer = new MutationObserver(() => {
      const element = document.querySelector(selector);
      if (!element) return;
      observer.disconnect();
      resolve(element);
    });
    observer.observe(document.documentElement, { childList: true, subtree: true });
  });
}

/** The element that matches, as soon as it can be seen. */
export async function seen(selector) {
  const element = await present(selector);
  await new Promise((resolve) => {
    // It tells the size at once, and again when what was hidden is shown.
    const observer = new ResizeObserver(([{ contentRect }]) => {
      if (contentRect.width === 0) return;
      observer.disconnect();
      resolve();
    });
    observer.observe(element);
  });
  return element;
}

// Short messages at the edge of the page: toasts, and the banner while the server does not answer.

import { h } from "../chat/dom.js";
import { button } from "./widgets.js";

const SHOWN_MS = 6_000;
const SHOWN_WITH_ACTION_MS = 12_000;
const PROBE_MS = 3_000;

export class Notices {
  #strings;
  #toasts = h("div", { class: "af st-toasts", role: "status" });
  #banner = h("div", { class: "af st-banner", role: "alert", hidden: true });

  constructor(strings) {
    this.#strings = strings;
    document.body.append(this.#banner, this.#toasts);
    // A dialog that opens or closes would take the toasts out of sight, and what they offer with them.
    new MutationObserver(() => this.#place()).observe(document.body, { subtree: true, attributeFilter: ["open"] });
  }

  /**
   * Say something; `action` {label, run} offers one thing to do about it. What was said before `about` the same thing
   * is no longer true, and goes; so does what is pressed.
   */
  tell(message, { action = null, kind = "plain", about = null } = {}) {
    const toast = h("div", { class: `st-toast st-toast-${kind}`, "data-about": about }, h("span", { dir: "auto" }, message));
    // Words of it may be selected, to be copied.
    toast.addEventListener("click", () => getSelection().isCollapsed && toast.remove());
    if (about) this.forget(about);
    if (action) {
      const run = () => {
        toast.remove();
        action.run();
      };
      toast.append(button(action.label, run, { kind: "quiet" }));
    }
    this.#place();
    this.#toasts.append(toast);
    setTimeout(() => toast.remove(), action ? SHOWN_WITH_ACTION_MS : SHOWN_MS);
  }

  /** What was said about this is no longer true. */
  forget(about) {
    for (const toast of [...this.#toasts.children]) if (toast.dataset.about === about) toast.remove();
  }

  /** Only what is inside an open modal dialog can be seen and pressed. */
  #place() {
    const place = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
    if (this.#toasts.parentElement !== place) place.append(this.#toasts);
  }

  problem(message) {
    this.tell(message, { kind: "problem" });
  }

  /** Do something; say so where it fails. Gives its result, or undefined. */
  async attempt(action) {
    try {
      return await action();
    } catch (failure) {
      this.problem(this.#strings.sentence(failure));
      return undefined;
    }
  }

  /** The server stopped or started to answer. While it does not, `probe()` is asked again and again. */
  reachable(answers, probe) {
    this.#banner.hidden = answers;
    this.#banner.textContent = this.#strings.t("ui.offline");
    if (!answers) setTimeout(async () => !(await probe()) && this.reachable(false, probe), PROBE_MS);
  }
}

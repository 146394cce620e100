// The session has ended while the page was open: signing in again, here, so that nothing typed is lost.

import { h } from "../chat/dom.js";
import { failureOf } from "../chat/failure.js";
import { button, Panel, panelHead } from "./widgets.js";

/** Opens a dialog whenever the server does not know any more who is asking. */
export function followSignIn(session) {
  const panel = new Panel("st-sign-in", (body, close) => draw(body, close, session));
  document.body.append(panel.element);
  session.on("language", () => panel.element.open && panel.redraw());
  addEventListener("af-signed-out", () => {
    if (panel.element.open) return;
    panel.open();
    panel.element.querySelector("input").focus();
  });
}

function draw(body, close, session) {
  const { t, sentence } = session.strings;
  const input = h("input", {
    type: "password", name: "token", class: "st-input", "aria-label": t("ui.sign_in_token"), placeholder: t("ui.sign_in_token"),
    autocomplete: "current-password", required: true,
  });
  const fault = h("p", { class: "st-problem", role: "alert", hidden: true });
  const submit = async (event) => {
    event.preventDefault();
    const failure = await signIn(input.value.trim());
    fault.hidden = failure === null;
    if (failure !== null) {
      fault.textContent = failure.code === "not_signed_in" ? t("ui.sign_in_wrong") : sentence(failure);
      return input.select();
    }
    close();
    input.value = "";
    return session.notices.attempt(() => goOn(session));
  };
  const go = button(t("ui.sign_in_go"), null, { kind: "main" });
  go.type = "submit";
  const form = h("form", { class: "st-secret", onsubmit: submit }, h("div", {}, input, go), fault);
  body.append(panelHead(t("ui.sign_in"), t("ui.close"), close), h("p", { class: "st-hint" }, t("ui.sign_in_hint")), form);
}

/** Trades the token for a session; gives the `Failure` where it is not taken, else null. */
async function signIn(token) {
  const address = `/?token=${encodeURIComponent(token)}`;
  const response = await fetch(address, { redirect: "manual", headers: { Accept: "application/json" } }).catch(() => Response.error());
  return response.type === "opaqueredirect" ? null : failureOf(response);
}

/** Stores what was typed meanwhile, and shows again what could not be shown. Throws `Failure`. */
async function goOn(session) {
  session.notices.tell(session.strings.t("ui.signed_in"));
  await session.edits.flush();
  await Promise.all([session.loadAgents(), session.loadModels(), session.loadTools()]);
  session.emit("again");
}

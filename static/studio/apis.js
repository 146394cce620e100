// The APIs of an agent as cards: which server, what was chosen of it, and the key it waits for.

import { h } from "../chat/dom.js";
import { ApiDialog } from "./api_dialog.js";
import { KeyFields } from "./key_fields.js";
import { hostOf } from "./on_screen.js";
import { proposal } from "./proposed.js";
import { tryOperation } from "./try_dialog.js";
import { button, keepingTyped } from "./widgets.js";

export function fillApis(slot, session) {
  slot.classList.add("st-apis");
  let known = "";
  const load = async () => {
    await session.loadApis();
    draw();
  };
  const dialog = new ApiDialog(session, load);
  const draw = () => {
    const { t } = session.strings;
    const add = button(t("ui.api_add"), () => dialog.open(), { shape: "plus" });
    const cards = session.apis.map((api) => card(api, session, { change: () => dialog.open(api), load }));
    keepingTyped(slot, () => slot.replaceChildren(...cards, h("div", { class: "st-actions" }, add)));
  };
  const look = () => {
    const state = JSON.stringify([session.agent?.id, session.agent?.config.openapi]);
    if (state === known) return;
    known = state;
    session.notices.attempt(load);
  };
  for (const topic of ["agent", "config"]) session.on(topic, look);
  for (const topic of ["language", "past"]) session.on(topic, draw);
  draw();
  look();
}

function card(api, session, { change, load }) {
  const { t } = session.strings;
  const tokens = api.operations.reduce((sum, operation) => sum + operation.tokens, 0);
  const writes = api.operations.filter(({ effect }) => effect === "writes").length;
  const facts = [
    t("ui.api_count", { count: api.operations.length, tokens }),
    t("ui.api_sends", { host: hostOf(api.server) }),
    ...(writes > 0 ? [t("ui.api_writing", { count: writes })] : []),
  ];
  const name = api.title || hostOf(api.server);
  const remove = () =>
    session.notices.attempt(async () => {
      session.adopt(await session.api.remove(`${session.path}/apis/${api.id}`), ["openapi"]);
      await load();
    });
  return h(
    "article",
    { class: "st-api", "data-row": api.id },
    h("b", { dir: "auto" }, name),
    h("small", { dir: "ltr" }, hostOf(api.server)),
    h("ul", { class: "st-facts" }, ...facts.map((fact) => h("li", {}, fact))),
    proposal(session, `openapi.${api.id}`, name),
    h("ul", { class: "st-api-names" }, ...api.operations.map((operation) => operationRow(api, operation, session))),
    ...(api.key === "missing" ? [keyForm(api, name, session, load)] : []),
    h(
      "div",
      { class: "st-actions" },
      button(t("ui.api_change"), change, { kind: "plain", name: t("ui.api_change_named", { name }) }),
      button(t("ui.remove"), remove, { kind: "quiet", name: t("ui.api_remove_named", { name }) }),
    ),
  );
}

function operationRow(api, operation, session) {
  const { name, title } = operation;
  return h("li", { class: "st-api-operation", title: title || null }, h("code", {}, name), policyOf(api, operation, session), tryButton(api, operation, session));
}

/** What is only proposed is not called, not even by hand. */
function tryButton(api, operation, session) {
  const { t } = session.strings;
  if (api.proposed) return null;
  return button(t("ui.api_try"), () => tryOperation(session, api, operation), { kind: "quiet", name: t("ui.api_try_named", { operation: operation.name }) });
}

/** Whether the agent asks before each call; nothing for an operation that only reads and was never told to ask. */
function policyOf(api, { name, effect, asks }, session) {
  const { t } = session.strings;
  if (effect !== "writes" && !asks) return null;
  const key = `openapi.${api.id}.${name}`;
  const options = ["ask", "allow"].map((policy) => h("option", { value: policy }, t(policy === "ask" ? "ui.policy.ask" : "ui.tool_allow")));
  const choose = () => session.edit({ policies: { [key]: choice.value } });
  const choice = h("select", { class: "st-input", "aria-label": t("ui.api_asks", { operation: name }), onchange: choose }, ...options);
  choice.value = asks ? "ask" : "allow";
  return h("span", { class: "st-policy" }, choice);
}

/** Where the key is entered that the API waits for. It goes to the server once and never comes back. */
function keyForm(api, name, session, load) {
  const { t } = session.strings;
  const key = new KeyFields(session.strings, api.auth.kind, api.id);
  const store = (event) => {
    event.preventDefault();
    if (key.value === "") return key.focus();
    return session.notices.attempt(async () => {
      await session.api.put(`${session.path}/apis/${api.id}/key`, { key: key.value });
      key.clear();
      session.notices.tell(t("ui.key_stored"), { about: api.id });
      await load();
    });
  };
  const save = button(t("ui.key_save"), null, { kind: "main", name: t("ui.key_save_named", { key: name }) });
  save.type = "submit";
  return h("form", { class: "st-secret st-waiting", onsubmit: store }, h("p", {}, t("ui.api_waiting")), h("div", {}, ...key.inputs, save));
}

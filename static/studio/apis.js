// The APIs of an agent as cards: which server, what was chosen of it, and the key it waits for.

import { h } from "../chat/dom.js";
import { ApiDialog } from "./api_dialog.js";
import { partOf } from "./differences.js";
import { KeyFields } from "./key_fields.js";
import { hostOf } from "./on_screen.js";
import { ordersNote } from "./orders_note.js";
import { proposal } from "./proposed.js";
import { tryOperation } from "./try_dialog.js";
import { button, keepingTyped } from "./widgets.js";

/** So many new operations are told by name. */
const MOST_NAMED = 5;

export function fillApis(slot, session) {
  slot.classList.add("st-apis");
  const load = () => session.loadApis();
  const dialog = new ApiDialog(session, load);
  const draw = () => {
    const { t } = session.strings;
    const add = button(t("ui.api_add"), () => dialog.open(), { shape: "plus" });
    const cards = session.apis.map((api) => card(api, session, { change: () => dialog.open(api), load }));
    keepingTyped(slot, () => slot.replaceChildren(...cards, h("div", { class: "st-actions" }, add)));
  };
  for (const topic of ["tools", "language", "past"]) session.on(topic, draw);
  draw();
}

function card(api, session, { change, load }) {
  const { t } = session.strings;
  const changed = api.operations.filter((operation) => isStopped(operation));
  const offered = api.operations.filter((operation) => !isStopped(operation));
  const tokens = offered.reduce((sum, operation) => sum + operation.tokens, 0);
  const writes = offered.filter(({ effect }) => effect === "writes").length;
  const facts = [
    t("ui.api_count", { count: offered.length, tokens }),
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
    ...(changed.length > 0 ? [changes(api, changed, name, session, load)] : []),
    ...(api.key === "missing" ? [keyForm(api, name, session, load)] : []),
    h(
      "div",
      { class: "st-actions" },
      button(t("ui.api_change"), change, { kind: "plain", name: t("ui.api_change_named", { name }) }),
      ...(api.source ? [button(t("ui.api_check"), () => check(api, name, session, load), { kind: "plain", name: t("ui.api_check_named", { name }) })] : []),
      button(t("ui.remove"), remove, { kind: "quiet", name: t("ui.api_remove_named", { name }) }),
    ),
  );
}

/** Whether it is not used because its description changed, or names another server by now. */
function isStopped({ changed }) {
  return changed !== null;
}

/** The description is fetched again. What changed is stopped by that, and shown; what is new is told. */
function check(api, name, session, load) {
  const { t } = session.strings;
  return session.notices.attempt(async () => {
    const answer = await session.api.post(`${session.path}/apis/${api.id}/check`, { language: session.strings.language });
    session.adopt(answer, ["openapi"]);
    await load();
    const added = answer.new.map((operation) => operation.name);
    const shown = added.slice(0, MOST_NAMED).join(t("ui.comma")) + (added.length > MOST_NAMED ? " …" : "");
    const now = session.apis.find(({ id }) => id === api.id);
    const stopped = now?.operations.filter((operation) => operation.changed).length ?? 0;
    const told = [
      stopped > 0 ? t("ui.api_checked", { name, count: stopped }) : t("ui.api_checked_same", { name }),
      ...(added.length > 0 ? [t("ui.api_checked_new", { count: added.length, names: shown })] : []),
    ];
    session.notices.tell(told.join(" "), { about: api.id });
  });
}

/** How operations are described by now, beside what was allowed; they are not used until that is allowed too. */
function changes(api, changed, name, session, load) {
  const { t } = session.strings;
  const allow = () => session.notices.attempt(async () => {
    const operations = Object.fromEntries(changed.filter((each) => each.changed.digest).map((each) => [each.name, each.changed.digest]));
    session.adopt(await session.api.put(`${session.path}/apis/${api.id}/changes`, { operations, server: api.moved_to }), ["openapi"]);
    await load();
  });
  const parts = ({ name: operation, changed: { parts: found } }) => found.flatMap((part) => (part.operation === operation ? partOf(part, t) : [h("dt", {}, h("code", {}, part.operation)), ...partOf(part, t)]));
  const moved = api.moved_to ? h("dl", {}, ...partOf({ part: "server", before: api.server, after: api.moved_to }, t)) : null;
  return h("details", { class: "st-mcp-changes", open: true },
    h("summary", {}, t("ui.mcp_changed", { count: changed.length })),
    moved,
    ...changed.filter((each) => each.changed.digest).map((each) => h("div", {},
      h("code", {}, each.name),
      each.changed.gone ? h("p", {}, t("ui.api_gone")) : h("dl", {}, ...parts(each)),
      ordersNote(each.changed.orders, session.strings),
    )),
    button(t("ui.mcp_allow"), allow, { kind: "main", name: t("ui.mcp_allow_named", { name }) }),
  );
}

function operationRow(api, operation, session) {
  const { t } = session.strings;
  const { name, title } = operation;
  const wait = api.waits.find(({ operation: waited }) => waited === name);
  const waited = wait ? h("small", {}, t("ui.api_waited", { look: wait.look })) : null;
  return h("li", { class: isStopped(operation) ? "st-api-operation st-off" : "st-api-operation", title: title || null }, h("code", {}, name), waited, policyOf(api, operation, session), tryButton(api, operation, session), ordersNote(operation.orders, session.strings));
}

/** What is only proposed is not called, not even by hand. */
function tryButton(api, operation, session) {
  const { t } = session.strings;
  if (api.proposed || isStopped(operation)) return null;
  return button(t("ui.api_try"), () => tryOperation(session, api, operation), { kind: "quiet", name: t("ui.api_try_named", { operation: operation.name }) });
}

/** Whether the agent asks before each call; nothing for an operation that only reads and was never told to ask. */
function policyOf(api, operation, session) {
  const { t } = session.strings;
  const { name, effect, asks } = operation;
  if (isStopped(operation)) return null;
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

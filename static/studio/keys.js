// The keys in the dialog of models and keys: what is waited for, what is stored, and another in the place of one.

import { h } from "../chat/dom.js";
import { secretField } from "./secret_field.js";
import { button } from "./widgets.js";

/** One key often opens several models of a provider: [{name, url, provider, models}]. */
export function keysNeeded(models) {
  const needs = new Map();
  for (const { key, needs: need, provider_name: provider } of models) {
    const entry = needs.get(need.name) ?? { ...need, provider, models: [] };
    entry.models.push(key);
    needs.set(need.name, entry);
  }
  return [...needs.values()];
}

/** A provider whose models wait for a key, with the field for it. */
export function waitingRow({ name, url, provider, models }, session, state) {
  const { t, of } = session.strings;
  const field = secretField(session, { name, url, owner: of(provider), label: t("ui.key_needed") }, state.reload);
  return h("li", {}, h("b", {}, of(provider)), h("small", {}, models.join(" · ")), field);
}

/** Whose key it is: a provider's or a tool's, or "" where nothing here asks for it any more. */
function keyOwner(name, { models: { models }, tools, strings: { of } }) {
  const model = models.find((entry) => entry.secret === name);
  const secret = tools.flatMap((tool) => tool.secrets).find((entry) => entry.name === name);
  return of(model?.provider_name ?? secret?.label ?? { en: "" });
}

/** Rows for the stored keys, and for the one that comes from elsewhere and is being replaced. */
export function keyRows(session, state) {
  const { stored, replacing } = state;
  const shown = replacing && !stored.includes(replacing) ? [...stored, replacing] : stored;
  return shown.map((name) => keyRow(name, session, state));
}

function keyRow(name, session, state) {
  const { t } = session.strings;
  // A key that came with a configuration is called by its agent's id and its place there.
  const [id, ...place] = name.split(".");
  const agent = session.agents.find((each) => each.id === id);
  const shown = agent ? place.join(".") : name;
  const owner = agent ? agent.name || t("ui.unnamed") : keyOwner(name, session);
  const isStored = state.stored.includes(name);
  const about = [owner, t(isStored ? "ui.key_hidden" : "ui.key_elsewhere")].filter(Boolean).join(" · ");
  const parts = [h("code", {}, shown), h("small", {}, about)];
  if (state.replacing === name) return h("li", { class: "st-stored" }, ...parts, replacement(name, owner, session, state));
  const replace = button(t("ui.key_replace"), () => state.replace(name), { kind: "quiet", name: t("ui.key_replace_named", { name: shown }) });
  const remove = button(t("ui.remove"), () => removed(name, session, state), { kind: "quiet", name: t("ui.key_remove", { name: shown }) });
  // What nothing here asks for cannot be entered, and what is not stored cannot be removed.
  return h("li", { class: "st-stored" }, ...parts, !agent && owner ? replace : null, isStored ? remove : null);
}

function removed(name, session, state) {
  const { api, notices, strings: { t } } = session;
  return notices.attempt(async () => {
    await api.remove(`/api/secrets/${encodeURIComponent(name)}`);
    notices.tell(t("ui.key_removed", { name }), { about: name });
    await state.reload();
  });
}

function replacement(name, owner, session, state) {
  const stored = () => {
    state.replacing = "";
    return state.reload();
  };
  return secretField(session, { name, owner, label: session.strings.t("ui.key_replaced") }, stored);
}

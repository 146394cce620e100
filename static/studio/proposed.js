// A service that the builder proposed: nothing of it is used until a person says so.

import { h } from "../chat/dom.js";
import { button } from "./widgets.js";

/**
 * What to decide about the service that `field` names, such as `openapi.<id>`; null where it is in use. One that came
 * with a version or a file has no change to take back: it is removed like any other.
 */
export function proposal(session, field, name) {
  const [top, id] = [field.slice(0, field.indexOf(".")), field.slice(field.indexOf(".") + 1)];
  if (!session.agent?.config[top]?.[id]?.proposed) return null;
  const { past, strings } = session;
  const { t } = strings;
  const changes = past.proposals(field);
  const allow = button(t("ui.service_allow"), () => past.allow(field), { kind: "main", name: t("ui.service_allow_named", { name }) });
  const discard = button(t("ui.discard"), () => past.undo(changes), { kind: "quiet", name: t("ui.discard_field", { field: name }) });
  const decide = h("div", { class: "st-actions" }, allow, changes.length > 0 ? discard : null);
  return h("div", { class: "st-service-proposed" }, h("p", {}, t("ui.service_proposed")), decide);
}

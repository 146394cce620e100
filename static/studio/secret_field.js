// Where a key is entered. It goes to the server once and never comes back.

import { h } from "../chat/dom.js";
import { button, outward } from "./widgets.js";

/**
 * A field for the key `name`, with where to get one. `label` is what stands above it; where that does not say whose key
 * it is, `owner` does. `onstored()` is called when the server has it.
 */
export function secretField(session, { name, label, owner = "", url = "" }, onstored) {
  const { t } = session.strings;
  const called = owner ? t("ui.key_of", { owner, name }) : label;
  const input = h("input", {
    type: "password", class: "st-input", placeholder: t("ui.key_placeholder"), "aria-label": called,
    autocomplete: "off", spellcheck: "false", "data-secret": name, name: `secret:${name}`,
  });
  const store = (event) => {
    event.preventDefault();
    const value = input.value.trim();
    if (value === "") return input.focus();
    return session.notices.attempt(async () => {
      await session.api.put(`/api/secrets/${encodeURIComponent(name)}`, { value });
      input.value = "";
      session.notices.tell(t("ui.key_stored"), { about: name });
      await onstored();
    });
  };
  const save = button(t("ui.key_save"), null, { kind: "main", name: t("ui.key_save_named", { key: called }) });
  save.type = "submit";
  const about = h("p", { class: "st-hint" }, label, " ", h("code", {}, name), " ", url ? outward(url, t("ui.key_where")) : "");
  return h("form", { class: "st-secret", onsubmit: store }, about, h("div", {}, input, save));
}

// Where the key of an API is entered, or its user name and password.

import { h } from "../chat/dom.js";

/** The field of a key, or those of a user name and a password. `value` is what the server stores; "" while it is not whole. */
export class KeyFields {
  constructor({ t }, kind, owner) {
    const input = (type, label, part) =>
      h("input", {
        type, class: "st-input", placeholder: label, "aria-label": label, autocomplete: "off", spellcheck: "false",
        name: `api:${owner}:${part}`,
      });
    const secret = (label) => input("password", label, "key");
    this.inputs = kind === "basic" ? [input("text", t("ui.api_user"), "user"), secret(t("ui.api_password"))] : [secret(t("ui.key_placeholder"))];
  }

  get value() {
    const values = this.inputs.map((input) => input.value.trim());
    return values[0] === "" ? "" : values.join(":");
  }

  clear() {
    for (const input of this.inputs) input.value = "";
  }

  focus() {
    this.inputs[0].focus();
  }
}

// Where the key of an API is entered, or its user name and password, or its client ID and secret.

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
    const pair = { basic: ["ui.api_user", "ui.api_password"], oauth2: ["ui.api_client_id", "ui.api_client_secret"] }[kind];
    this.inputs = pair ? [input("text", t(pair[0]), "user"), secret(t(pair[1]))] : [secret(t("ui.key_placeholder"))];
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

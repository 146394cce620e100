// Signing in to an MCP server: in a tab of its own, which tells this one when it is done (tabs.js).

import { h } from "../chat/dom.js";
import { button, outward } from "./widgets.js";

export class SignIns {
  #session;
  #redraw;
  /** What came of beginning, by the server's id. */
  #begun = new Map();

  constructor(session, redraw) {
    this.#session = session;
    this.#redraw = redraw;
  }

  /** The server answered anew: where it does not ask any more, nothing is waited for. */
  heard({ id, state }) {
    if (state !== "sign_in") this.#begun.delete(id);
  }

  /** What the card of a server shows that wants a sign-in; null for others. */
  part(server) {
    if (server.state !== "sign_in") return null;
    const { t, of } = this.#session.strings;
    const { name } = server;
    const begun = this.#begun.get(server.id);
    const begin = () => this.#session.notices.attempt(() => this.#begin(server));
    const go = button(t("ui.mcp_sign_in"), begin, { kind: "main", name: t("ui.mcp_sign_in_named", { name }) });
    return h("div", { class: "st-mcp-sign-in" },
      begun?.url ? h("p", { role: "status" }, t("ui.mcp_sign_in_waiting", { host: new URL(begun.url).host }), " ", outward(begun.url, t("ui.mcp_sign_in_open"))) : null,
      begun?.problem ? h("p", { class: "st-problem", role: "alert" }, t("ui.mcp_sign_in_failed", { why: of(begun.problem) })) : null,
      begun?.needs_client ? this.#clientForm(server, begun) : h("div", { class: "st-actions" }, go),
    );
  }

  /** Where is entered what the authorization server knows this studio as. */
  #clientForm(server, begun) {
    const { t } = this.#session.strings;
    const field = (what, type) => h("input", {
      type, class: "st-input", autocomplete: "off", spellcheck: "false", name: `mcp-client:${server.id}:${what}`,
      placeholder: t(`ui.mcp_client.${what}`), "aria-label": t(`ui.mcp_client.${what}`),
    });
    const [id, secret] = [field("id", "text"), field("secret", "password")];
    const submit = (event) => {
      event.preventDefault();
      if (id.value.trim() === "") return id.focus();
      const known = { client_id: id.value.trim(), client_secret: secret.value.trim() };
      return this.#session.notices.attempt(() => this.#begin(server, known));
    };
    const go = button(t("ui.mcp_sign_in"), null, { kind: "main", name: t("ui.mcp_sign_in_named", { name: server.name }) });
    go.type = "submit";
    return h("form", { class: "st-secret st-mcp-client", onsubmit: submit },
      h("p", {}, t("ui.mcp_client_back"), " ", h("code", { dir: "ltr" }, begun.redirect_uri)),
      h("div", {}, id, secret, go),
    );
  }

  async #begin(server, known = {}) {
    const { api, path } = this.#session;
    // At once, while the click counts: a tab that is opened after an answer is taken for an advertisement.
    const tab = window.open("", "_blank");
    try {
      const begun = await api.post(`${path}/mcp/${server.id}/sign-in`, known);
      this.#begun.set(server.id, begun);
      if (!begun.url) tab?.close();
      else if (tab) {
        tab.opener = null;
        tab.location.replace(begun.url);
      }
    } catch (failure) {
      tab?.close();
      throw failure;
    } finally {
      this.#redraw();
    }
  }
}

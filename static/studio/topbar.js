// The bar at the top: what this is, whether it is saved, in which language and light; on a phone, which half is seen.

import { h } from "../chat/dom.js";
import { button, icon, iconButton } from "./widgets.js";

/** The product's mark and name. */
export function fillBrand(slot) {
  const mark = h("img", { src: "/static/studio/mark.svg", alt: "", width: "26", height: "26" });
  slot.append(h("span", { class: "st-brand" }, mark, h("h1", {}, "AgentFabric")));
}

/** "Saved 14:03", "Saving…", or what keeps it from being saved: a field that is refused, or a failure to try again. */
export function fillSaved(slot, session) {
  const { t, field, moment, sentence } = session.strings;
  slot.setAttribute("role", "status");
  const draw = () => {
    const { kind, at, error } = session.saved;
    slot.dataset.kind = kind;
    slot.title = "";
    slot.replaceChildren();
    if (kind === "saving") slot.append(h("span", {}, t("ui.saving")));
    if (kind === "saved") drawSaved(slot, t("ui.saved", { time: moment(at) }), moment(at));
    if (kind === "refused" || kind === "failed") slot.title = sentence(error, session.toolTitle);
    if (kind === "refused") slot.append(h("span", {}, t("ui.refused", { field: field(error.params.field, session.toolTitle) })));
    if (kind === "failed") {
      const retry = () => session.edits.flush().catch(() => {});
      slot.append(h("span", {}, t("ui.not_saved")), button(t("ui.retry"), retry, { kind: "quiet" }));
    }
  };
  session.on("saved", draw);
  session.on("language", draw);
  new ResizeObserver(() => fitSaved(slot)).observe(slot);
  draw();
}

/** The whole sentence, and the time alone for a bar that has no room for more. */
function drawSaved(slot, whole, time) {
  slot.append(icon("check"), h("span", { class: "st-saved-whole" }, whole), h("span", { class: "st-saved-time", "aria-hidden": "true" }, time));
  slot.title = whole;
  fitSaved(slot);
}

function fitSaved(slot) {
  delete slot.dataset.tight;
  const whole = slot.querySelector(".st-saved-whole");
  if (whole && whole.scrollWidth > whole.clientWidth) slot.dataset.tight = "";
}

/** Two languages, one press: on a name to choose it, between them to change. */
export function fillLanguage(slot, session) {
  slot.classList.add("st-segments");
  slot.setAttribute("role", "radiogroup");
  const radios = [["zh", "中文"], ["en", "English"]].map(([value, name]) => {
    const input = h("input", { type: "radio", name: "st-language", value });
    input.addEventListener("change", () => session.setLanguage(value));
    slot.append(h("label", { lang: value }, input, h("span", {}, name)));
    return input;
  });
  slot.addEventListener("click", ({ target }) => {
    if (target === slot) session.setLanguage(session.strings.language === "zh" ? "en" : "zh");
  });
  const draw = () => {
    slot.setAttribute("aria-label", session.strings.t("ui.language"));
    for (const radio of radios) radio.checked = radio.value === session.strings.language;
  };
  session.on("language", draw);
  draw();
}

/** Light or dark: as the system says, until a person says otherwise. */
export function fillTheme(slot, session) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (localStorage.getItem("af_theme") ?? (system.matches ? "dark" : "light")) === "dark";
  const toggle = iconButton("moon", "", () => {
    localStorage.setItem("af_theme", isDark() ? "light" : "dark");
    draw();
  });
  const draw = () => {
    document.body.classList.toggle("dark", isDark());
    document.documentElement.dataset.theme = isDark() ? "dark" : "light";
    const label = session.strings.t(isDark() ? "ui.theme_light" : "ui.theme_dark");
    toggle.setAttribute("aria-label", label);
    toggle.title = label;
    toggle.replaceChildren(icon(isDark() ? "sun" : "moon"));
  };
  slot.append(toggle);
  system.addEventListener("change", draw);
  session.on("language", draw);
  draw();
}

/** On a phone the two halves of the page take turns. */
export function fillPanes(slot, session) {
  slot.classList.add("st-segments");
  slot.setAttribute("role", "tablist");
  const choose = (pane) => {
    document.body.dataset.afPane = pane;
    for (const tab of slot.children) tab.setAttribute("aria-selected", String(tab.dataset.pane === pane));
  };
  for (const [pane, shape, key] of [["build", "build", "ui.pane_build"], ["preview", "chat", "ui.pane_preview"]]) {
    const props = { type: "button", role: "tab", "data-pane": pane, onclick: () => choose(pane) };
    slot.append(h("button", props, icon(shape), h("span", { "data-t": key })));
  }
  session.on("agent", () => session.agent || choose("build"));
  choose("build");
}

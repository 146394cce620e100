// Between the Gradio form and the session. Gradio draws the fields; two hidden buttons of the page carry values and
// labels into it without a server trip (page.py), and what people type comes back as events of the browser.

import { h } from "../chat/dom.js";

const KEEP = { __type__: "update" };
const lines = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);
const number = (value) => (value === "" || value === null ? null : Number(value));
const read = (name, config) => FIELDS[name].read(config);

/** Each field of the form: what it shows of a configuration, and which configuration fields a typed value means. */
const FIELDS = {
  name: plain("name"),
  description: plain("description"),
  instruction: plain("instruction"),
  prologue: plain("prologue"),
  language: plain("language"),
  model: plain("model"),
  suggestions: {
    read: (config) => config.prompt_recommend.join("\n"),
    write: (text) => ({ prompt_recommend: lines(text) }),
  },
  temperature: generation("temperature"),
  max_tokens: generation("max_tokens"),
};

function plain(field) {
  return { read: (config) => config[field] ?? "", write: (value) => ({ [field]: value }) };
}

function generation(field) {
  return {
    read: (config) => config.generation?.[field] ?? null,
    // A null takes the value away: the model's own is used then.
    write: (value) => ({ generation: { [field]: number(value) } }),
  };
}

/** Whether a typed value is what the configuration holds already, however it is written. */
function means(name, value, config) {
  return read(name, { ...config, ...FIELDS[name].write(value) }) === read(name, config);
}

const afterTwoFrames = (check) => requestAnimationFrame(() => requestAnimationFrame(check));

/** Connects the form. The returned object is what the page's Gradio handlers call: `window.AF`. */
export function connectForm(session) {
  const shown = {};
  /** The field in which somebody is writing: what comes from elsewhere waits until they leave it. */
  let typing = "";
  const press = (id) => document.getElementById(id)?.click();
  const typed = (name, value) => {
    shown[name] = value;
    if (!means(name, value, session.config) || refusalOf(name, session)) session.edit(FIELDS[name].write(value));
  };
  /** Whether a field was emptied or filled under the hands of whoever writes in it. */
  const isLost = (name) => {
    const field = document.querySelector(`#cfg_${name} :is(textarea, input[type=number])`);
    return Boolean(field) && name in shown && field.value !== String(shown[name] ?? "");
  };

  document.addEventListener("input", ({ target }) => {
    const name = target.closest("[id^=cfg_]")?.id.slice("cfg_".length);
    if (!(name in FIELDS) || !target.matches("textarea, input[type=number]")) return;
    typing = name;
    typed(name, target.value);
    // Some frames after a tab was first opened, Gradio gives its fields once more what it held before they were drawn.
    afterTwoFrames(() => isLost(name) && refill());
  });
  const refill = () => press("af_fill");
  document.addEventListener("focusout", () => {
    if (typing) refill();
    typing = "";
  });
  let opened = session.agent?.id;
  session.on("agent", () => {
    typing = "";
    // Another agent is read from its beginning, and not from where one was with the last.
    const scroller = document.querySelector(".st-form");
    if (opened && opened !== session.agent?.id && scroller) scroller.scrollTop = 0;
    opened = session.agent?.id;
  });
  session.on("config", refill);
  session.on("language", () => {
    press("af_relabel");
    refill();
  });
  for (const topic of ["saved", "language"]) session.on(topic, () => showRefusals(session));

  return {
    edit: typed,
    /** New values for the named fields, as Gradio takes them. A field that already means this is left alone. */
    fill(names) {
      const { config } = session;
      return names.map((name) => {
        const value = read(name, config);
        if (name === typing || refusalOf(name, session) || (name in shown && means(name, shown[name], config)))
          return isLost(name) ? { ...KEEP, value: shown[name] } : KEEP;
        shown[name] = value;
        return { ...KEEP, value };
      });
    },
    /** Texts for labelled components: `specs` is a list of {property: text key}. */
    relabel: (specs) =>
      specs.map((spec) => ({
        ...KEEP,
        ...Object.fromEntries(Object.entries(spec).map(([property, key]) => [property, session.strings.t(key)])),
      })),
  };
}

/** Why what is typed in a field could not be stored, or undefined. */
function refusalOf(name, { config, edits }) {
  const [key] = Object.keys(FIELDS[name].write(read(name, config)));
  const failure = edits.refusal(key);
  return failure && (key !== "generation" || failure.params.field.endsWith(name)) ? failure : undefined;
}

/** Beside each field that could not be stored, why. */
function showRefusals(session) {
  for (const name of Object.keys(FIELDS)) {
    const block = document.getElementById(`cfg_${name}`);
    const failure = refusalOf(name, session);
    block?.querySelector(".st-refusal")?.remove();
    block?.classList.toggle("st-refused", Boolean(failure));
    if (failure) block?.append(h("p", { class: "st-refusal", role: "alert" }, session.strings.sentence(failure)));
  }
}

// What the page says, in the language of the person in front of it.

import { sentence, told } from "../chat/failure.js";
import { fieldLabel } from "../chat/refusal.js";
import { Strings as ChatStrings } from "../chat/strings.js";

const LANGUAGES = ["zh", "en"];
const REMEMBERED = "af_language";
const YEAR_S = 31_536_000;

/** The page's texts in both languages. */
export async function loadStrings() {
  const read = async (language) => (await fetch(`/i18n/${language}.json`)).json();
  return new Strings(Object.fromEntries(await Promise.all(LANGUAGES.map(async (code) => [code, await read(code)]))));
}

class Strings {
  #texts;
  #errors;

  constructor(texts) {
    this.#texts = texts;
    this.set(remembered() ?? preferred());
  }

  set(language) {
    this.language = language;
    this.#errors = new ChatStrings(language);
    document.documentElement.lang = this.#locale;
    document.cookie = `${REMEMBERED}=${language}; path=/; max-age=${YEAR_S}; samesite=lax`;
    localStorage.setItem(REMEMBERED, language);
  }

  /** The text of `key` with `{name}` filled from `params`. */
  t = (key, params = {}) => {
    const text = this.#texts[this.language][key] ?? key;
    return text.replace(/\{(\w+)\}/g, (whole, name) => params[name] ?? whole);
  };

  /** The text of `key` in both languages, for a part that changes its language itself. */
  both = (key) => Object.fromEntries(LANGUAGES.map((language) => [language, this.#texts[language][key]]));

  /** The one of two words that is in the person's language: the server sends `{zh, en}` for names of things. */
  of = (words) => words[this.language] || words.en;

  /** What went wrong and what helps, as a sentence. What the browser says of a defect of the page is for its console. */
  sentence = (error, titleOf) => {
    const failure = error instanceof Error ? told(error) : error;
    const said = sentence(this.#errors, failure, titleOf);
    return failure.incident ? this.joined([said, this.t("ui.incident", failure)]) : said;
  };

  /** Whole sentences one after the other. */
  joined = (sentences) => sentences.join(this.language === "zh" ? "" : " ");

  /** What a field of the configuration is called; a tool's tick by `titleOf(tool)`. */
  field = (field, titleOf) => fieldLabel(this.#errors, field, titleOf);

  /** "14:03" today, "12 Nov" on other days. */
  moment = (date) => {
    const today = date.toDateString() === new Date().toDateString();
    const format = today ? { hour: "2-digit", minute: "2-digit" } : { month: "short", day: "numeric" };
    return new Intl.DateTimeFormat(this.#locale, format).format(date);
  };

  /** "November 2026". */
  month = (date) => new Intl.DateTimeFormat(this.#locale, { month: "long", year: "numeric" }).format(date);

  /** "3 min ago". */
  ago = (date) => {
    const seconds = (date - Date.now()) / 1000;
    const units = [["day", 86_400], ["hour", 3_600], ["minute", 60]];
    const [unit, size] = units.find(([, length]) => -seconds >= length) ?? ["second", Infinity];
    const format = new Intl.RelativeTimeFormat(this.#locale, { numeric: "auto", style: "short" });
    return format.format(Math.round(seconds / size), unit);
  };

  /** "12,345". */
  count = (number) => new Intl.NumberFormat(this.#locale).format(number);

  /** "A, B and C"; "A, B or C" where one is enough. */
  listed = (names, { isOneEnough = false } = {}) => {
    const said = new Intl.ListFormat(this.#locale, { type: isOneEnough ? "disjunction" : "conjunction" }).format(names);
    return said.replace(/([或和])(?=[A-Za-z])/, "$1 ");
  };

  /** "55%", of 0.55. */
  share = (part) => new Intl.NumberFormat(this.#locale, { style: "percent" }).format(part);

  /** "12 KB". */
  size = (bytes) => this.#errors.size(bytes);

  /** The chat component's texts, for parts of it that the page shows by themselves. */
  get chat() {
    return this.#errors;
  }

  get #locale() {
    return this.language === "zh" ? "zh-CN" : "en-GB";
  }
}

function remembered() {
  const stored = localStorage.getItem(REMEMBERED) ?? document.cookie.match(/(?:^|; )af_language=(\w+)/)?.[1];
  return LANGUAGES.includes(stored) ? stored : null;
}

function preferred() {
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

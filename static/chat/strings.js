/** The component's texts in one language at a time, and elements that say theirs again when it changes. */

const LANGUAGES = ["zh", "en"];
const read = async (language) => (await fetch(new URL(`./i18n/${language}.json`, import.meta.url))).json();
const TEXTS = Object.fromEntries(await Promise.all(LANGUAGES.map(async (language) => [language, await read(language)])));

export class Strings {
  #renders = new WeakMap();

  /** @param {string} language "zh" or "en"; anything else is English */
  constructor(language) {
    this.language = LANGUAGES.includes(language) ? language : "en";
  }

  /** The text of `key` with its `{params}` filled in; undefined where there is no such text or a param is missing. */
  find(key, params = {}) {
    let missing = false;
    const text = TEXTS[this.language][key]?.replace(/\{(\w+)\}/g, (_, name) => {
      missing ||= !Object.hasOwn(params, name);
      return String(params[name]);
    });
    return missing ? undefined : text;
  }

  /** The text of `key`; the key itself where there is none. */
  text(key, params = {}) {
    return this.find(key, params) ?? key;
  }

  /** What a label `{zh, en}`, or a plain string, says in the current language. */
  pick(label) {
    if (label === null || label === undefined || typeof label === "string") return label ?? "";
    return label[this.language] ?? label.en ?? "";
  }

  /** A count such as "12,500". */
  number(value) {
    return new Intl.NumberFormat(this.language).format(value);
  }

  /** A count with what is counted, such as "1 file": the text of one of two keys. */
  counted(count, { one, many }) {
    return this.text(count === 1 ? one : many, { count: this.number(count) });
  }

  /** A duration such as "0.4 s". */
  seconds(value) {
    const number = new Intl.NumberFormat(this.language, { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
    return this.text("chat.seconds", { number });
  }

  /** A share from 0 to 1, such as "40%". */
  percent(share) {
    return new Intl.NumberFormat(this.language, { style: "percent" }).format(share);
  }

  /** A size such as "1.2 MB". */
  size(bytes) {
    const power = bytes < 1000 ? 0 : Math.min(3, Math.floor(Math.log10(bytes) / 3));
    const number = new Intl.NumberFormat(this.language, { maximumFractionDigits: 1 }).format(bytes / 1000 ** power);
    return `${number} ${["B", "KB", "MB", "GB"][power]}`;
  }

  /** Several names in one line. */
  list(names) {
    return names.join(this.text("chat.list_separator"));
  }

  /** Runs `render(element)` now, and again whenever `switchTo` or `again` is called while the element is in the page. */
  bind(element, render) {
    element.dataset.afSaid = "";
    this.#renders.set(element, [...(this.#renders.get(element) ?? []), render]);
    render(element);
    return element;
  }

  /** The element, saying the text of `key`. */
  say(element, key, params = {}) {
    return this.bind(element, () => {
      element.textContent = this.text(key, params);
    });
  }

  /** The element, with the text of `key` as its accessible name and tooltip. */
  label(element, key, params = {}) {
    return this.bind(element, () => {
      element.setAttribute("aria-label", this.text(key, params));
      element.title = this.text(key, params);
    });
  }

  /** Everything below `root` says its texts again. */
  again(root) {
    for (const element of root.querySelectorAll("[data-af-said]")) {
      for (const render of this.#renders.get(element) ?? []) render(element);
    }
  }

  /** Changes the language of everything below `root`. */
  switchTo(language, root) {
    this.language = LANGUAGES.includes(language) ? language : "en";
    this.again(root);
  }
}

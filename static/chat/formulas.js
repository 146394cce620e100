/**
 * Formulas in Markdown: where one begins and ends. `$…$` and `\(…\)` are within a line, `$$…$$` and `\[…\]` have lines of
 * their own. Markdown itself would eat their backslashes, stars and underscores. `formula_view.js` draws them.
 */

/** Longer ones are no formulas but something that was never closed. */
const LONGEST_CHARS = 4_000;
const PIECE = {
  // A formula does not hold another's beginning, so that a thousand of them are read once and not a thousand times.
  round: String.raw`\\\((?:[^\\]|\\[^()]){1,${LONGEST_CHARS}}?\\\)`,
  square: String.raw`\\\[(?:[^\\]|\\[^[\]]){1,${LONGEST_CHARS}}?\\\]`,
  dollars: String.raw`\$\$(?!\$)(?:[^\\$]|\\[^]|\$(?!\$)){1,${LONGEST_CHARS}}?\$\$`,
  // As Pandoc has it: no space inside next to the dollars, no digit after. Nor a letter: `$HOME/$USER`; but "the $n$th".
  dollar: String.raw`\$(?![\s$])(?:[^\\$\n]|\\[^\n]){1,${LONGEST_CHARS}}?(?<!\s)\$(?=th\b|[^\w{$]|$)`,
};
const ROUND = new RegExp(`^${PIECE.round}`);
const SQUARE = new RegExp(String.raw`^${PIECE.square}(?![(\[:])`);
const DOLLARS = new RegExp(`^${PIECE.dollars}`);
const DOLLAR = new RegExp(`^${PIECE.dollar}`);
const BLOCK = new RegExp(String.raw`^ {0,3}(${PIECE.dollars}|${PIECE.square})[ \t]*(?:\n|$)`);
const BLOCK_BEGIN = /^ {0,3}(\$\$(?!\$)|\\\[)/gm;

const MATHEMATICAL = /[\\^_={}+*<>|]/;
/** Words in a row, or Chinese, without any mathematical sign: what stands between two prices. */
const isProse = (tex) => !MATHEMATICAL.test(tex) && /\s\S*[A-Za-z]{2}|[\u2e80-\u9fff\uff00-\uffef]/.test(tex);

/** The formula's own words, without its marks. */
export const texOf = (source) => (isDisplay(source) || source.startsWith("\\") ? source.slice(2, -2) : source.slice(1, -1));
/** Whether it stands on lines of its own. */
export const isDisplay = (source) => source.startsWith("$$") || source.startsWith("\\[");

/** The formula at the beginning of an inline text, or "". `before` is the character in front of it. */
function formulaAt(source, before) {
  if (source.startsWith("\\(")) return ROUND.exec(source)?.[0] ?? "";
  // Markdown writes `\[1\]` for brackets that are no link.
  if (source.startsWith("\\[")) return found(SQUARE, source, (tex) => MATHEMATICAL.test(tex));
  if (/[\w$]/.test(before)) return ""; // US$5
  return found(source.startsWith("$$") ? DOLLARS : DOLLAR, source, (tex) => !isProse(tex));
}

function found(pattern, source, isFormula) {
  const formula = pattern.exec(source)?.[0];
  return formula && isFormula(texOf(formula)) && texOf(formula).trim() ? formula : "";
}

const escaped = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
const element = (raw) => {
  const source = raw.trim();
  return `<span class="af-formula${isDisplay(source) ? " af-display" : ""}">${escaped(source)}</span>`;
};

/** Extensions of marked. What they write is the source, as text in an element of the class `af-formula`. */
export const formulaExtensions = [
  {
    name: "formulaBlock",
    level: "block",
    // Where a paragraph is interrupted. Asked at every paragraph, so not all that follows is searched each time.
    start(source) {
      const begin = source.slice(0, LONGEST_CHARS).search(BLOCK_BEGIN);
      return begin < 0 ? undefined : begin;
    },
    tokenizer(source) {
      const match = BLOCK.exec(source);
      return match && texOf(match[1]).trim() ? { type: "formulaBlock", raw: match[0] } : undefined;
    },
    renderer: ({ raw }) => `<p>${element(raw)}</p>\n`,
  },
  {
    name: "formula",
    level: "inline",
    start(source) {
      const begin = source.search(/\$|\\[([]/);
      return begin < 0 ? undefined : begin;
    },
    tokenizer(source, before) {
      if (source[0] !== "$" && source[0] !== "\\") return undefined;
      const raw = formulaAt(source, before.at(-1)?.raw.at(-1) ?? "");
      return raw ? { type: "formula", raw } : undefined;
    },
    renderer: ({ raw }) => element(raw),
  },
  { name: "openFormula", renderer: ({ raw }) => `<p><span class="af-open-formula">${escaped(raw.trim())}</span></p>\n` },
];

/** Whether the last block of a growing text is a formula whose line may still go on: then it stands within a paragraph. */
export const mayBeInline = ({ type, raw }) => type === "openFormula" || (type === "formulaBlock" && !raw.endsWith("\n"));

/** Signs in a formula open no emphasis around it: the same text, with each formula of it as one word. */
export function withoutFormulas(text) {
  return text.replace(ANY, (formula) => "x".repeat(formula.length));
}
const ANY = new RegExp(Object.values(PIECE).join("|"), "g");

/**
 * The tokens of a text that still grows. A formula on lines of its own that is not closed yet is one token at the end:
 * its lines may look like a list, and would be drawn as one.
 */
export function growingTokens(markdown, source) {
  const tokens = markdown.lexer(source);
  const begin = openFormula(tokens);
  if (begin < 0 || source.length - begin > LONGEST_CHARS) return tokens;
  return [...markdown.lexer(source.slice(0, begin)), { type: "openFormula", raw: source.slice(begin) }];
}

function openFormula(tokens) {
  let passed = 0;
  for (const { type, raw } of tokens) {
    const begin = type === "paragraph" ? openFormulaIn(raw) : -1;
    if (begin >= 0) return passed + begin;
    passed += raw.length;
  }
  return -1;
}

function openFormulaIn(text) {
  const lastClosed = text.lastIndexOf("\\]");
  const dollars = text.split("$$").length - 1;
  const openDollars = dollars % 2 ? text.lastIndexOf("$$") : -1;
  for (const match of text.matchAll(BLOCK_BEGIN)) {
    const at = match.index + match[0].length - 2;
    if (match[1] === "$$" ? at === openDollars : at > lastClosed) return match.index;
  }
  return -1;
}

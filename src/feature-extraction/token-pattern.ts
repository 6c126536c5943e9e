import { invalidArgument, show } from "../base/errors.js";

// Python's patterns as JavaScript's: \w, \d, \s and \b mean all of Unicode there, and ASCII here.

const WORD = "\\p{L}\\p{N}_";
const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

/** One of Python's white spaces: those of JavaScript, the separators U+001C … U+001F and U+0085, without U+FEFF. */
export const WHITESPACE = `[${SPACE}]`;

/** What has no brackets around it. */
const OUTSIDE: Readonly<Record<string, string>> = {
  w: `[${WORD}]`,
  W: `[^${WORD}]`,
  d: "\\p{Nd}",
  D: "\\P{Nd}",
  s: `[${SPACE}]`,
  S: `[^${SPACE}]`,
  b: `(?:(?<=[${WORD}])(?![${WORD}])|(?<![${WORD}])(?=[${WORD}]))`,
  B: `(?:(?<=[${WORD}])(?=[${WORD}])|(?<![${WORD}])(?![${WORD}]))`,
  A: "(?<![^])",
  Z: "(?![^])",
};
/** What stands in brackets. \W and \S cannot. */
const INSIDE: Readonly<Record<string, string>> = { w: WORD, d: "\\p{Nd}", D: "\\P{Nd}", s: SPACE, b: "\\x08" };

/** The same tokens, found without looking back. */
const QUICK: Readonly<Record<string, string>> = {
  "\\b\\w\\w+\\b": `[${WORD}]{2,}`,
  "\\b\\w+\\b": `[${WORD}]+`,
};

/** Finds the tokens of a text: whole matches, or what the pattern's one group holds. */
export type Tokenizer = (text: string) => Iterable<string>;

/**
 * The tokenizer of a pattern: a string is Python's regular expression, as scikit-learn's parameters hold it; a RegExp is
 * JavaScript's.
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT for what is no pattern, and for one with several groups.
 */
export function tokenizerOf(pattern: string | RegExp, where: string): Tokenizer {
  const regExp = regExpOf(pattern, where);
  const groups = (new RegExp(`${regExp.source}|`, regExp.flags).exec("") as RegExpExecArray).length - 1;
  if (groups > 1) {
    throw invalidArgument(`${where}: tokenPattern has ${groups} groups, and may have one: write (?:…) for the others`);
  }
  if (groups === 0) return (text) => text.match(regExp) ?? [];
  return (text) => Array.from(text.matchAll(regExp), (match) => match[1] ?? "");
}

function regExpOf(pattern: string | RegExp, where: string): RegExp {
  if (pattern instanceof RegExp) return new RegExp(pattern.source, `${pattern.flags.replace(/[gy]/g, "")}g`);
  const [head = "", letters = ""] = /^\(\?([a-zA-Z]+)\)/.exec(pattern) ?? [];
  const odd = letters.split(/(?:)/).find((letter) => !"uims".includes(letter));
  if (odd !== undefined) {
    throw invalidArgument(`${where}: tokenPattern has the flag ${show(odd)}, which is not known here: give a RegExp`);
  }
  const body = pattern.slice(head.length);
  const flags = letters.replaceAll("u", "");
  try {
    return new RegExp(QUICK[body] ?? translated(body, flags), `gu${flags}`);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw invalidArgument(`${where}: tokenPattern ${show(pattern)} is no pattern: ${error.message}`);
  }
}

function translated(pattern: string, flags: string): string {
  let out = "";
  let inside = false;
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i] as string;
    if (c === "\\") {
      out += escaped(pattern[++i] ?? "", inside);
    } else if (inside) {
      inside = c !== "]";
      out += c === "[" ? "\\[" : c;
    } else if (c === "[") {
      inside = true;
      const start = /^\[\^?\]?/.exec(pattern.slice(i))?.[0] as string; // a bracket that comes first is itself
      out += start.replace("]", "\\]");
      i += start.length - 1;
    } else if (c === "." && !flags.includes("s")) {
      out += "[^\\n]";
    } else if (c === "$" && !flags.includes("m")) {
      out += "(?=\\n?(?![^]))";
    } else if (c === "(" && pattern.startsWith("(?P<", i)) {
      out += "(?<";
      i += 3;
    } else {
      out += c;
    }
  }
  return out;
}

/** What a backslash and a letter stand for. */
function escaped(c: string, inside: boolean): string {
  const meant = (inside ? INSIDE : OUTSIDE)[c];
  if (meant !== undefined) return meant;
  if (inside && "WS".includes(c)) throw new SyntaxError(`\\${c} within brackets is not known here: give a RegExp`);
  if (c === "a") return "\\x07";
  if (/[A-Za-z0-9]/.test(c)) return `\\${c}`;
  return /[\^$\\.*+?()[\]{}|/-]/.test(c) && (inside || c !== "-") ? `\\${c}` : c;
}

import { warnData } from "../base/errors.js";
import { ENGLISH_STOP_WORDS } from "./english-stop-words.js";
import { charNgrams, charWordNgrams, wordNgrams } from "./n-grams.js";
import { stripAccentsAscii, stripAccentsUnicode } from "./strip-accents.js";
import { TEXT_SPECS, type TextParams } from "./text-params.js";
import { tokenizerOf, type Tokenizer } from "./token-pattern.js";

/** A function that gives the terms of a document. */
export type Analyzer = (document: string) => Iterable<string>;

/** A document as its terms are looked for: lowercase, without accents, or what preprocessor makes of it. */
export function preprocessorOf({ preprocessor, lowercase, stripAccents }: TextParams): (document: string) => string {
  if (preprocessor !== null) return preprocessor;
  const strip =
    stripAccents === "ascii" ? stripAccentsAscii : stripAccents === "unicode" ? stripAccentsUnicode : stripAccents;
  const lower = (text: string): string => (lowercase ? text.toLowerCase() : text);
  return strip === null ? lower : (text) => strip(lower(text));
}

/** The words of a text. @throws TreelineError ERR_INVALID_ARGUMENT for a tokenPattern that is none. */
export function wordsOf({ tokenizer, tokenPattern }: TextParams, where: string): Tokenizer {
  return tokenizer ?? tokenizerOf(tokenPattern, where);
}

/** The words that are left out. */
export function stopWordsOf({ stopWords }: TextParams): ReadonlySet<string> | null {
  return stopWords === "english" ? ENGLISH_STOP_WORDS : stopWords === null ? null : new Set(stopWords);
}

/** What gives the terms of a document. @throws TreelineError ERR_INVALID_ARGUMENT */
export function analyzerOf(params: TextParams, where: string): Analyzer {
  const { analyzer, ngramRange } = params;
  if (typeof analyzer === "function") return analyzer;
  const preprocess = preprocessorOf(params);
  if (analyzer === "char") return (document) => charNgrams(preprocess(document), ngramRange);
  if (analyzer === "charWb") return (document) => charWordNgrams(preprocess(document), ngramRange);
  const tokens = wordsOf(params, where);
  const stopWords = stopWordsOf(params);
  if (stopWords === null) return (document) => wordNgrams(tokens(preprocess(document)), ngramRange);
  return (document) => {
    const kept: string[] = [];
    for (const token of tokens(preprocess(document))) if (!stopWords.has(token)) kept.push(token);
    return wordNgrams(kept, ngramRange);
  };
}

/** Tells of parameters that have no effect beside others, and of stop words that no word will ever be equal to. */
export function warnOfParams(params: TextParams, where: string): void {
  const isGiven = (name: keyof TextParams): boolean =>
    JSON.stringify(params[name]) !== JSON.stringify(TEXT_SPECS[name].default) || typeof params[name] === "function";
  const unused = (names: readonly (keyof TextParams)[], why: string): void => {
    for (const name of names.filter(isGiven)) warnData(`${where}: ${name} is not used, for ${why}`);
  };
  if (params.tokenizer !== null) unused(["tokenPattern"], "tokenizer is given");
  if (params.analyzer !== "word") unused(["stopWords", "tokenPattern", "tokenizer"], 'analyzer is not "word"');
  if (typeof params.analyzer === "function") unused(["preprocessor", "ngramRange"], "analyzer is a function");
  if (params.analyzer === "word") warnOfStopWords(params, where);
}

function warnOfStopWords(params: TextParams, where: string): void {
  const stopWords = stopWordsOf(params);
  if (stopWords === null) return;
  const preprocess = preprocessorOf(params);
  const tokens = wordsOf(params, where);
  const missing = new Set<string>();
  try {
    for (const word of stopWords) {
      for (const token of tokens(preprocess(word))) if (!stopWords.has(token)) missing.add(token);
    }
  } catch {
    return; // functions of the user's that take documents only
  }
  if (missing.size === 0) return;
  warnData(
    `${where}: stopWords do not fit the words that are looked for: they hold ${[...missing].sort().slice(0, 20).join(", ")} when they ` +
      "are read as documents are, and these are not among stopWords",
  );
}

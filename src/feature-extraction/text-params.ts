import { boolean, choice, custom, either, nullable, type ParamSpecs } from "../base/params.js";
import type { NgramRange } from "./n-grams.js";

/** What a text becomes before its terms are counted: the parameters that all text vectorizers share. */
export interface TextParams {
  /**
   * Letters lose their accents: all of them by their decomposition ("unicode"), or everything that is not ASCII then ("ascii",
   * quicker); or a function of a text. Default null: none.
   */
  stripAccents: "ascii" | "unicode" | ((text: string) => string) | null;
  /** Default true. */
  lowercase: boolean;
  /** In place of lowercase and stripAccents. Default null. */
  preprocessor: ((document: string) => string) | null;
  /** In place of tokenPattern. Default null. */
  tokenizer: ((text: string) => Iterable<string>) | null;
  /** Words to leave out: "english" (ENGLISH_STOP_WORDS) or words of yours; for analyzer "word" only. Default null: none. */
  stopWords: "english" | readonly string[] | null;
  /**
   * What a word is. A string is one of Python's regular expressions, in which \w, \d, \s and \b know all of Unicode; a RegExp is
   * JavaScript's. Where it has a group, that is the word. Default: two letters, digits or underscores, or more.
   */
  tokenPattern: string | RegExp;
  /** Terms are n-grams of least … most words or characters. Default [1, 1]. */
  ngramRange: NgramRange;
  /** n-grams of words, of characters, of characters within words; or a function that gives a document's terms. */
  analyzer: "word" | "char" | "charWb" | ((document: string) => Iterable<string>);
  /** Terms are there (1) or not, and not counted. Default false. */
  binary: boolean;
  /** The numbers of the CsrMatrix. Default "float64". */
  dtype: "float32" | "float64";
}

/** scikit-learn's pattern: words of two characters or more. */
const WORDS = "(?u)\\b\\w\\w+\\b";
const WHOLE: NgramRange = [1, 1];

function aFunction<T>(of: string): ReturnType<typeof custom<T | null>> {
  return nullable(custom<T>(null as T, `a function ${of}`, (value) => typeof value === "function", "a function"));
}

/** The rules of the shared parameters. */
export const TEXT_SPECS: ParamSpecs<TextParams> = {
  stripAccents: nullable(
    custom<NonNullable<TextParams["stripAccents"]>>(
      "unicode",
      'one of "ascii", "unicode", a function of a text',
      (value) => value === "ascii" || value === "unicode" || typeof value === "function",
      "all",
    ),
  ),
  lowercase: boolean(true),
  preprocessor: aFunction<NonNullable<TextParams["preprocessor"]>>("of a document"),
  tokenizer: aFunction<NonNullable<TextParams["tokenizer"]>>("of a text"),
  stopWords: nullable(
    custom<NonNullable<TextParams["stopWords"]>>(
      "english",
      '"english", an array of strings',
      (value) => value === "english" || (Array.isArray(value) && value.every((word) => typeof word === "string")),
      "french",
    ),
  ),
  tokenPattern: custom<TextParams["tokenPattern"]>(
    WORDS,
    "a pattern: a string or a RegExp",
    (value) => typeof value === "string" || value instanceof RegExp,
    1,
  ),
  ngramRange: custom<TextParams["ngramRange"]>(
    WHOLE,
    "two positive integers [least, most]",
    (value) =>
      Array.isArray(value) &&
      value.length === 2 &&
      value.every((n) => Number.isInteger(n) && (n as number) > 0) &&
      value[0] <= value[1],
    [2, 1],
  ),
  analyzer: either(
    choice<"word" | "char" | "charWb">("word", ["word", "char", "charWb"]),
    custom<(document: string) => Iterable<string>>(
      () => [],
      "a function of a document",
      (value) => typeof value === "function",
    ),
    "word",
  ),
  binary: boolean(false),
  dtype: choice("float64", ["float32", "float64"]),
};

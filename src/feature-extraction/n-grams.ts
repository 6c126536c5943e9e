import { WHITESPACE } from "./token-pattern.js";

/** Least and most parts of an n-gram. */
export type NgramRange = readonly [least: number, most: number];

const RUN_OF_SPACES = new RegExp(`${WHITESPACE}{2,}`, "g");
const SPACES = new RegExp(`${WHITESPACE}+`, "g");

/** Words, and neighbours among them joined by a space. */
export function wordNgrams(tokens: Iterable<string>, [least, most]: NgramRange): readonly string[] {
  const words = Array.isArray(tokens) ? (tokens as readonly string[]) : [...tokens];
  if (most === 1) return words;
  const grams: string[] = [];
  for (let n = least; n <= Math.min(most, words.length); n++) {
    for (let i = 0; i + n <= words.length; i++)
      grams.push(n === 1 ? (words[i] as string) : words.slice(i, i + n).join(" "));
  }
  return grams;
}

/** Characters, and neighbours among them. Several white spaces count as one space. */
export function charNgrams(text: string, [least, most]: NgramRange): string[] {
  const characters = new Characters(text.replace(RUN_OF_SPACES, " "));
  const grams: string[] = [];
  for (let n = least; n <= Math.min(most, characters.length); n++) {
    for (let i = 0; i + n <= characters.length; i++) grams.push(characters.slice(i, i + n));
  }
  return grams;
}

/** Neighbours among the characters of each word with a space before and behind it. A word too short for n is taken once. */
export function charWordNgrams(text: string, [least, most]: NgramRange): string[] {
  const grams: string[] = [];
  for (const word of text.split(SPACES)) {
    if (word === "") continue;
    const characters = new Characters(` ${word} `);
    for (let n = least; n <= most; n++) {
      const count = Math.max(1, characters.length - n + 1);
      for (let i = 0; i < count; i++) grams.push(characters.slice(i, i + n));
      if (count === 1) break;
    }
  }
  return grams;
}

/** A text by code points, as Python counts: a character beyond U+FFFF is one. */
class Characters {
  readonly length: number;
  readonly #text: string;
  /** Where each begins; undefined where each is one code unit. */
  readonly #starts: readonly number[] | undefined;

  constructor(text: string) {
    this.#text = text;
    if (/[\ud800-\udfff]/.test(text)) {
      const starts = [0];
      for (const character of text) starts.push((starts.at(-1) as number) + character.length);
      this.#starts = starts;
    }
    this.length = this.#starts === undefined ? text.length : this.#starts.length - 1;
  }

  slice(begin: number, end: number): string {
    return this.#text.slice(this.#starts?.[begin] ?? begin, this.#starts === undefined ? end : this.#starts[end]);
  }
}

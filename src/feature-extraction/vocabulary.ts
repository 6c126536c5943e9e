import { invalidArgument, invalidData, show, warnData } from "../base/errors.js";
import { custom, integer, nullable, type ParamSpec } from "../base/params.js";
import { takeBreak } from "../data/vector.js";

/** Terms to count: in the order of their columns, or with their columns. */
export type Vocabulary = readonly string[] | ReadonlyMap<string, number> | Readonly<Record<string, number>>;

/** Which terms are kept. */
export interface Limits {
  /** Most documents a term may be in: a share of them up to 1 (default: all), a number of them above. */
  readonly maxDf: number;
  /** Fewest documents a term must be in: a share of them below 1, a number of them from 1 on (default 1). */
  readonly minDf: number;
  /** Keep so many terms, the most frequent ones; of equally frequent ones those that sort first. Default null: all. */
  readonly maxFeatures: number | null;
}

function documentFrequency(fallback: number, isCount: (value: number) => boolean, expected: string): ParamSpec<number> {
  return custom(
    fallback,
    expected,
    (value) => typeof value === "number" && value >= 0 && (isCount(value) ? Number.isInteger(value) : value <= 1),
    1.5,
  );
}

/** The rules of the parameters of a vocabulary. */
export const VOCABULARY_SPECS = {
  maxDf: documentFrequency(1, (value) => value > 1, "a share of the documents (0 … 1) or an integer above 1"),
  minDf: documentFrequency(1, (value) => value >= 1, "a share of the documents (below 1) or a positive integer"),
  maxFeatures: nullable(integer(1, { min: 1 })),
  vocabulary: nullable(
    custom<Vocabulary>(
      [],
      "an array of terms, a Map or an object of columns by term",
      (value) => typeof value === "object" && value !== null,
      "terms",
    ),
  ),
};

/** The terms of a given vocabulary, by column. @throws TreelineError ERR_INVALID_ARGUMENT */
export function givenTerms(vocabulary: Vocabulary, where: string): readonly string[] {
  if (Array.isArray(vocabulary)) {
    const terms = vocabulary as readonly unknown[];
    const odd = terms.find((term) => typeof term !== "string");
    if (odd !== undefined) throw invalidArgument(`${where}: the terms of vocabulary must be strings, got ${show(odd)}`);
    const seen = new Set<unknown>();
    for (const term of terms) {
      if (seen.has(term)) throw invalidArgument(`${where}: vocabulary has the term ${show(term)} twice`);
      seen.add(term);
    }
    return notEmpty(terms as readonly string[], where);
  }
  const entries = [...(vocabulary instanceof Map ? vocabulary : Object.entries(vocabulary))] as [string, number][];
  const terms = new Array<string | undefined>(entries.length);
  for (const [term, column] of entries) {
    if (typeof term !== "string" || !Number.isInteger(column) || column < 0 || column >= entries.length) {
      throw invalidArgument(
        `${where}: vocabulary must give each of its ${entries.length} terms a column of 0 … ${entries.length - 1}, got ${show(column)} for ${show(term)}`,
      );
    }
    if (terms[column] !== undefined) {
      throw invalidArgument(
        `${where}: vocabulary gives column ${column} to ${show(terms[column])} and to ${show(term)}`,
      );
    }
    terms[column] = term;
  }
  return notEmpty(terms as string[], where);
}

function notEmpty(terms: readonly string[], where: string): readonly string[] {
  if (terms.length === 0) throw invalidArgument(`${where}: vocabulary is empty: give at least one term, or null`);
  return terms;
}

/** Tells of given terms that no text in lower case can hold. */
export function warnOfUppercase(terms: readonly string[], where: string): void {
  const term = terms.find((each) => /\p{Uppercase}/u.test(each));
  if (term === undefined) return;
  warnData(
    `${where}: vocabulary has capitals (${show(term)}), but lowercase is true: no document will match such terms`,
  );
}

/** A vocabulary in the order of its columns, and where each term's column was before. */
export interface Limited {
  readonly terms: readonly string[];
  /** By the term's number in the order of first sight: its column, -1 where it is left out. */
  readonly target: Int32Array;
}

/**
 * The terms that are kept, sorted by their characters' numbers as Python sorts.
 *
 * @param found terms in the order of first sight; `columns` and `counts` are the entries of all documents.
 * @throws TreelineError ERR_INVALID_DATA where none is left, ERR_INVALID_ARGUMENT where maxDf is below minDf.
 */
export async function limited(
  found: readonly string[],
  columns: Int32Array,
  counts: Float64Array,
  documents: number,
  { maxDf, minDf, maxFeatures }: Limits,
  where: string,
  signal: AbortSignal | undefined,
): Promise<Limited> {
  if (found.length === 0) {
    throw invalidData(`${where}: empty vocabulary; perhaps the documents only contain stop words`);
  }
  const most = maxDf <= 1 ? maxDf * documents : maxDf;
  const fewest = minDf < 1 ? minDf * documents : minDf;
  if (most < fewest) {
    throw invalidArgument(
      `${where}: maxDf ${show(maxDf)} is ${most} of ${documents} documents, minDf ${show(minDf)} is ${fewest}: more than that`,
    );
  }
  const inDocuments = new Float64Array(found.length);
  const total = new Float64Array(found.length);
  for (let k = 0; k < columns.length; k++) {
    const column = columns[k] as number;
    inDocuments[column] = (inDocuments[column] as number) + 1;
    total[column] = (total[column] as number) + (counts[k] as number);
  }
  const order: number[] = [];
  inDocuments.forEach((df, t) => {
    if (df <= most && df >= fewest) order.push(t);
  });
  await sortByTerm(order, found, signal);
  const kept = maxFeatures === null || order.length <= maxFeatures ? order : mostFrequent(order, total, maxFeatures);
  if (kept.length === 0) {
    throw invalidData(`${where}: no terms remain of ${found.length}: try a lower minDf or a higher maxDf`);
  }
  const target = new Int32Array(found.length).fill(-1);
  kept.forEach((t, column) => (target[t] = column));
  return { terms: kept.map((t) => found[t] as string), target };
}

/** Of terms in order, the most frequent ones in that order. */
function mostFrequent(order: readonly number[], total: Float64Array, count: number): number[] {
  const chosen = new Set(
    [...order].sort((a, b) => (total[b] as number) - (total[a] as number)).slice(0, count), // stable: the first of equals
  );
  return order.filter((t) => chosen.has(t));
}

/** Terms that are sorted without a turn of the event loop. */
const RUN = 8192;

/** Sorts numbers of terms by their terms: runs, then runs merged two by two, with the event loop's turns in between. */
async function sortByTerm(order: number[], terms: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  const compare = (a: number, b: number): number => byCodePoints(terms[a] as string, terms[b] as string);
  for (let begin = 0; begin < order.length; begin += RUN) {
    const run = order.slice(begin, begin + RUN).sort(compare);
    run.forEach((t, k) => (order[begin + k] = t));
    if (order.length > RUN) await takeBreak(signal);
  }
  for (let size = RUN; size < order.length; size *= 2) {
    for (let begin = 0; begin + size < order.length; begin += 2 * size) {
      const left = order.slice(begin, begin + size);
      const end = Math.min(order.length, begin + 2 * size);
      let [l, r] = [0, begin + size];
      for (let at = begin; l < left.length; at++) {
        const isRight = r < end && compare(order[r] as number, left[l] as number) < 0;
        order[at] = isRight ? (order[r++] as number) : (left[l++] as number);
        if (at % (4 * RUN) === 0) await takeBreak(signal);
      }
    }
  }
}

/** The order of strings by code points. JavaScript's is by code units: characters beyond U+FFFF come before U+E000 there. */
export function byCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return x >= 0xd800 && y >= 0xd800 ? lastSurrogates(x) - lastSurrogates(y) : x - y;
  }
  return a.length - b.length;
}

function lastSurrogates(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

import { invalidData, show } from "../base/errors.js";
import type { RowSource } from "../data/row-source.js";
import type { Chunk, ChunkColumn } from "../native/addon.js";

/** Of each feature whose categories have names: these, in the order of their codes. */
export type CategoryNames = readonly (readonly string[] | undefined)[];

/** The code of a name that fit did not see: no category has it. */
const UNKNOWN = -1;

/** Names in sorted order, so that a model does not depend on the order of a dictionary; undefined if no feature has any. */
export function sortedCategoryNames(source: RowSource): CategoryNames | undefined {
  return source.categories?.map((names) => names && [...new Set(names)].sort());
}

/**
 * The same rows with categories as codes in the order of `names`, whatever their order in `source`.
 *
 * @throws TreelineError ERR_INVALID_DATA for names in a column that had none in fit.
 */
export function inCodesOf(source: RowSource, names: CategoryNames | undefined, where: string): RowSource {
  const { categories } = source;
  if (categories === undefined) return source;
  const tables = categories.map((given, j) => {
    if (given === undefined) return undefined;
    const fitted = names?.[j];
    if (fitted !== undefined)
      return given.every((name, code) => name === fitted[code]) ? undefined : codes(given, fitted);
    const column = show(source.featureNames?.[j] ?? j);
    throw invalidData(`${where}: column ${column} holds categories (strings), but it held numbers in fit`);
  });
  if (tables.every((table) => table === undefined)) return source;
  const { nFeatures, nRows, featureNames } = source;
  return {
    nFeatures,
    nRows,
    featureNames,
    categories: names,
    chunks(signal) {
      const chunks = source.chunks(signal);
      return Symbol.iterator in chunks ? recodeSync(chunks, tables) : recode(chunks, tables);
    },
  };
}

type Tables = readonly (Float64Array | undefined)[];

function codes(given: readonly string[], fitted: readonly string[]): Float64Array {
  const codeOf = placesOf(fitted);
  return Float64Array.from(given, (name) => codeOf.get(name) ?? UNKNOWN);
}

const PLACES = new WeakMap<readonly string[], ReadonlyMap<string, number>>();

function placesOf(names: readonly string[]): ReadonlyMap<string, number> {
  let places = PLACES.get(names);
  if (places === undefined) PLACES.set(names, (places = new Map(names.map((name, code) => [name, code]))));
  return places;
}

function* recodeSync(chunks: Iterable<Chunk>, tables: Tables): Iterable<Chunk> {
  for (const chunk of chunks) yield recoded(chunk, tables);
}

async function* recode(chunks: AsyncIterable<Chunk>, tables: Tables): AsyncIterable<Chunk> {
  for await (const chunk of chunks) yield recoded(chunk, tables);
}

function recoded(chunk: Chunk, tables: Tables): Chunk {
  const { rows, firstRow } = chunk;
  const columns = tables.map((table, j) => {
    const column = columnOf(chunk, j);
    return table ? recodedColumn(column, rows, table) : column;
  });
  return { rows, firstRow, columns };
}

function columnOf(chunk: Chunk, j: number): ChunkColumn {
  if (chunk.columns) return chunk.columns[j] as ChunkColumn;
  return { values: chunk.values, offset: chunk.offset + j * chunk.colStride, stride: chunk.rowStride };
}

function recodedColumn(column: ChunkColumn, rows: number, table: Float64Array): ChunkColumn {
  const { values, offset = 0, stride = 1, bits, ...nulls } = column;
  if (bits) throw invalidData("X: a column of categories must hold codes, not booleans");
  const out = new Float64Array(rows);
  for (let i = 0; i < rows; i++) out[i] = table[Number(values[offset + i * stride])] ?? NaN;
  return { values: out, ...nulls };
}

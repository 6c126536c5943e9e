import { invalidArgument, invalidData, show } from "../base/errors.js";
import { isArrowRecordBatch, isArrowTable, isArrowVector, type ArrowTable, type ArrowVector } from "./arrow.js";
import { Frame } from "./frame.js";
import { FrameColumn } from "./frame-column.js";
import { columnKinds, tableColumn, tableShape, type TableLike, type TableShape } from "./table-columns.js";
import { readColumn, type ColumnSource } from "./vector.js";

/** Documents that can be read any number of times: an array of strings, an Arrow vector of strings, a Frame's column. */
export type Documents = readonly string[] | ArrowVector | ColumnSource;

/** What a text vectorizer reads: documents, a table of one column of strings, or anything that gives one string after another. */
export type DocumentsLike =
  Documents | TableLike | Iterable<string> | AsyncIterable<string> | AsyncIterable<readonly string[]>;

/** What an estimator around another one takes: what that one does, a table of any columns or documents. */
export type InputLike = TableLike | Documents;

/** Documents of a batch that comes one by one. */
const BATCH = 256;

/** Whether X is documents, not a table. */
export function isDocuments(X: unknown): X is Documents {
  if (Array.isArray(X)) return typeof X.find((value) => value !== null && value !== undefined) === "string";
  return isArrowVector(X) || X instanceof FrameColumn;
}

/**
 * Number and names of the columns of what an estimator around others takes: documents are one column without a name. Whether
 * those inside can read them they say themselves.
 *
 * @param reads how often X is read: strings that come one after another can be read once.
 * @throws TreelineError ERR_INVALID_ARGUMENT for what is no table and no documents, and for what cannot be read again.
 */
export function inputShape(X: InputLike, where: string, reads: "once" | "again" = "again"): TableShape {
  if (isStream(X) && reads === "again") {
    throw invalidArgument(
      `${where} gives one value after another, and is read several times here: give an array, an Arrow vector or a ` +
        "Frame's column",
    );
  }
  return isDocuments(X) || isStream(X) ? { nFeatures: 1, featureNames: undefined } : tableShape(X, where);
}

/** Column j of a table as documents, where the table gives its columns. */
export function documentColumn(X: TableLike, j: number): Documents | undefined {
  if (X instanceof Frame) return X.column(X.columns[j] as string);
  if (isArrowTable(X) || isArrowRecordBatch(X)) {
    return (X as unknown as { getChildAt(j: number): ArrowVector }).getChildAt(j);
  }
  return Array.isArray(X) ? (X as readonly (readonly string[])[]).map((row) => row[j] as string) : undefined;
}

/** Whether X is documents, or a table with columns of strings, which cannot be read as numbers. */
export function holdsTexts(X: InputLike, where: string): boolean {
  return isDocuments(X) || isStream(X) || columnKinds(X, where).includes("string");
}

/** X with its rows in memory: a Frame as an Arrow table, its column as a vector. @throws TreelineError ERR_MEMORY_LIMIT */
export async function inMemory(X: InputLike, signal: AbortSignal | undefined): Promise<InputLike> {
  if (X instanceof Frame) return (await X.collect({ signal })) as unknown as ArrowTable;
  return X instanceof FrameColumn ? ((await X.frame.collect({ signal })).getChildAt(0) as unknown as ArrowVector) : X;
}

/** Strings that come one after another, to be read once. */
export function isStream(X: unknown): X is Iterable<unknown> | AsyncIterable<unknown> {
  if (typeof X !== "object" || X === null || Array.isArray(X) || ArrayBuffer.isView(X) || "chunks" in X) return false;
  if (isArrowTable(X) || isArrowRecordBatch(X) || isArrowVector(X)) return false;
  return Symbol.iterator in X || Symbol.asyncIterator in X;
}

/**
 * The documents in batches, in order, each checked to be a string.
 *
 * @param where what error messages start with, for example "CountVectorizer.fit: X".
 * @throws TreelineError ERR_INVALID_ARGUMENT for what holds no documents, ERR_INVALID_DATA for a document that is no string.
 */
export async function* documentBatches(
  X: DocumentsLike,
  where: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly string[], void, undefined> {
  let first = 0;
  for await (const batch of batches(X, where, signal)) {
    signal?.throwIfAborted();
    const wrong = batch.findIndex((document) => typeof document !== "string");
    if (wrong >= 0) {
      throw invalidData(`${where}: document ${first + wrong} must be a string, got ${show(batch[wrong])}`);
    }
    yield batch as readonly string[];
    first += batch.length;
  }
}

async function* batches(
  X: DocumentsLike,
  where: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly unknown[], void, undefined> {
  if (Array.isArray(X)) yield documentsOf(X, where);
  else if (X instanceof FrameColumn) {
    for await (const batch of X.values(signal)) yield Array.from<unknown>(batch as ArrayLike<unknown>);
  } else if (isArrowVector(X)) yield Array.from<unknown>((await readColumn(X, where, signal)) as ArrayLike<unknown>);
  else if (isStream(X)) yield* together(X);
  else if (isTable(X)) {
    const { nFeatures } = tableShape(X, where);
    if (nFeatures !== 1) {
      throw invalidData(`${where} has ${nFeatures} columns, but documents are one: select the column of the texts`);
    }
    if (X instanceof Frame) yield* batches(X.column(X.columns[0] as string), where, signal);
    else yield Array.from<unknown>((await tableColumn(X, 0, where, signal)) as ArrayLike<unknown>);
  } else {
    throw invalidArgument(
      `${where} must be documents: an array of strings, an Arrow vector, a Frame's column, a table of one column or an ` +
        `iterable of strings, got ${show(X)}${typeof X === "string" ? ": one document is [document]" : ""}`,
    );
  }
}

/** Strings, or rows of one string. */
function documentsOf(X: readonly unknown[], where: string): readonly unknown[] {
  const [first] = X;
  if (!Array.isArray(first)) return X;
  const { nFeatures } = tableShape(X as TableLike, where);
  if (nFeatures === 1) return X.map((row) => (row as readonly unknown[])[0]);
  throw invalidData(`${where} has ${nFeatures} columns, but documents are one: select the column of the texts`);
}

function isTable(X: unknown): X is TableLike {
  return isArrowTable(X) || isArrowRecordBatch(X) || (typeof X === "object" && X !== null && "chunks" in X);
}

/** Strings, or arrays of them, that come one by one: a few together. */
async function* together(X: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<readonly unknown[]> {
  let batch: unknown[] = [];
  for await (const item of X) {
    if (Array.isArray(item)) {
      if (batch.length > 0) yield batch;
      batch = [];
      yield item;
      continue;
    }
    if (batch.push(item) < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

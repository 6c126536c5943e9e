import {
  ParallelPostFit,
  type AnsweredBlock,
  type BatchValues,
  type Frame,
  type LabelArray,
  type Matrix,
} from "../index.js";
import type { Predicting } from "./predict.js";
import type { Columns } from "./write-table.js";

/** Values of a block of rows, about 16 MB of numbers, and fewer rows where there are fewer columns. */
const BLOCK_VALUES = 2 ** 21;
const MOST_ROWS = 65_536;
const LEAST_ROWS = 1024;

/**
 * What the model says of every row, block by block in row order: columns of `kept`, the prediction, and with `proba` a column of
 * probabilities a class. A few blocks are in memory, however many there are; a slow reader holds the reading back.
 */
export async function* answersOf(
  model: Predicting,
  X: Frame,
  kept: Frame | undefined,
  proba: boolean,
  signal: AbortSignal,
): AsyncGenerator<Columns, void, undefined> {
  const blockSize = Math.max(LEAST_ROWS, Math.min(MOST_ROWS, Math.floor(BLOCK_VALUES / Math.max(1, X.columns.length))));
  const answering = new ParallelPostFit({ estimator: model, blockSize });
  const classes = Array.from<unknown>(model.classes_ ?? []).map(String);
  const beside = kept === undefined ? undefined : new RowsInOrder(kept, signal);
  const probabilities = proba ? answering.stream("predictProba", X, { signal }) : undefined;
  const block = async (rows: number, predicted: LabelArray | Matrix, p: Matrix | undefined): Promise<Columns> => {
    const answers = new Map(predictions(predicted));
    for (let k = 0; k < (p?.cols ?? 0); k++) answers.set(`proba_${classes[k] ?? k}`, (p as Matrix).column(k));
    const columns = (await beside?.take(rows)) ?? new Map<string, BatchValues>();
    for (const [name, values] of answers) {
      if (columns.has(name)) throw new Error(`--keep ${name}: the answers have a column of that name`);
      columns.set(name, values);
    }
    return columns;
  };
  let some = false;
  try {
    for await (const { rows, values } of answering.stream("predict", X, { signal })) {
      some = true;
      yield await block(rows, values, (await probabilities?.next())?.value?.values);
    }
    if (some) return;
    // No rows: the model knows what the columns of no answers are.
    yield await block(
      0,
      await model.predict(X, { signal }),
      proba ? await model.predictProba?.(X, { signal }) : undefined,
    );
  } finally {
    await probabilities?.return();
    await beside?.close();
  }
}

/** One column, or of several targets one each. */
function predictions(values: AnsweredBlock<LabelArray | Matrix>["values"]): [string, BatchValues][] {
  if (!("rows" in values)) return [["prediction", values as BatchValues]];
  return Array.from({ length: values.cols }, (_, k) => [`prediction_${k}`, values.column(k)]);
}

/** The rows of a frame, as many at a time as are asked for. */
class RowsInOrder {
  readonly #batches: AsyncGenerator<Readonly<Record<string, ArrayLike<unknown>>>, void, undefined>;
  readonly #names: readonly string[];
  #batch: Readonly<Record<string, ArrayLike<unknown>>> = {};
  #rows = 0;
  #at = 0;

  constructor(frame: Frame, signal: AbortSignal) {
    this.#names = frame.columns;
    this.#batches = frame.batches({ signal });
  }

  /** The next rows. @throws Error where there are not so many. */
  async take(rows: number): Promise<Map<string, BatchValues>> {
    const out = new Map(this.#names.map((name) => [name, [] as unknown[]]));
    for (let left = rows; left > 0;) {
      if (this.#at === this.#rows) await this.#next();
      const count = Math.min(left, this.#rows - this.#at);
      for (const [name, values] of out) {
        const from = this.#batch[name] as ArrayLike<unknown>;
        for (let i = 0; i < count; i++) values.push(from[this.#at + i]);
      }
      this.#at += count;
      left -= count;
    }
    return out as Map<string, BatchValues>;
  }

  async close(): Promise<void> {
    await this.#batches.return();
  }

  async #next(): Promise<void> {
    const { value } = await this.#batches.next();
    if (value === undefined) throw new Error("the table has changed while it was read");
    this.#batch = value;
    this.#rows = Object.values(value)[0]?.length ?? 0;
    this.#at = 0;
  }
}

/** SQL types of the columns of a table as they are written to Parquet: whole numbers stay whole, categories become texts. */
export function typesOf(frame: Frame): Record<string, string> {
  return Object.fromEntries(
    frame.schema.map(({ name, type }) => {
      if (/^(BOOLEAN|FLOAT|U?(TINY|SMALL|BIG)?INT(EGER)?)$/.test(type)) return [name, type];
      if (/^(DOUBLE|DECIMAL.*|U?HUGEINT)$/.test(type)) return [name, "DOUBLE"];
      return [name, type === "DATE" || type.startsWith("TIMESTAMP") ? "TIMESTAMP_MS" : "VARCHAR"];
    }),
  );
}

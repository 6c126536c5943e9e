import { inspect } from "node:util";
import type { Frame, ReadOptions } from "./frame.js";
import type { Cell } from "./cell.js";
import { readColumn, type ColumnSource, type ColumnValues, type LabelArray } from "./vector.js";

/** One column of a Frame, read when it is needed: what y may be. */
export class FrameColumn implements ColumnSource {
  readonly name: string;
  /** The column as a frame of one column. */
  readonly frame: Frame;

  /** @internal */
  constructor(frame: Frame, name: string) {
    this.frame = frame;
    this.name = name;
  }

  /** DuckDB's name of the column's type. */
  get type(): string {
    return this.frame.schema[0]?.type ?? "";
  }

  /** The values in batches, in row order. Numbers are typed arrays, NaN where missing. */
  values(signal?: AbortSignal): AsyncIterable<ColumnValues> {
    return this.frame.readColumn(signal) as AsyncIterable<ColumnValues>;
  }

  /** How often each value occurs, most frequent first. */
  async valueCounts(options: ReadOptions & { readonly dropna?: boolean } = {}): Promise<Map<Cell, number>> {
    return this.frame.valueCounts(this.name, options);
  }

  /** All values in memory: numbers as a Float64Array. */
  async toArray(options: ReadOptions = {}): Promise<LabelArray | Cell[]> {
    const values = await readColumn(this, `Frame.column(${JSON.stringify(this.name)})`, options.signal);
    return values instanceof Float32Array ? Float64Array.from(values) : (values as LabelArray);
  }

  [inspect.custom](): string {
    return `FrameColumn ${JSON.stringify(this.name)} ${this.type}`;
  }
}

import type { Cell } from "./cell.js";

/** What describe says of one column. Which entries there are depends on the column's type. */
export interface ColumnSummary {
  readonly column: string;
  readonly type: string;
  /** Values that are not missing. */
  readonly count: number;
  readonly nulls: number;
  readonly mean?: number;
  /** Standard deviation, divisor n - 1. */
  readonly std?: number;
  readonly min?: number | Date | null;
  readonly q25?: number;
  readonly median?: number;
  readonly q75?: number;
  readonly max?: number | Date | null;
  /** Number of different values. */
  readonly unique?: number;
  /** The most frequent value; of several the first in order. */
  readonly top?: Cell;
  /** How often `top` occurs. */
  readonly topCount?: number;
}

import { invalidData, show } from "../base/errors.js";
import { Matrix } from "../data/matrix.js";
import { isBreak, readColumn, takeBreak, type VectorLike } from "../data/vector.js";

/** Scores or probabilities: one a row, or a table with one column a class. */
export type ScoreLike = VectorLike | Matrix | readonly (readonly number[])[];

/** Scores in memory, row-major; a copy. */
export interface ScoreTable {
  readonly values: Float64Array;
  readonly rows: number;
  readonly cols: number;
  /** Given as a plain column, not as a table. */
  readonly flat: boolean;
  /** The rounding unit of the numbers as they came: probabilities nearer to 0 or 1 are clipped. */
  readonly epsilon: number;
}

/** @throws TreelineError ERR_INVALID_DATA for anything but finite numbers. */
export async function readScores(where: string, name: string, yScore: ScoreLike): Promise<ScoreTable> {
  if (yScore instanceof Matrix) return fromMatrix(where, name, yScore);
  if (Array.isArray(yScore) && Array.isArray(yScore[0])) {
    return fromMatrix(where, name, Matrix.from(yScore as readonly (readonly number[])[]));
  }
  const column = await readColumn(yScore as VectorLike, `${where}: ${name}`);
  const values = new Float64Array(column.length);
  for (let i = 0; i < column.length; i++) {
    if (isBreak(i)) await takeBreak();
    const value = column[i];
    values[i] = typeof value === "bigint" || typeof value === "boolean" ? Number(value) : (value as number);
    if (typeof value === "string" || !Number.isFinite(values[i])) {
      throw invalidData(`${where}: ${name} must be finite numbers, got ${show(value)} in row ${i}`);
    }
  }
  const epsilon = column instanceof Float32Array ? FLOAT32_EPSILON : Number.EPSILON;
  return { values, rows: values.length, cols: 1, flat: true, epsilon };
}

const FLOAT32_EPSILON = 2 ** -23;

async function fromMatrix(where: string, name: string, matrix: Matrix): Promise<ScoreTable> {
  const [rows, cols] = matrix.shape;
  const [rowStride, colStride] = matrix.order === "row" ? [cols, 1] : [1, rows];
  const values = new Float64Array(rows * cols);
  for (let i = 0; i < rows; i++) {
    if (isBreak(i)) await takeBreak();
    for (let j = 0; j < cols; j++) {
      const value = matrix.data[i * rowStride + j * colStride] as number;
      if (!Number.isFinite(value)) {
        throw invalidData(`${where}: ${name} must be finite numbers, got ${value} in row ${i}, column ${j}`);
      }
      values[i * cols + j] = value;
    }
  }
  const epsilon = matrix.data instanceof Float32Array ? FLOAT32_EPSILON : Number.EPSILON;
  return { values, rows, cols, flat: false, epsilon };
}

/** Column j of a table. */
export function columnOf(table: ScoreTable, j: number): Float64Array {
  if (table.cols === 1) return table.values;
  const { values, cols } = table;
  return Float64Array.from({ length: table.rows }, (_, i) => values[i * cols + j] as number);
}

/** The scores of a binary problem as one column. */
export function onlyColumn(where: string, name: string, table: ScoreTable): Float64Array {
  if (table.cols === 1) return table.values;
  throw invalidData(
    `${where}: ${name} has ${table.cols} columns, but yTrue is binary: pass the scores of the positive class, for ` +
      "example probabilities.column(1)",
  );
}

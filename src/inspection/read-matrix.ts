import { Matrix } from "../data/matrix.js";
import { mapRows, type RowSource } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { addon } from "../native/load.js";
import { runJob } from "../native/job.js";

/** A table in memory, and what makes a table like X (names of features, categories) of changed copies of it. */
export interface TableInMemory {
  readonly matrix: Matrix<Float64Array>;
  readonly featureNames: readonly string[] | undefined;
  readonly rebuild: (matrix: Matrix<Float64Array>) => RowSource;
}

/** Reads X into memory; categories become their codes. */
export async function readMatrix(X: MatrixLike, where: string, signal?: AbortSignal): Promise<TableInMemory> {
  const source = rowSourceOf(X, where, { categories: true });
  const { nFeatures, featureNames, categories } = source;
  const copy = addon().createAffineMap(new Float64Array(nFeatures), new Float64Array(nFeatures).fill(1), false);
  const { rows, values } = await runJob(1, { signal }, (job) =>
    mapRows(source, copy, nFeatures, Float64Array, job, signal),
  );
  const rebuild = (matrix: Matrix<Float64Array>): RowSource => {
    const inner = rowSourceOf(matrix, where);
    return { nFeatures, nRows: matrix.rows, featureNames, categories, chunks: () => inner.chunks() };
  };
  return { matrix: new Matrix(values, [rows, nFeatures]), featureNames, rebuild };
}

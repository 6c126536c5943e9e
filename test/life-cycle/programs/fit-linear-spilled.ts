// Fits linear models to a table that is made chunk by chunk and does not fit memoryLimit:
// fit-linear-spilled.ts <spill directory> <memory limit, or none> <rows>. Says "fitting" when rows are in, then a digest of
// all coefficients and the most anonymous memory the process held, or the error that ended it.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  Lasso,
  LinearRegression,
  LogisticRegression,
  PoissonRegressor,
  SGDRegressor,
  TreelineError,
  withConfig,
} from "../../../src/index.js";
import type { RowSource } from "../../../src/data/row-source.js";

const [spillDirectory, limit, rowsText] = process.argv.slice(2) as [string, string, string];
const [nRows, nFeatures] = [Number(rowsText), 16];
const STEP = 8192;

/** A number in [-1, 1) that float32 does not hold, from the place of a cell. */
function cell(row: number, column: number): number {
  let h = Math.imul(row + 1, 0x9e3779b9) ^ Math.imul(column + 1, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return ((h ^ (h >>> 13)) >>> 0) / 2 ** 31 - 1;
}

const X: RowSource = {
  nFeatures,
  nRows,
  featureNames: undefined,
  categories: undefined,
  *chunks() {
    for (let firstRow = 0; firstRow < nRows; firstRow += STEP) {
      const rows = Math.min(STEP, nRows - firstRow);
      const values = new Float64Array(rows * nFeatures);
      for (let i = 0; i < values.length; i++)
        values[i] = cell(firstRow + Math.floor(i / nFeatures), i % nFeatures) * (1 + (i % nFeatures));
      yield { rows, firstRow, values, offset: 0, cols: nFeatures, rowStride: nFeatures, colStride: 1 };
    }
  },
};
const score = Float64Array.from({ length: nRows }, (_, i) => cell(i, 0) - cell(i, 3) + cell(i, 99));
const classes = score.map((s) => (s > 0.5 ? 1 : 0));
const counts = score.map((s) => Math.round(Math.exp(s)));

/** Resident anonymous memory in MB; 0 where the system does not tell. */
function anonymous(): number {
  try {
    return Number(/^RssAnon:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? 0) / 1e3;
  } catch {
    return 0;
  }
}

const before = anonymous();
let most = before;
const watch = setInterval(() => (most = Math.max(most, anonymous())), 5);
let said = false;
const onProgress = (): void => {
  most = Math.max(most, anonymous());
  if (!said) console.log("fitting");
  said = true;
};
try {
  await withConfig({ memoryLimit: limit === "none" ? null : limit, spillDirectory, nJobs: 2 }, async () => {
    const logistic = await new LogisticRegression().fit(X, classes, { onProgress });
    const poisson = await new PoissonRegressor().fit(X, counts, { onProgress });
    const least = await new LinearRegression().fit(X, score);
    const lasso = await new Lasso({ alpha: 0.01 }).fit(X, score);
    const sgd = await new SGDRegressor({ maxIter: 2, tol: null, randomState: 1 }).fit(X, score);
    const digest = createHash("sha256");
    for (const numbers of [logistic.coef_.data, poisson.coef_, least.coef_, lasso.coef_, sgd.coef_])
      digest.update(numbers as Float64Array);
    console.log(JSON.stringify({ digest: digest.digest("hex"), before, most: Math.max(most, anonymous()) }));
  });
} catch (error) {
  console.log(error instanceof TreelineError ? `${error.code} ${error.message}` : String(error));
} finally {
  clearInterval(watch);
}

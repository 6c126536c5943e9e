// Fits boosted trees whose bins do not fit memoryLimit: fit-spilled.ts <spill directory> <iterations>. Says "fitting" when
// trees grow, then how the fit ended.
import { HistGradientBoostingRegressor, Matrix, TreelineError, withConfig } from "../../../src/index.js";

const [spillDirectory, maxIter] = process.argv.slice(2) as [string, string];
const [rows, cols] = [50_000, 40];
const data = Float32Array.from({ length: rows * cols }, (_, i) => (i * 7919) % 10_007);
const y = Float64Array.from({ length: rows }, (_, i) => data[i * cols] as number);
let said = false;
const onProgress = (): void => {
  if (!said) console.log("fitting");
  said = true;
};
try {
  const model = new HistGradientBoostingRegressor({ maxIter: Number(maxIter), earlyStopping: false, nJobs: 2 });
  await withConfig({ memoryLimit: "1MB", spillDirectory }, () =>
    model.fit(new Matrix(data, [rows, cols]), y, { onProgress }),
  );
  console.log(`spilled ${model.trace_?.spilledBytes}`);
} catch (error) {
  console.log(error instanceof TreelineError ? `${error.code} ${error.message}` : String(error));
}

import { test } from "uvu";
import * as assert from "uvu/assert";
import { HistGradientBoostingRegressor, Matrix, fromBuffer } from "../../src/index.js";

/** Rows of numbers and flags, and a target that needs both. */
function table(rows: number): { X: Matrix<Float64Array>; y: Float64Array } {
  const cols = 7;
  const data = Float64Array.from({ length: rows * cols }, (_, k) => {
    const wave = Math.sin(k * 12.9898) * 43758.5453;
    const uniform = wave - Math.floor(wave);
    return k % cols < 3 ? uniform : Math.floor(uniform * ((k % cols) - 1));
  });
  const at = (i: number, j: number): number => data[i * cols + j] as number;
  const y = Float64Array.from({ length: rows }, (_, i) => at(i, 0) + at(i, 1) * at(i, 4) - at(i, 6));
  return { X: new Matrix(data, [rows, cols]), y };
}

test("trace_ says how long each stage took, how much was added up and held; it is not saved", async () => {
  const { X, y } = table(5_000);
  const start = performance.now();
  const model = await new HistGradientBoostingRegressor({ maxIter: 5, earlyStopping: false, nJobs: 1 }).fit(X, y);
  const wall = (performance.now() - start) / 1000;
  const trace = model.trace_;
  if (trace === undefined) throw new Error("a fit leaves a trace");
  const seconds = Object.values(trace.seconds);
  assert.equal(Object.keys(trace.seconds), ["sketch", "bin", "gradient", "histogram", "partition", "split", "score"]);
  assert.ok(seconds.every((s) => s > 0));
  assert.ok(seconds.reduce((a, b) => a + b) <= wall);
  assert.equal([trace.rows, trace.features, trace.trees], [5_000, 7, 5]);
  assert.ok(trace.histogramUpdates >= trace.trees * trace.rows * trace.storedColumns, "every tree has a root");
  assert.ok(trace.peakBytes >= trace.rows * trace.features);
  const loaded = fromBuffer(model.toBuffer()) as HistGradientBoostingRegressor;
  assert.is(loaded.trace_, undefined);
});

test.run();

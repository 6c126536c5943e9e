import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { HistGradientBoostingRegressor, Matrix, fromBuffer, withConfig, type Config } from "../../src/index.js";

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

test("a model is the same, bit for bit, with one byte a cell and with bins in a file, which is gone at the end", async () => {
  const { X, y } = table(40_000);
  const directory = mkdtempSync(join(tmpdir(), "treeline-test-"));
  const fit = async (
    compactBins: boolean,
    config: Config,
    options?: object,
  ): Promise<HistGradientBoostingRegressor> => {
    const params = { maxIter: 4, earlyStopping: true, randomState: 0, compactBins } as const;
    return withConfig(config, () => new HistGradientBoostingRegressor(params).fit(X, y, options));
  };
  try {
    const expected = await fit(false, {});
    assert.is(expected.trace_?.spilledBytes, 0);
    const raw = Array.from(await expected.predict(X));
    for (const compactBins of [false, true]) {
      for (const memoryLimit of [null, 100_000]) {
        const model = await fit(compactBins, { memoryLimit, spillDirectory: directory });
        assert.equal(Array.from(await model.predict(X)), raw);
        assert.is((model.trace_?.spilledBytes ?? 0) > 0, memoryLimit !== null);
      }
    }
    const abort = new AbortController();
    const onProgress = (): void => abort.abort();
    const aborted = fit(
      false,
      { memoryLimit: 100_000, spillDirectory: directory },
      { signal: abort.signal, onProgress },
    );
    await aborted.then(
      () => assert.unreachable(),
      (error: Error) => assert.is(error.name, "AbortError"),
    );
    assert.equal(readdirSync(directory), []);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("rows that are watched go to a file as well beyond memoryLimit, and change nothing", async () => {
  const [train, watched] = [table(17_000), table(20_000)];
  const fit = (memoryLimit: number | null): Promise<HistGradientBoostingRegressor> =>
    withConfig({ memoryLimit }, () =>
      new HistGradientBoostingRegressor({ maxIter: 4, earlyStopping: true }).fit(train.X, train.y, {
        XVal: watched.X,
        yVal: watched.y,
        evalSet: [{ ...watched, name: "again" }],
      }),
    );
  const [expected, spilled] = [await fit(null), await fit(100_000)];
  assert.equal(spilled.evalResults_, expected.evalResults_);
  assert.equal(spilled.validationScore_, expected.validationScore_);
  assert.equal(Array.from(await spilled.predict(watched.X)), Array.from(await expected.predict(watched.X)));
  const chunk = 16_384; // rows, of 7 features: a byte each where rows are only watched, two where trees learn from them
  assert.is(expected.trace_?.spilledBytes, 0);
  assert.ok((spilled.trace_?.spilledBytes ?? 0) >= (2 + 1 + 1) * chunk * 7 - 3 * chunk);
});

test("features of few values share columns of the histograms", async () => {
  const { X, y } = table(5_000);
  const model = await new HistGradientBoostingRegressor({ maxIter: 2 }).fit(X, y);
  assert.is(model.trace_?.features, 7);
  assert.is(model.trace_?.storedColumns, 4); // three of numbers; 2, 3, 4 and 5 values in one of 120 codes
});

test("a table of 20,000 columns fits, and one whose columns are all constant", async () => {
  const [rows, cols] = [60, 20_000];
  const values = Float32Array.from({ length: rows * cols }, (_, k) =>
    k % cols === 777 ? Math.floor(k / cols) : k % 7,
  );
  const y = Float64Array.from({ length: rows }, (_, i) => (i < 30 ? 1 : 5));
  const params = { maxIter: 12, minSamplesLeaf: 5, learningRate: 0.5 } as const;
  const wide = await new HistGradientBoostingRegressor(params).fit(new Matrix(values, [rows, cols]), y);
  assert.ok((await wide.score(new Matrix(values, [rows, cols]), y)) > 0.99);
  const flat = new Matrix(new Float32Array(rows * 3).fill(2), [rows, 3]);
  const constant = await new HistGradientBoostingRegressor(params).fit(flat, y);
  assert.is(constant.trace_?.storedColumns, 0);
  assert.equal(Array.from(await constant.predict(flat)), Array.from(y).fill(3));
});

test.run();

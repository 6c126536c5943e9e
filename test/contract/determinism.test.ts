import { test } from "uvu";
import * as assert from "uvu/assert";
import { withConfig, type MatrixLike } from "../../src/index.js";
import { answers, problemFor, TABULAR } from "./estimators.js";
import { matrixOf } from "./problems.js";
import { rechunked } from "./rechunked.js";

// More rows than two summation slots of 1024, so that threads and chunks have something to disagree about.
const ROWS = 2600;

for (const entry of TABULAR) {
  const { name, make } = entry;
  const { X, y } = problemFor(entry, ROWS);
  const matrix = matrixOf(X.map((row, i) => row.map((x, j) => x * (1 + 1e-9 * ((i * 7 + j) % 11))))); // not exact in sums
  const probe = matrixOf(X.slice(0, 50));

  const learned = async (source: MatrixLike): Promise<string> => {
    const estimator = make();
    await estimator.fit(source, y);
    const all = { model: estimator, answers: await answers(estimator, probe) };
    return JSON.stringify(all, (key, value: unknown) => (/Time$/.test(key) ? undefined : value)); // seconds differ
  };

  test(`${name}: the same bits for nJobs 1 … 4`, async () => {
    const expected = await withConfig({ nJobs: 1 }, () => learned(matrix));
    for (const nJobs of [2, 3, 4]) {
      assert.is(await withConfig({ nJobs }, () => learned(matrix)), expected, `nJobs ${nJobs}`);
    }
  });

  test(`${name}: the same bits for chunks of 1, 7, 1000 and all rows`, async () => {
    const expected = await learned(matrix);
    for (const size of [1, 7, 1000, ROWS]) {
      assert.is(await learned(rechunked(matrix, size)), expected, `chunks of ${size}`);
    }
  });

  test(`${name}: answers are the same bits for any nJobs and chunking`, async () => {
    const estimator = make();
    await estimator.fit(matrix, y);
    const expected = await answers(estimator, matrix);
    for (const nJobs of [1, 3]) {
      for (const size of [7, 1000]) {
        const said = await withConfig({ nJobs }, () => answers(estimator, rechunked(matrix, size)));
        assert.equal(said, expected, `nJobs ${nJobs}, chunks of ${size}`);
      }
    }
  });
}

test.run();

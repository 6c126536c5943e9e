import { test } from "uvu";
import * as assert from "uvu/assert";
import { trial } from "./determinism.js";
import { TABULAR } from "./estimators.js";

for (const entry of TABULAR) {
  test(`${entry.name}: the same bits for nJobs 1 … 4`, async () => {
    const { matrix, learned } = trial(entry);
    const expected = await learned(matrix, 1);
    for (const nJobs of [2, 3, 4]) assert.is(await learned(matrix, nJobs), expected, `nJobs ${nJobs}`);
  });
}

test.run();

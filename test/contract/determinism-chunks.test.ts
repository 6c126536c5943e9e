import { test } from "uvu";
import * as assert from "uvu/assert";
import { ROWS, trial } from "./determinism.js";
import { TABULAR } from "./estimators.js";
import { rechunked } from "./rechunked.js";

for (const entry of TABULAR) {
  test(`${entry.name}: the same bits for chunks of 1, 7, 1000 and all rows`, async () => {
    const { matrix, learned } = trial(entry);
    const expected = await learned(matrix);
    for (const size of [1, 7, 1000, ROWS]) {
      assert.is(await learned(rechunked(matrix, size)), expected, `chunks of ${size}`);
    }
  });
}

test.run();

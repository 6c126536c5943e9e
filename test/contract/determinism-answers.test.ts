import { test } from "uvu";
import * as assert from "uvu/assert";
import { withConfig } from "../../src/index.js";
import { trial } from "./determinism.js";
import { answers, TABULAR } from "./estimators.js";
import { rechunked } from "./rechunked.js";

for (const entry of TABULAR) {
  test(`${entry.name}: answers are the same bits for any nJobs and chunking`, async () => {
    const { matrix, y } = trial(entry);
    const estimator = entry.make();
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

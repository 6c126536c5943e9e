import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ChunkedMatrix, Matrix } from "../../src/index.js";
import * as metrics from "../../src/metrics/index.js";

// Made by make_pairwise.py with scikit-learn 1.9.1.
type Name =
  | "euclideanDistances"
  | "manhattanDistances"
  | "cosineSimilarity"
  | "cosineDistances"
  | "rbfKernel"
  | "laplacianKernel";
type Methods = Record<Name, (Y: number[][], options: object) => ChunkedMatrix>;
interface Case {
  readonly function: Name;
  readonly X: number[][];
  readonly Y: number[][] | null;
  readonly options: { readonly squared?: boolean; readonly gamma?: number };
  readonly expected: number[][];
}
const { cases } = JSON.parse(readFileSync(new URL("pairwise.json", import.meta.url), "utf8")) as { cases: Case[] };

for (const [at, { function: name, X, Y, options, expected }] of cases.entries()) {
  test(`${name} is scikit-learn's, case ${at}`, async () => {
    const found = await metrics[name](X, Y ?? undefined, options);
    assert.equal(found.shape, [expected.length, expected[0]?.length]);
    const scale = Math.max(1, ...expected.flat().map(Math.abs));
    for (const [i, row] of expected.entries()) {
      for (const [j, value] of row.entries()) {
        assert.ok(
          Math.abs(found.at(i, j) - value) <= 1e-13 * scale,
          `${i}, ${j}: ${found.at(i, j)}, expected ${value}`,
        );
      }
    }
    if (name === "laplacianKernel") return;
    const chunked = await ChunkedMatrix.from(Matrix.from(X));
    const lazy = (chunked as unknown as Methods)[name](Y ?? X, options);
    assert.equal((await lazy.toMatrix()).toArray(), found.toArray());
  });
}

test.run();

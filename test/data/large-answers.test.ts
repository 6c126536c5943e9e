import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  euclideanDistances,
  KMeans,
  KNNImputer,
  Matrix,
  PCA,
  StandardScaler,
  VarianceThreshold,
  withConfig,
} from "../../src/index.js";
import { errorOf } from "../contract/estimators.js";
import { random } from "../contract/problems.js";
import { rechunked } from "../contract/rechunked.js";

// Tables that a method gives as a Matrix are refused where they do not fit in memoryLimit, before anything is computed where the
// number of rows is known, and else as soon as it shows.

const next = random(4);
const rows = Array.from({ length: 1000 }, () => Array.from({ length: 8 }, () => next()));
const X = Matrix.from(rows);
const LIMIT = 8 * 1000 * 8 - 1; // one byte less than a table like X

const scaler = new StandardScaler();
const pca = new PCA();
const means = new KMeans({ nClusters: 8, randomState: 0 });
const imputer = new KNNImputer();
const selector = new VarianceThreshold();
const answers: [string, () => Promise<{ rows: number }>][] = [
  ["StandardScaler.transform", () => scaler.transform(X)],
  ["StandardScaler.inverseTransform", () => scaler.inverseTransform(X)],
  ["PCA.transform", () => pca.transform(X)],
  ["PCA.inverseTransform", () => pca.inverseTransform(X)],
  ["KMeans.transform", () => means.transform(X)],
  ["KNNImputer.transform", () => imputer.transform(X)],
  ["euclideanDistances", () => euclideanDistances(X, rows.slice(0, 8))],
  ["VarianceThreshold.inverseTransform", () => selector.inverseTransform(X)],
];

test.before(async () => {
  for (const model of [scaler, pca, means, imputer, selector]) await model.fit(X);
});

for (const [where, answer] of answers) {
  test(`${where} refuses what memoryLimit does not hold`, async () => {
    assert.is((await withConfig({ memoryLimit: LIMIT + 1 }, answer)).rows, 1000);
    const error = await errorOf(() => withConfig({ memoryLimit: LIMIT }, answer));
    assert.is((error as { code?: string }).code, "ERR_MEMORY_LIMIT");
    assert.match(error.message, `${where}: needs 0.1 MB or more, but memoryLimit is 0.1 MB`);
  });
}

test("a table of unknown length is refused when it grows too long; the scaler goes on", async () => {
  const stream = (): Matrix => ({ ...rechunked(X, 100), nRows: undefined }) as unknown as Matrix;
  const error = await errorOf(() => withConfig({ memoryLimit: LIMIT }, () => scaler.transform(stream())));
  assert.is((error as { code?: string }).code, "ERR_MEMORY_LIMIT");
  assert.is((await scaler.transform(stream())).rows, 1000);
});

test.run();

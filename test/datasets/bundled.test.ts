import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { loadBreastCancer, loadDiabetes, loadDigits, loadIris, loadWine } from "../../src/datasets/index.js";
import type { Bunch } from "../../src/datasets/index.js";

interface Known {
  shape: [number, number];
  data: string;
  target: string;
  featureNames: string[];
  targetNames: string[];
}
const known = JSON.parse(readFileSync(new URL("../parity/datasets.json", import.meta.url), "utf8")) as Record<
  string,
  Known
>;
const sha256 = (values: Float64Array): string =>
  createHash("sha256").update(new Uint8Array(values.buffer)).digest("hex");

const loaders: Record<string, () => Promise<Bunch>> = {
  iris: () => loadIris(),
  breast_cancer: () => loadBreastCancer(),
  wine: () => loadWine(),
  digits: () => loadDigits(),
  diabetes: () => loadDiabetes(),
  diabetes_raw: () => loadDiabetes({ scaled: false }),
};

for (const [name, load] of Object.entries(loaders)) {
  test(`${name} has the very values of scikit-learn's loader`, async () => {
    const bunch = await load();
    const expected = known[name] as Known;
    assert.equal(bunch.data.shape, expected.shape);
    assert.is(sha256(bunch.data.data), expected.data);
    assert.is(sha256(bunch.target), expected.target);
    assert.equal(bunch.featureNames, expected.featureNames);
    assert.equal(bunch.targetNames, expected.targetNames);
    assert.match(bunch.DESCR, /dataset/);
  });
}

test("returnXy gives the pair", async () => {
  const [X, y] = await loadIris({ returnXy: true });
  assert.equal(X.shape, [150, 4]);
  assert.is(y.length, 150);
});

test("unknown options are refused by name", async () => {
  const error = await loadIris({ return_xy: true } as never).catch((e: Error) => e);
  assert.is((error as Error).message, 'loadIris: unknown parameter "return_xy"; it is spelt returnXy here');
});

test.run();

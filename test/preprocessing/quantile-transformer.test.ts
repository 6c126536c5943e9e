import { test } from "uvu";
import * as assert from "uvu/assert";
import { CsrMatrix, Matrix, QuantileTransformer, withConfig } from "../../src/index.js";
import { normalQuantile } from "../../src/datasets/portable-math.js";
import { normalCdf } from "../../src/preprocessing/normal-cdf.js";
import { errorOf } from "../contract/estimators.js";
import { random } from "../contract/problems.js";
import { rechunked } from "../contract/rechunked.js";

const next = random(4);
const long = Matrix.from(Array.from({ length: 20_000 }, () => [next() ** 3, Math.floor(next() * 5) - 2]));

test("a sample is drawn that tells the distribution, the same rows for any chunks and nJobs", async () => {
  const params = { nQuantiles: 200, subsample: 5000, randomState: 1 };
  const model = await new QuantileTransformer(params).fit(long);
  const exact = await new QuantileTransformer({ ...params, subsample: null }).fit(long);
  const apart = Array.from(model.quantiles_.column(0), (q, k) => Math.abs(q - exact.quantiles_.at(k, 0)));
  assert.ok(Math.max(...apart) > 0 && Math.max(...apart) < 0.05);
  const again = await withConfig({ nJobs: 2 }, () => new QuantileTransformer(params).fit(rechunked(long, 999)));
  assert.equal(again.quantiles_, model.quantiles_);
  const Z = (await exact.transform(long)) as Matrix;
  const column = Float64Array.from(Z.column(0)).sort();
  column.forEach((share, k) => assert.ok(Math.abs(share - k / column.length) < 0.003, "uniform"));
});

test("there and back is the same value, beyond fit's range the range's end", async () => {
  const model = await new QuantileTransformer({ nQuantiles: 20_000, subsample: null }).fit(long);
  const there = (await model.transform(long)) as Matrix;
  const back = (await model.inverseTransform(there)) as Matrix;
  back.column(0).forEach((x, i) => assert.ok(Math.abs(x - long.at(i, 0)) <= 1e-14, `row ${i}`));
  const beyond = (await model.transform([[-1e9, 1e9]])) as Matrix;
  assert.equal(Array.from(beyond.row(0)), [0, 1]);
});

test("one row, missing columns and float32 are taken", async () => {
  const one = new QuantileTransformer({ nQuantiles: 5 });
  assert.equal(((await one.fitTransform([[3, NaN]])) as Matrix).toArray(), [[0, NaN]]);
  assert.is(one.nQuantiles_, 1);
  const narrow = await one.transform(new Matrix(Float32Array.of(3, 4), [1, 2]));
  assert.instance((narrow as Matrix).data, Float32Array);
});

test("what cannot be says why", async () => {
  const few = await errorOf(() => new QuantileTransformer({ subsample: 100 }).fit(long));
  assert.match(few.message, /nQuantiles 1000 must not be greater than subsample 100/);
  const negative = CsrMatrix.fromDense([[1, -2]]);
  assert.match(
    (await errorOf(() => new QuantileTransformer().fit(negative))).message,
    /X holds -2, but a sparse table/,
  );
  const ignoring = new QuantileTransformer({ ignoreImplicitZeros: true, nQuantiles: 1 });
  assert.instance(await ignoring.fitTransform(negative), CsrMatrix);
});

test("the normal distribution's share and quantile undo each other", () => {
  for (let k = -70; k <= 70; k++) {
    const x = k / 10;
    const share = normalCdf(-Math.abs(x)); // near 1 a share has no digits left
    assert.ok(Math.abs(normalQuantile(share) + Math.abs(x)) < 1e-13, String(x));
    assert.ok(Math.abs(normalCdf(x) + normalCdf(-x) - 1) < 1e-15, String(x));
  }
  assert.equal([-Infinity, Infinity, NaN].map(normalCdf), [0, 1, NaN]);
  assert.equal([0, 1].map(normalQuantile), [-Infinity, Infinity]);
});

test.run();

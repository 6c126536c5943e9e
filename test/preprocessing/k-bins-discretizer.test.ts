import { test } from "uvu";
import * as assert from "uvu/assert";
import { fromArrow, KBinsDiscretizer, Matrix, withConfig, type KBinsDiscretizerParams } from "../../src/index.js";
import { tableFromArrays } from "apache-arrow";
import { errorOf } from "../contract/estimators.js";
import { random } from "../contract/problems.js";
import { rechunked } from "../contract/rechunked.js";

const next = random(3);
const long = Matrix.from(Array.from({ length: 5000 }, () => [next(), Math.floor(next() * 9), next() ** 4]));

async function ordinal(X: Matrix, params: Partial<KBinsDiscretizerParams>): Promise<number[][]> {
  return ((await new KBinsDiscretizer({ encode: "ordinal", ...params }).fitTransform(X)) as Matrix).toArray();
}

test("bins found by search are those found by comparison with every edge", async () => {
  const many = new KBinsDiscretizer({ nBins: [80, 3, 64], encode: "ordinal", strategy: "uniform" });
  const Z = (await many.fitTransform(long)) as Matrix;
  many.binEdges_.forEach((edges, j) => {
    const inner = edges.subarray(1, -1);
    const expected = Array.from(long.column(j), (x) => inner.filter((edge) => edge <= x).length);
    assert.equal(Array.from(Z.column(j)), expected);
  });
  const few = await ordinal(long, { nBins: [64, 3, 64], strategy: "uniform" });
  assert.equal(
    few.map((row) => row[2]),
    Array.from(Z.column(2)),
  );
});

test("a sample of the rows gives edges near those of all, the same for any chunks, and weights are drawn by", async () => {
  const sampled = { subsample: 2000, randomState: 5 };
  const model = await new KBinsDiscretizer(sampled).fit(long);
  const exact = await new KBinsDiscretizer({ subsample: null }).fit(long);
  const apart = model.binEdges_[0]?.map((edge, k) =>
    Math.abs(edge - (exact.binEdges_[0]?.[k] as number)),
  ) as Float64Array;
  assert.ok(Math.max(...apart) > 0 && Math.max(...apart) < 0.06, String(apart));
  const again = await withConfig({ nJobs: 2 }, () => new KBinsDiscretizer(sampled).fit(rechunked(long, 777)));
  assert.equal(again.binEdges_, model.binEdges_);
  const right = Float64Array.from(long.column(0), (x) => (x > 0.5 ? 1 : 0));
  const weighted = await new KBinsDiscretizer(sampled).fit(long, undefined, { sampleWeight: right });
  assert.ok((weighted.binEdges_[0]?.[0] as number) > 0.5, "rows of weight 0 are never drawn");
});

test("ties leave fewer bins; a constant column has one, and no middle", async () => {
  const model = new KBinsDiscretizer({ encode: "onehot-dense", nBins: 4 });
  const X = [[0, 7], [0, 7], [0, 7], [0, 7], [1, 7], [2, 7]]; // prettier-ignore
  const Z = (await model.fitTransform(X)) as Matrix;
  assert.equal(Array.from(model.nBins_), [2, 1]);
  assert.equal(model.getFeatureNamesOut(), ["x0_0.0", "x0_1.0", "x1_0.0"]);
  const back = (await model.inverseTransform(Z)).toArray();
  assert.equal(back[0], [((model.binEdges_[0]?.[0] as number) + (model.binEdges_[0]?.[1] as number)) / 2, NaN]);
});

test("frames keep their names, float32 stays float32", async () => {
  const frame = await fromArrow(
    tableFromArrays({ age: Float64Array.of(1, 2, 3, 4), pay: Float64Array.of(9, 5, 7, 8) }),
  );
  const model = new KBinsDiscretizer({ nBins: 2, encode: "ordinal" });
  await model.fit(frame);
  assert.equal(model.getFeatureNamesOut(), ["age", "pay"]);
  const narrow = await model.transform(new Matrix(Float32Array.of(1, 9, 4, 5), [2, 2]));
  assert.instance((narrow as Matrix).data, Float32Array);
  assert.equal((narrow as Matrix).toArray(), [[0, 1], [1, 0]]); // prettier-ignore
});

test("what cannot be says why", async () => {
  const X = [[1, 2], [3, 4], [5, 9]]; // prettier-ignore
  const wrongBins = await errorOf(() => new KBinsDiscretizer({ nBins: [2, 3, 4] }).fit(X));
  assert.match(wrongBins.message, /nBins has 3 numbers, but X has 2 features/);
  const method = new KBinsDiscretizer({ quantileMethod: "linear" });
  const weighted = await errorOf(() => method.fit(X, undefined, { sampleWeight: [1, 2, 1] }));
  assert.match(weighted.message, /quantileMethod must be "averagedInvertedCdf" or "invertedCdf", got "linear"/);
  const model = await new KBinsDiscretizer({ encode: "ordinal", nBins: 2 }).fit(X);
  assert.match((await errorOf(() => model.inverseTransform([[2, 0]]))).message, /X holds 2 in column 0, expected the/);
  assert.match((await errorOf(() => model.inverseTransform([[0]]))).message, /X has 1 columns, but 2 are expected/);
  const hot = await new KBinsDiscretizer({ nBins: 2 }).fit(X);
  assert.match((await errorOf(() => hot.inverseTransform([[0, 1, 0, 0]]))).message, /no bin of feature 1/);
  const few = await errorOf(() =>
    withConfig({ memoryLimit: 10_000 }, () => hot.transform(long.toArray().map((r) => r.slice(1)))),
  );
  assert.is(few.code, "ERR_MEMORY_LIMIT");
});

test.run();

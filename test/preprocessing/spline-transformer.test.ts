import { test } from "uvu";
import * as assert from "uvu/assert";
import { tableFromArrays } from "apache-arrow";
import {
  CsrMatrix,
  fromArrow,
  LinearRegression,
  makePipeline,
  Matrix,
  SplineTransformer,
  withConfig,
  type SplineTransformerParams,
} from "../../src/index.js";
import { errorOf } from "../contract/estimators.js";
import { random } from "../contract/problems.js";
import { rechunked } from "../contract/rechunked.js";

const next = random(11);
const rows = Array.from({ length: 3000 }, () => [next() - 0.5, 1000 * next() ** 3, Math.floor(next() * 6)]);
const X = Matrix.from(rows);

/** The function by its definition, one value at a time (de Boor's recursion). */
function bSpline(t: Float64Array, i: number, q: number, x: number, last: number): number {
  const [low, high] = [t[i] as number, t[i + 1] as number];
  if (q === 0) return i <= last && x >= low && (x < high || (i === last && x === high)) ? 1 : 0;
  const share = (k: number): number => {
    const width = (t[k + q] as number) - (t[k] as number);
    return width > 0 ? bSpline(t, k, q - 1, x, last) / width : 0;
  };
  return share(i) * (x - (t[i] as number)) + share(i + 1) * ((t[i + 1 + q] as number) - x);
}

for (const degree of [0, 1, 2, 4]) {
  for (const knots of ["uniform", "quantile"] as const) {
    test(`degree ${degree}, ${knots} knots: the functions are those of the definition and sum to 1`, async () => {
      const model = await new SplineTransformer({ degree, knots, nKnots: 6 }).fit(X);
      const Z = ((await model.transform(X)) as Matrix).toArray();
      const width = 6 + degree - 1;
      for (let i = 0; i < 200; i++) {
        model.knots_.forEach((t, j) => {
          let sum = 0;
          for (let k = 0; k < width; k++) {
            const got = Z[i]?.[j * width + k] as number;
            sum += got;
            const expected = bSpline(t, k, degree, rows[i]?.[j] as number, t.length - degree - 2);
            assert.ok(Math.abs(got - expected) < 1e-12, `row ${i}, column ${j}, function ${k}: ${got}, ${expected}`);
          }
          assert.ok(Math.abs(sum - 1) < 1e-12, `row ${i}, column ${j}: the sum is ${sum}`);
        });
      }
    });
  }
}

test("the same bits for any threads and chunks, dense and sparse", async () => {
  const paramSets: Partial<SplineTransformerParams>[] = [
    { knots: "quantile" },
    { extrapolation: "periodic", includeBias: false },
    { extrapolation: "linear", order: "F" },
  ];
  const far = Matrix.from(rows.map((row) => row.map((x) => 1.5 * x - 0.2)));
  for (const params of paramSets) {
    const model = await new SplineTransformer(params).fit(X);
    const Z = ((await model.transform(far)) as Matrix).toArray();
    const other = await withConfig({ nJobs: 2 }, () => new SplineTransformer(params).fit(rechunked(X, 701)));
    assert.equal(other.knots_, model.knots_);
    const again = await withConfig({ nJobs: 2 }, () => other.transform(rechunked(far, 333)));
    assert.equal((again as Matrix).toArray(), Z);
    const entries = await model.setParams({ sparseOutput: true }).transform(far);
    assert.instance(entries, CsrMatrix);
    assert.is((entries as CsrMatrix).nnz, Z.flat().filter((value) => value !== 0).length);
    assert.equal((entries as CsrMatrix).toDense().toArray(), Z);
  }
});

test("missing values have no function, also in sparse output; a column without any value neither", async () => {
  const holed = [[NaN, 1, NaN], [0, NaN, NaN], [1, 2, NaN], [3, 4, NaN]]; // prettier-ignore
  for (const extrapolation of ["constant", "linear", "continue", "periodic", "error"] as const) {
    for (const knots of ["uniform", "quantile"] as const) {
      const params = { handleMissing: "zeros", extrapolation, knots, degree: 2, sparseOutput: true } as const;
      const Z = (await new SplineTransformer(params).fitTransform(holed)) as CsrMatrix;
      const dense = Z.toDense().toArray();
      const width = Z.cols / 3;
      holed.forEach((row, i) =>
        row.forEach((x, j) => {
          const of = dense[i]?.slice(j * width, (j + 1) * width) as number[];
          const sum = of.reduce((a, b) => a + b, 0);
          assert.ok(Math.abs(sum - (Number.isNaN(x) ? 0 : 1)) < 1e-12, `${extrapolation} [${i}, ${j}]: ${of.join()}`);
        }),
      );
    }
  }
  const error = await errorOf(() => new SplineTransformer().fit(holed));
  assert.match(error.message, "NaN");
  const infinite = await errorOf(() => new SplineTransformer({ handleMissing: "zeros" }).fit([[1], [Infinity]]));
  assert.match(infinite.message, "infinite");
});

test("degree 0: beyond the knots the first and the last function stay 1", async () => {
  for (const extrapolation of ["constant", "linear"] as const) {
    for (const sparseOutput of [false, true]) {
      const model = await new SplineTransformer({ degree: 0, nKnots: 3, extrapolation, sparseOutput }).fit([[0], [2]]);
      const Z = await model.transform([[-1], [0.5], [2], [3]]);
      assert.equal((Z instanceof CsrMatrix ? Z.toDense() : Z).toArray(), [[1, 0], [1, 0], [0, 1], [0, 1]]); // prettier-ignore
    }
  }
});

test("weights: rows of weight 0 do not count", async () => {
  const weights = Float64Array.from({ length: X.rows }, (_, i) => (i % 3 === 0 ? 0 : 1));
  const kept = Matrix.from(rows.filter((_, i) => i % 3 !== 0));
  const uniform = await new SplineTransformer().fit(X, undefined, { sampleWeight: weights });
  assert.equal(uniform.knots_, (await new SplineTransformer().fit(kept)).knots_);
  const weighted = await new SplineTransformer({ knots: "quantile" }).fit(X, undefined, { sampleWeight: weights });
  const ones = new Float64Array(kept.rows).fill(1);
  const repeated = await new SplineTransformer({ knots: "quantile" }).fit(kept, undefined, { sampleWeight: ones });
  assert.equal(weighted.knots_, repeated.knots_);
});

test("names, float32, a pipeline that a line cannot fit", async () => {
  const frame = await fromArrow(tableFromArrays({ age: Float64Array.of(1, 2, 3, 4) }));
  const model = await new SplineTransformer({ nKnots: 2, degree: 1, includeBias: false }).fit(frame);
  assert.equal(model.getFeatureNamesOut(), ["age_sp_0"]);
  const narrow = await new SplineTransformer().fitTransform(new Matrix(Float32Array.of(1, 2, 3), [3, 1]));
  assert.instance((narrow as Matrix).data, Float32Array);
  const x = Array.from({ length: 300 }, (_, i) => [i / 50]);
  const y = x.map(([v]) => Math.sin(v as number));
  const pipe = makePipeline(new SplineTransformer({ nKnots: 8, includeBias: false }), new LinearRegression());
  await pipe.fit(x, y);
  assert.ok((await pipe.score(x, y)) > 0.9999);
});

test("what is refused says where and what to do, and leaves the fit as it was", async () => {
  const model = await new SplineTransformer({ extrapolation: "error", degree: 1, nKnots: 2 }).fit([[0], [1]]);
  const beyond = await errorOf(() => model.transform([[0.5], [2]]));
  assert.match(beyond.message, /SplineTransformer.transform: X holds 2 in column 0, beyond the knots \[0, 1\]/);
  assert.equal(((await model.transform([[0.5]])) as Matrix).toArray(), [[0.5, 0.5]]);
  const cases: [Partial<SplineTransformerParams>, RegExp][] = [
    [{ extrapolation: "periodic", nKnots: 3 }, /more knots than their degree, got 3 knots and degree 3/],
    [{ knots: [[0, 0], [1, 1]] }, /knots has 2 numbers in row 0, but X has 1 features/], // prettier-ignore
    [{ knots: [[0], [2], [2]] }, /knots must ascend in each column, but column 0 has 2 and then 2/],
    [{ degree: 0, nKnots: 2, includeBias: false }, /gives no column at all/],
  ];
  for (const [params, message] of cases) {
    const error = await errorOf(() => new SplineTransformer(params).fit([[0], [1], [5]]));
    assert.is((error as { code?: string }).code, "ERR_INVALID_ARGUMENT");
    assert.match(error.message, message);
  }
  const large = await errorOf(() =>
    withConfig({ memoryLimit: 1000 }, async () => (await new SplineTransformer().fit(X)).transform(X)),
  );
  assert.is((large as { code?: string }).code, "ERR_MEMORY_LIMIT");
});

test.run();

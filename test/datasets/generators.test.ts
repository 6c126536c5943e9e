import { test } from "uvu";
import * as assert from "uvu/assert";
import { TreelineError } from "../../src/base/errors.js";
import { makeBlobs, makeClassification, makeRegression } from "../../src/datasets/index.js";
import { exp, log, normalQuantile } from "../../src/datasets/portable-math.js";
import { Random } from "../../src/datasets/random.js";
import { Matrix } from "../../src/data/matrix.js";

const mean = (x: Iterable<number>): number => {
  const values = [...x];
  return values.reduce((sum, v) => sum + v, 0) / values.length;
};
const sd = (x: Iterable<number>): number => {
  const values = [...x];
  const m = mean(values);
  return Math.sqrt(mean(values.map((v) => (v - m) ** 2)));
};
const near = (actual: number, expected: number, tolerance: number): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`);
const counts = (y: Iterable<number>): Record<number, number> => {
  const out: Record<number, number> = {};
  for (const label of y) out[label] = (out[label] ?? 0) + 1;
  return out;
};

test("portable log, exp and normal quantile agree with the known functions", () => {
  for (const x of [1e-300, 1e-9, 0.3, 0.999999, 1, 1.5, 2, Math.E, 1e5, 1e300]) {
    near(log(x), Math.log(x), 1e-15 * Math.max(1, Math.abs(Math.log(x))));
  }
  for (const x of [-600, -20, -1, -1e-9, 0, 1e-5, 0.5, 3, 50, 600]) near(exp(x) / Math.exp(x), 1, 5e-15);
  const known: [number, number][] = [
    [0.5, 0],
    [0.975, 1.959963984540054],
    [0.1, -1.2815515655446004],
    [1e-12, -7.034483825301131],
    [1e-300, -37.0471],
  ];
  for (const [p, z] of known) near(normalQuantile(p), z, 1e-4 * (p < 1e-100 ? 1 : 1e-9));
});

test("the same seed gives these very numbers on every platform", () => {
  const random = new Random(42);
  assert.equal([random.bits(), random.bits(), random.bits()], [3601465267, 1456900878, 3783840832]);
  assert.equal(
    [random.uniform(), random.normal(), random.normal()],
    [0.45491765474298285, 0.3068265209782147, 0.46616403399942813],
  );
});

test("seeds and streams are independent, large seeds too", () => {
  const firsts = [0, 1, 2, 2 ** 32, 2 ** 32 + 1, 2 ** 52].flatMap((seed) =>
    [0, 1, 2].map((stream) => new Random(seed, stream).bits()),
  );
  assert.is(new Set(firsts).size, firsts.length);
});

test("uniform and normal draws have their moments", () => {
  const random = new Random(1);
  const u = random.uniforms(200_000);
  near(mean(u), 0.5, 0.003);
  near(sd(u), Math.sqrt(1 / 12), 0.002);
  const z = random.normals(200_000);
  near(mean(z), 0, 0.01);
  near(sd(z), 1, 0.01);
  near(mean(z.map((x) => x ** 4)), 3, 0.1);
  const cells = new Float64Array(7);
  for (let i = 0; i < 70_000; i++) cells[random.integer(7)]! += 1;
  for (const count of cells) near(count, 10_000, 500);
});

test("a permutation holds every index once", () => {
  assert.equal(
    [...new Random(3).permutation(100)].sort((a, b) => a - b),
    [...Array(100).keys()],
  );
});

test("makeClassification has scikit-learn's defaults and is reproducible", () => {
  const [X, y] = makeClassification({ randomState: 7 });
  assert.equal(X.shape, [100, 20]);
  assert.equal(Object.keys(counts(y)), ["0", "1"]);
  assert.equal(makeClassification({ randomState: 7 }), [X, y]);
  assert.not.equal(makeClassification({ randomState: 8 })[1], y);
});

test("makeClassification without shuffle lays out informative, redundant, repeated and noise columns", () => {
  const [X] = makeClassification({
    nSamples: 400,
    nFeatures: 9,
    nInformative: 3,
    nRedundant: 2,
    nRepeated: 2,
    shuffle: false,
    randomState: 0,
  });
  const columns = Array.from({ length: 9 }, (_, j) => X.column(j));
  const correlation = (a: Float64Array, b: Float64Array): number => {
    const [ma, mb] = [mean(a), mean(b)];
    return mean(a.map((x, i) => (x - ma) * ((b[i] as number) - mb))) / (sd(a) * sd(b));
  };
  // A redundant column is an exact combination of the informative ones: regress it on them.
  const residual = residualNorm(columns.slice(0, 3), columns[3] as Float64Array);
  assert.ok(residual < 1e-9, String(residual));
  for (const repeated of [5, 6]) {
    assert.ok(columns.slice(0, 5).some((c) => c.every((x, i) => x === columns[repeated]![i])));
  }
  for (const noise of [7, 8]) {
    near(sd(columns[noise] as Float64Array), 1, 0.15);
    for (let j = 0; j < 5; j++) near(correlation(columns[noise] as Float64Array, columns[j] as Float64Array), 0, 0.2);
  }
});

test("makeClassification shares out classes by weights and flips labels", () => {
  const [, y] = makeClassification({ nSamples: 1000, weights: [0.75], flipY: 0, randomState: 0 });
  assert.equal(counts(y), { 0: 750, 1: 250 });
  const [, three] = makeClassification({
    nSamples: 1000,
    nClasses: 3,
    nInformative: 4,
    weights: [0.2, 0.3, 0.5],
    flipY: 0,
    randomState: 0,
  });
  assert.equal(counts(three), { 0: 200, 1: 300, 2: 500 });
  const plain = makeClassification({ nSamples: 20_000, flipY: 0, shuffle: false, randomState: 5 })[1];
  const flipped = makeClassification({ nSamples: 20_000, flipY: 0.2, shuffle: false, randomState: 5 })[1];
  near(mean(plain.map((label, i) => Number(label !== flipped[i]))), 0.1, 0.01);
});

test("makeClassification puts clusters on vertices at ±classSep, moved and scaled by shift and scale", () => {
  const options = { nSamples: 40_000, nFeatures: 2, nRedundant: 0, nClustersPerClass: 1, flipY: 0, shuffle: false };
  const [X, y] = makeClassification({ ...options, classSep: 3, randomState: 2 });
  for (const label of [0, 1]) {
    for (const j of [0, 1]) {
      near(Math.abs(mean([...X.column(j)].filter((_, i) => y[i] === label))), 3, 0.05);
    }
  }
  const [Z] = makeClassification({ ...options, classSep: 3, randomState: 2, shift: [1, 2], scale: 10 });
  near(Z.at(5, 0), (X.at(5, 0) + 1) * 10, 1e-9);
  near(Z.at(5, 1), (X.at(5, 1) + 2) * 10, 1e-9);
  const [wide] = makeClassification({ nFeatures: 40, nInformative: 35, hypercube: false, shift: null, scale: null });
  assert.ok(wide.data.every(Number.isFinite));
});

test("makeRegression's y is what its coefficients say", () => {
  const [X, y, coef] = makeRegression({
    nSamples: 50,
    nFeatures: 8,
    nInformative: 3,
    coef: true,
    bias: 2,
    randomState: 1,
  });
  assert.is(coef.filter((c) => c !== 0).length, 3);
  y.forEach((value, i) => near(value, 2 + X.row(i).reduce((sum, x, j) => sum + x * (coef[j] as number), 0), 1e-9));
  const noisy = makeRegression({ nSamples: 20_000, nFeatures: 3, noise: 4, coef: true, randomState: 1 });
  const residuals = noisy[1].map((v, i) => v - noisy[0].row(i).reduce((s, x, j) => s + x * (noisy[2][j] as number), 0));
  near(sd(residuals), 4, 0.1);
});

test("makeRegression with effectiveRank has orthonormal factors and the named singular values", () => {
  const [X] = makeRegression({ nSamples: 60, nFeatures: 20, effectiveRank: 4, tailStrength: 0.3, randomState: 3 });
  // The squared Frobenius norm is the sum of squared singular values.
  const expected = Array.from(
    { length: 20 },
    (_, r) => 0.7 * Math.exp(-((r / 4) ** 2)) + 0.3 * Math.exp((-0.1 * r) / 4),
  );
  near(
    X.data.reduce((sum, x) => sum + x * x, 0),
    expected.reduce((sum, s) => sum + s * s, 0),
    1e-9,
  );
});

test("makeRegression gives several targets as a matrix", () => {
  const [X, y] = makeRegression({ nSamples: 5, nFeatures: 4, nTargets: 3, randomState: 0 });
  assert.equal(X.shape, [5, 4]);
  assert.ok(y instanceof Matrix);
  assert.equal((y as Matrix).shape, [5, 3]);
});

test("makeBlobs draws around its centers", () => {
  const centers = [
    [0, 0, 0],
    [10, -10, 5],
  ];
  const [X, y, given] = makeBlobs({
    nSamples: 10_000,
    centers,
    clusterStd: [1, 2],
    returnCenters: true,
    randomState: 0,
  });
  assert.equal(given.toArray(), centers);
  assert.equal(counts(y), { 0: 5000, 1: 5000 });
  for (const [label, spread] of [
    [0, 1],
    [1, 2],
  ] as const) {
    const values = [...X.column(1)].filter((_, i) => y[i] === label);
    near(mean(values), centers[label]![1]!, 0.1);
    near(sd(values), spread, 0.05);
  }
});

test("makeBlobs takes rows of each blob, and defaults to three", () => {
  assert.equal(counts(makeBlobs({ nSamples: [3, 0, 7], randomState: 0 })[1]), { 0: 3, 2: 7 });
  const [X, y] = makeBlobs({ nSamples: 10, shuffle: false, randomState: 0 });
  assert.equal(X.shape, [10, 2]);
  assert.equal([...y], [0, 0, 0, 0, 1, 1, 1, 2, 2, 2]);
});

const REFUSED: [string, () => unknown, RegExp][] = [
  ["unknown name", () => makeBlobs({ n_samples: 3 } as never), /spelt nSamples here/],
  ["no rows", () => makeClassification({ nSamples: 0 }), /nSamples must be an integer >= 1, got 0/],
  ["too many features used", () => makeClassification({ nFeatures: 3 }), /is 4, more than nFeatures \(3\)/],
  ["too few vertices", () => makeClassification({ nClasses: 3 }), /only 4 vertices/],
  ["weights over 1", () => makeClassification({ weights: [0.9, 0.2] }), /weights must be/],
  ["wrong number of weights", () => makeClassification({ weights: [0.1, 0.1, 0.1] }), /must have 2 or 1 shares, got 3/],
  ["short shift", () => makeClassification({ shift: [1] }), /shift must have 20 numbers/],
  ["clusterStd of another length", () => makeBlobs({ clusterStd: [1] }), /clusterStd must have 3 numbers/],
  ["nSamples beside centers", () => makeBlobs({ nSamples: [1, 2], centers: 3 }), /for 3 centers/],
  ["negative noise", () => makeRegression({ noise: -1 }), /noise must be a non-negative number, got -1/],
];
for (const [name, call, message] of REFUSED) {
  test(`refused: ${name}`, () => {
    assert.throws(call, (e: unknown) => {
      assert.instance(e, TreelineError);
      assert.match((e as Error).message, message);
      return true;
    });
  });
}

/** Norm of what is left of y after projecting out the columns (Gram-Schmidt), relative to y's. */
function residualNorm(columns: readonly Float64Array[], y: Float64Array): number {
  const basis: Float64Array[] = [];
  const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
  const reduce = (v: Float64Array): Float64Array => {
    let out = v.slice();
    for (let pass = 0; pass < 2; pass++) {
      for (const q of basis) {
        const c = dot(out, q);
        out = out.map((x, i) => x - c * (q[i] as number));
      }
    }
    return out;
  };
  for (const column of columns) {
    const r = reduce(column);
    const norm = Math.sqrt(dot(r, r));
    basis.push(r.map((x) => x / norm));
  }
  const left = reduce(y);
  return Math.sqrt(dot(left, left) / dot(y, y));
}

test.run();

// ChunkedMatrix against NumPy's answers (make_chunked.py).
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  ChunkedMatrix,
  hstack,
  vstack,
  where,
  type Interpolation,
  type Matrix,
  type Reduction,
} from "../../src/index.js";
import { tables } from "../chunked/tables.js";

type Which = "X" | "N" | "K";
type Plain = number | string | readonly Plain[];
const parity = JSON.parse(readFileSync(new URL("chunked.json", import.meta.url), "utf8")) as {
  elementwise: Record<string, readonly (readonly Plain[])[]>;
  reductions: Record<string, Record<Which, { all: Plain; columns: readonly Plain[] }>>;
  q: number[];
  quantiles: Record<Which, Record<Interpolation, { all: readonly Plain[]; columns: readonly (readonly Plain[])[] }>>;
  histograms: Record<
    Which,
    Record<"default" | "range" | "edges", { counts: readonly Plain[]; edges: readonly Plain[] }>
  >;
  unique: Record<Which, { values: readonly Plain[]; counts: readonly Plain[] }>;
  bincount: readonly Plain[];
};

const X = await ChunkedMatrix.from(tables.X);
const Y = await ChunkedMatrix.from(tables.Y);
const N = await ChunkedMatrix.from(tables.N);
const K = await ChunkedMatrix.from(tables.K);
const R = [1.5, -2, 0, 4];
const C = Y.select(0);
const [X32, Y32] = [X.astype("float32"), Y.astype("float32")];

function numberOf(value: Plain): number {
  return value === "nan" ? NaN : value === "inf" ? Infinity : value === "-inf" ? -Infinity : (value as number);
}

function assertClose(actual: number, plain: Plain, tolerance: number, what: string): void {
  const expected = numberOf(plain);
  if (Object.is(actual, expected) || actual === expected) return;
  const close = Math.abs(actual - expected) <= tolerance * Math.max(Math.abs(expected), 1e-300);
  assert.ok(close, `${what}: ${actual}, NumPy ${expected}`);
}

const ELEMENTWISE: Record<string, () => ChunkedMatrix> = {
  add: () => X.add(Y),
  subtract: () => X.subtract(tables.Y),
  multiply: () => X.multiply(Y),
  divide: () => X.divide(Y),
  addScalar: () => X.add(2.5),
  addRow: () => X.add(R),
  addColumn: () => X.add(C),
  columnTimesMatrix: () => C.multiply(X),
  divideByRow: () => X.divide(Float64Array.from(R)),
  power: () => Y.power(X),
  powerScalar: () => Y.power(2.5),
  minimum: () => N.minimum(Y),
  maximum: () => N.maximum(Y),
  less: () => X.less(R),
  greaterEqual: () => N.greaterEqual(0),
  equal: () => K.equal(3),
  notEqual: () => K.notEqual(3),
  and: () => K.and(N),
  or: () => X.greater(0).or(Y.greater(3)),
  xor: () => X.greater(0).xor(Y.greater(3)),
  not: () => K.not(),
  negative: () => X.negative(),
  abs: () => X.abs(),
  square: () => X.square(),
  sqrt: () => X.sqrt(),
  sign: () => N.sign(),
  reciprocal: () => X.reciprocal(),
  floor: () => X.floor(),
  ceil: () => X.ceil(),
  round: () => X.round(),
  exp: () => X.exp(),
  expm1: () => X.expm1(),
  log: () => X.log(),
  log1p: () => X.log1p(),
  isNaN: () => N.isNaN(),
  isFinite: () => N.isFinite(),
  fillNaN: () => N.fillNaN(7),
  clip: () => N.clip(-1, 2.5),
  clipLow: () => X.clip(0),
  where: () => where(X.greater(0), X, Y),
  float32: () => X32.multiply(Y32).add(0.1),
  float32Divide: () => X32.divide(Y32),
  slice: () => X.slice(100),
  select: () => X.select(3, 0, 0),
  hstack: () => hstack([X, C]),
  vstack: () => vstack([X.slice(0, 5), Y]),
  sumRows: () => X.sum({ axis: 1 }),
  meanRows: () => N.mean({ axis: 1 }),
  nanMeanRows: () => N.nanMean({ axis: 1 }),
  varianceRows: () => X.variance({ axis: 1, ddof: 1 }),
  nanVarianceRows: () => N.nanVariance({ axis: 1 }),
  minRows: () => N.min({ axis: 1 }),
  nanMinRows: () => N.nanMin({ axis: 1 }),
  maxRows: () => N.max({ axis: 1 }),
  argminRows: () => N.argmin({ axis: 1 }),
  nanArgmaxRows: () => N.nanArgmax({ axis: 1 }),
  countRows: () => N.count({ axis: 1 }),
  anyRows: () => K.any({ axis: 1 }),
  allRows: () => K.all({ axis: 1 }),
  normRows: () => X.norm({ axis: 1 }),
};

for (const [name, expected] of Object.entries(parity.elementwise)) {
  test(`element-wise ${name} is NumPy's`, async () => {
    const matrix = await (ELEMENTWISE[name] as () => ChunkedMatrix)().toMatrix();
    assert.is(matrix.cols, expected[0]?.length);
    expected.forEach((row, i) =>
      row.forEach((value, j) => assertClose(matrix.at(i, j), value, 1e-14, `${name} (${i}, ${j})`)),
    );
  });
}

test("every element-wise result NumPy gave was compared", () => {
  assert.equal(Object.keys(ELEMENTWISE).sort(), Object.keys(parity.elementwise).sort());
});

type Reduce = (matrix: ChunkedMatrix, axis: 0 | null) => Reduction<unknown>;
const REDUCTIONS: Record<string, Reduce> = {
  std: (matrix, axis) => (axis === 0 ? matrix.std({ axis, ddof: 1 }) : matrix.std({ ddof: 1 })),
  nanStd: (matrix, axis) => (axis === 0 ? matrix.nanStd({ axis, ddof: 1 }) : matrix.nanStd({ ddof: 1 })),
  norm1: (matrix, axis) => (axis === 0 ? matrix.norm({ axis, ord: 1 }) : matrix.norm({ ord: 1 })),
  normInfinity: (matrix, axis) => (axis === 0 ? matrix.norm({ axis, ord: Infinity }) : matrix.norm({ ord: Infinity })),
};

/** A reduction by name, as users call it. */
function reduce(name: string, matrix: ChunkedMatrix, axis: 0 | null): Reduction<unknown> {
  const special = REDUCTIONS[name];
  if (special !== undefined) return special(matrix, axis);
  return matrix[name as "sum"]({ axis } as { axis: 0 });
}

for (const [name, matrices] of Object.entries(parity.reductions)) {
  test(`the reduction ${name} is NumPy's, of all values and of columns, with NaN and without`, async () => {
    for (const [which, expected] of Object.entries(matrices)) {
      const matrix = { X, N, K }[which] as ChunkedMatrix;
      assertClose(Number(await reduce(name, matrix, null)), expected.all, 1e-12, `${name}(${which})`);
      const columns = (await reduce(name, matrix, 0)) as ArrayLike<number>;
      assert.is(columns.length, expected.columns.length);
      expected.columns.forEach((value, j) =>
        assertClose(columns[j] as number, value, 1e-12, `${name}(${which}) column ${j}`),
      );
    }
  });
}

function assertAllClose(actual: ArrayLike<number>, expected: readonly Plain[], tolerance: number, what: string): void {
  assert.is(actual.length, expected.length, what);
  expected.forEach((value, i) => assertClose(actual[i] as number, value, tolerance, `${what} [${i}]`));
}

for (const [which, methods] of Object.entries(parity.quantiles)) {
  test(`quantiles of ${which} are NumPy's, in every interpolation`, async () => {
    const matrix = { X, N, K }[which] as ChunkedMatrix;
    for (const [interpolation, expected] of Object.entries(methods)) {
      const options = { interpolation: interpolation as Interpolation };
      assertAllClose(await matrix.nanQuantile(parity.q, options), expected.all, 1e-15, interpolation);
      const columns = await matrix.nanQuantile(parity.q, { ...options, axis: 0 });
      expected.columns.forEach((row, i) => assertAllClose(columns.row(i), row, 1e-15, `${interpolation} of columns`));
    }
    const median = await matrix.median();
    assert.equal(median, which === "N" ? NaN : numberOf(methods.linear.all[3] as Plain));
  });
}

for (const [which, expected] of Object.entries(parity.histograms)) {
  test(`histograms of ${which} are NumPy's: of all values, of a range, between given edges`, async () => {
    const matrix = { X, N, K }[which] as ChunkedMatrix;
    const results = {
      default: await matrix.histogram(),
      range: await matrix.histogram({ bins: 7, range: [-1, 2.5] }),
      edges: await matrix.histogram({ bins: [-3, 0, 0.5, 4] }),
    };
    for (const [kind, { counts, edges }] of Object.entries(results)) {
      const numpy = expected[kind as "default"];
      assertAllClose(counts as Float64Array, numpy.counts, 0, `${kind} counts`);
      assertAllClose(edges, numpy.edges, 1e-15, `${kind} edges`);
    }
    const perColumn = (await matrix.histogram({ axis: 0 })).counts as Matrix;
    const sums = Float64Array.from({ length: 10 }, (_, k) => Array.from(perColumn.column(k)).reduce((a, b) => a + b));
    assertAllClose(sums, expected.default.counts, 0, "columns together");
  });
}

test("unique values and their counts, and bincount, are NumPy's", async () => {
  for (const [which, expected] of Object.entries(parity.unique)) {
    const { values, counts } = await ({ X, N, K }[which] as ChunkedMatrix).floor().unique();
    assertAllClose(values, expected.values, 0, which);
    assertAllClose(counts, expected.counts, 0, which);
  }
  assertAllClose(await K.select(1).bincount({ minLength: 12 }), parity.bincount, 0, "bincount");
});

test.run();

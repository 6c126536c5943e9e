import { test } from "uvu";
import * as assert from "uvu/assert";
import { CsrSource } from "../../src/data/csr-source.js";
import {
  CsrMatrix,
  DecisionTreeClassifier,
  DecisionTreeRegressor,
  ExtraTreesClassifier,
  ExtraTreesRegressor,
  HistGradientBoostingClassifier,
  HistGradientBoostingRanker,
  HistGradientBoostingRegressor,
  Matrix,
  RandomForestClassifier,
  RandomForestRegressor,
} from "../../src/index.js";

const ROWS = 600;
const COLS = 9;

/** About a fifth of the cells, both signs, some missing; column 8 holds categories. */
function table(rows = ROWS): CsrMatrix {
  const dense = new Float64Array(rows * COLS);
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < COLS; col++) {
      const random = ((row * 7919 + col * 104_729 + row * col * 31) % 1009) / 1009;
      if (random < 0.2) dense[row * COLS + col] = col === 2 && random < 0.03 ? NaN : random * 9 - 0.8;
    }
    dense[row * COLS + 8] = row % 4;
  }
  return CsrMatrix.fromDense(new Matrix(dense, [rows, COLS]));
}

const X = table();
const dense = X.toDense();
const sum = (row: number): number => Array.from(X.row(row).values).reduce((s, v) => s + (v || 0), 0);
const y = Float64Array.from({ length: ROWS }, (_, row) => sum(row));
const labels = Int32Array.from(y, (v) => (v > 3 ? 2 : v > 1 ? 1 : 0));
const weights = Float64Array.from({ length: ROWS }, (_, row) => ((row * 5) % 7) / 3 + 0.1);
const small = { maxIter: 8, randomState: 5, categoricalFeatures: [8] };

interface Fitted {
  toJSON(): unknown;
  predict(X: CsrMatrix): Promise<unknown>;
}

/** Runs `body` where a CsrMatrix cannot be read as dense rows. */
async function withoutDenseRows<R>(body: () => Promise<R>): Promise<R> {
  const own = Object.getOwnPropertyDescriptor(CsrSource.prototype, "chunks") as PropertyDescriptor;
  CsrSource.prototype.chunks = () => assert.unreachable("dense rows") as never;
  try {
    return await body();
  } finally {
    Object.defineProperty(CsrSource.prototype, "chunks", own);
  }
}

const boosted = [
  ["regressor", () => new HistGradientBoostingRegressor(small), y, {}],
  ["regressor, weighted", () => new HistGradientBoostingRegressor(small), y, { sampleWeight: weights }],
  ["regressor, few bins", () => new HistGradientBoostingRegressor({ ...small, maxBins: 4 }), y, {}],
  ["regressor, wide bins", () => new HistGradientBoostingRegressor({ ...small, maxBins: 400 }), y, {}],
  ["classifier", () => new HistGradientBoostingClassifier({ ...small, earlyStopping: true }), labels, {}],
  ["ranker", () => new HistGradientBoostingRanker(small), labels, { group: Array<number>(60).fill(10) }],
] as const;
for (const [name, make, target, options] of boosted) {
  test(`${name}: a CsrMatrix gives the model of the dense matrix without dense rows`, async () => {
    const expected = await make().fit(dense, target as never, options as never);
    const model = await withoutDenseRows<Fitted>(() => make().fit(X, target as never, options as never));
    assert.equal(JSON.stringify(model.toJSON()), JSON.stringify(expected.toJSON()));
    assert.equal(await model.predict(X), await expected.predict(dense as never));
  });
}

const forests = [
  DecisionTreeClassifier,
  DecisionTreeRegressor,
  RandomForestClassifier,
  RandomForestRegressor,
  ExtraTreesClassifier,
  ExtraTreesRegressor,
] as const;
for (const Forest of forests) {
  test(`${Forest.name}: a CsrMatrix gives the model of the dense matrix without dense rows`, async () => {
    const isClassifier = Forest.name.endsWith("Classifier");
    const make = () => new Forest({ randomState: 3, maxDepth: 8 });
    const expected = await make().fit(dense, isClassifier ? labels : y);
    const model = await withoutDenseRows<Fitted>(() => make().fit(X, isClassifier ? labels : y));
    assert.equal(JSON.stringify(model.toJSON()), JSON.stringify(expected.toJSON()));
    assert.equal(await model.predict(X), await expected.predict(dense));
  });
}

test("a fit on a CsrMatrix reads its entries twice, whatever its width", async () => {
  const wide = new CsrMatrix(
    Float64Array.from({ length: 2000 }, (_, k) => 1 + (k % 5)),
    Int32Array.from({ length: 2000 }, (_, k) => (k * 17) % 1000),
    Int32Array.from({ length: 2001 }, (_, k) => k),
    [2000, 1000],
  );
  const target = Float64Array.from({ length: 2000 }, (_, k) => k % 5);
  const model = await new HistGradientBoostingRegressor({ maxIter: 2, earlyStopping: false }).fit(wide, target);
  assert.is(model.trace_?.valuesRead, 4000);
  const again = await new HistGradientBoostingRegressor(small).fit(dense, y);
  assert.is(again.trace_?.valuesRead, 2 * ROWS * COLS);
});

test("an infinity in a CsrMatrix is refused in the words for dense rows", async () => {
  const bad = CsrMatrix.fromTriplets([0, 1, 2], [0, 2, 1], [1, Infinity, -Infinity], [4, 3]);
  const message = async (table: object): Promise<string> =>
    new DecisionTreeRegressor().fit(table as never, [1, 2, 3, 4]).then(
      () => assert.unreachable("a fit") as never,
      (e: unknown) => (e as Error).message,
    );
  assert.is(await message(bad), await message(bad.toDense()));
});

test("arrays that changed after the matrix was made are refused, not read out of bounds", async () => {
  const changed = table(50);
  (changed.indices as Int32Array)[3] = 1_000_000;
  const error = await new HistGradientBoostingRegressor(small).fit(changed, y.slice(0, 50)).catch((e: unknown) => e);
  assert.is((error as { code: string }).code, "ERR_INVALID_DATA");
  assert.match((error as Error).message, /did its arrays change/);
});

test.run();

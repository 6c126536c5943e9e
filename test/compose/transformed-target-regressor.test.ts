import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  fromBuffer,
  FunctionTransformer,
  LinearRegression,
  Matrix,
  PoissonRegressor,
  Ridge,
  StandardScaler,
  TransformedTargetRegressor,
} from "../../src/index.js";

const X = Array.from({ length: 50 }, (_, i) => [i / 10, (i % 7) - 3]);
const t = X.map(([a, b]) => Math.exp(0.5 * (a as number) - 0.2 * (b as number)) - 1);

async function refused(run: () => unknown, message: RegExp): Promise<void> {
  try {
    await run();
  } catch (error) {
    assert.match((error as Error).message, message);
    return;
  }
  assert.unreachable("not refused");
}

async function warnings(run: () => Promise<unknown>): Promise<string[]> {
  const seen: string[] = [];
  const listen = (warning: Error): void => void seen.push(warning.message);
  process.on("warning", listen);
  await run();
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", listen);
  return seen;
}

test("a law that is linear in the logarithm is learned exactly; the regressor knows logarithms", async () => {
  const model = new TransformedTargetRegressor({ func: Math.log1p, inverseFunc: Math.expm1 });
  assert.equal(await warnings(() => model.fit(X, t)), []);
  const predicted = await model.predict(X);
  t.forEach((value, i) => assert.ok(Math.abs((predicted[i] as number) - value) < 1e-9 * (1 + value)));
  assert.ok((await model.score(X, t)) > 1 - 1e-12);
  assert.ok(Math.abs(((model.regressor_ as LinearRegression).coef_ as Float64Array)[0]! - 0.5) < 1e-10);
  assert.instance(model.transformer_, FunctionTransformer);
});

test("several targets: a matrix in, a matrix out, R² their mean; saved with its transformer", async () => {
  const two = Matrix.from(t.map((value, i) => [value, i]));
  const model = new TransformedTargetRegressor({ regressor: new Ridge(), transformer: new StandardScaler() });
  await model.fit(X, two);
  const predicted = (await model.predict(X)) as unknown as Matrix;
  assert.equal(predicted.shape, [50, 2]);
  assert.ok((await model.score(X, two)) > 0.5);
  const copy = fromBuffer<TransformedTargetRegressor>(model.toBuffer());
  assert.equal(((await copy.predict(X)) as unknown as Matrix).data, predicted.data);
  assert.is((model.getParams() as unknown as Record<string, unknown>)["regressor__alpha"], 1);
});

test("ways that do not lead back are told of, unless that is meant", async () => {
  const odd = { func: Math.sqrt, inverseFunc: (value: number) => value };
  const [warning] = await warnings(() => new TransformedTargetRegressor(odd).fit(X, t.map(Math.abs)));
  assert.match(warning ?? "", /not strictly inverse of each other/);
  const quiet = new TransformedTargetRegressor({ ...odd, checkInverse: false });
  assert.equal(await warnings(() => quiet.fit(X, t.map(Math.abs))), []);
});

test("weights go to the regressor, which must take them", async () => {
  const sampleWeight = t.map((_, i) => i % 3);
  const weighted = await new TransformedTargetRegressor().fit(X, t, { sampleWeight });
  const plain = await new LinearRegression().fit(X, t, { sampleWeight });
  assert.equal(await weighted.predict(X), await plain.predict(X));
});

test("what does not go together is refused", async () => {
  const fit = (params: object, y: unknown = t) => new TransformedTargetRegressor(params).fit(X, y as number[]);
  await refused(() => fit({ func: Math.log }), /func needs inverseFunc/);
  await refused(() => fit({ inverseFunc: Math.exp }), /inverseFunc needs func/);
  const both = { transformer: new StandardScaler(), func: Math.log, inverseFunc: Math.exp };
  await refused(() => fit(both), /a transformer, or func and inverseFunc, not both/);
  await refused(() => fit({ func: Math.log, inverseFunc: Math.exp }), /must be finite numbers, got .* in row \d/);
  await refused(() => fit({ func: String, inverseFunc: Number }), /func must return a number, got "/);
  await refused(() => fit({ transformer: new PoissonRegressor() }), /transformer must be a transformer with fit/);
  await refused(() => fit({}, []), /y has 0 values/);
});

test.run();

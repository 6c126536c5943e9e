import { test } from "uvu";
import * as assert from "uvu/assert";
import type { MatrixLike, VectorLike } from "../../src/index.js";
import { answers, errorOf, isExcepted, problemFor, TABULAR, type Subject } from "./estimators.js";

type Learner = Subject & {
  readonly partialFit: (X: MatrixLike, y?: VectorLike, options?: object) => Promise<unknown>;
};

/** Those whose partialFit is one step of an iteration: parts of the rows do not add up to one fit on all of them. */
const STEPWISE: ReadonlySet<string> = new Set([
  "Incremental",
  "MiniBatchKMeans",
  "IncrementalPCA",
  "Perceptron",
  "SGDClassifier",
  "SGDRegressor",
]);

for (const entry of TABULAR) {
  const { name, className, tags } = entry;
  const make = entry.make as () => Learner;
  if (typeof make().partialFit !== "function") continue;
  const { X, y } = problemFor(entry);
  const isClassifier = tags.kind === "classifier";
  const first = isClassifier ? { classes: [0, 1, 2] } : {};
  const parts = [0, 1, 2].map((k) => [X.slice(k * 40, k * 40 + 40), y.slice(k * 40, k * 40 + 40)] as const);
  const inParts = async (): Promise<Learner> => {
    const estimator = make();
    for (const [rows, labels] of parts) await estimator.partialFit(rows, labels, first);
    return estimator;
  };

  test(`${name}: partialFit returns the estimator, and the first call fits it`, async () => {
    const estimator = make();
    assert.is(await estimator.partialFit(X, y, first), estimator);
    assert.ok(estimator.isFitted);
    await answers(estimator, X);
  });

  test(`${name}: parts learned in order are learned the same way again`, async () => {
    assert.equal(await answers(await inParts(), X), await answers(await inParts(), X));
  });

  test(`${name}: parts add up to one fit on all rows`, async () => {
    if (STEPWISE.has(className)) return;
    const whole = make();
    await whole.fit(X, y);
    const [a, b] = [await answers(whole, X), await answers(await inParts(), X)];
    for (const [method, values] of Object.entries(a)) {
      values.forEach((value, i) => {
        const other = Number(b[method]?.[i]);
        assert.ok(value === b[method]?.[i] || Math.abs(Number(value) - other) < 1e-9 * (1 + Math.abs(other)), method);
      });
    }
  });

  test(`${name}: fit forgets what partialFit learned`, async () => {
    const [estimator, fresh] = [await inParts(), make()];
    await estimator.fit(X.slice(30), y.slice(30));
    await fresh.fit(X.slice(30), y.slice(30));
    assert.equal(await answers(estimator, X), await answers(fresh, X));
  });

  test(`${name}: a partialFit that fails or is aborted leaves the estimator as it was`, async () => {
    const estimator = await inParts();
    const before = JSON.stringify(estimator);
    const broken = X.map((row, i) => (i === 90 ? [...row.slice(1), Infinity] : row));
    const narrow = X.map((row) => row.slice(1));
    const reason = new Error("not now");
    assert.is((await errorOf(() => estimator.partialFit(broken, y))).name, "TreelineError");
    const width = await errorOf(() => estimator.partialFit(narrow, y));
    assert.match(width.message, /partialFit: X has 3 features, but \w+ is expecting 4 features/);
    assert.is(await errorOf(() => estimator.partialFit(X, y, { signal: AbortSignal.abort(reason) })), reason);
    assert.is(JSON.stringify(estimator), before);
  });

  if (!isClassifier) continue;

  test(`${name}: the first partialFit needs the classes, later ones do not, and they stay the same`, async () => {
    const estimator = make();
    if (isExcepted(estimator, "classes of partialFit")) return;
    const none = await errorOf(() => estimator.partialFit(X, y));
    assert.is(none.code, "ERR_INVALID_ARGUMENT");
    assert.match(none.message, /partialFit: classes must be given in the first call/);
    assert.not.ok(estimator.isFitted);
    await estimator.partialFit(X, y, first);
    await estimator.partialFit(X, y);
    const others = await errorOf(() => estimator.partialFit(X, y, { classes: [0, 1, 2, 3] }));
    assert.match(others.message, /partialFit: classes must be those of the first call/);
  });

  test(`${name}: a label that is not among the classes is refused, a class without rows is none`, async () => {
    const estimator = make();
    const foreign = await errorOf(() => estimator.partialFit(X, y, { classes: [0, 1] }));
    assert.is(foreign.code, "ERR_INVALID_DATA");
    assert.match(foreign.message, /partialFit: y has the label 2, which is not among classes/);
    await estimator.partialFit(X, y, { classes: [0, 1, 2, 9] });
    assert.equal(Array.from(estimator.classes_ ?? []), [0, 1, 2, 9]);
    const said = await answers(estimator, X);
    assert.not.ok(said["predict"]?.includes(9));
  });
}

test.run();

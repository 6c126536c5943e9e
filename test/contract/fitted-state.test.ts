import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tableFromArrays } from "apache-arrow";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { fromBuffer, fromJSON, load, makePipeline } from "../../src/index.js";
import { ALL, answers, errorOf, isExcepted, problemFor, TABULAR, type Subject } from "./estimators.js";

for (const { name, make } of ALL) {
  test(`${name}: an unfitted estimator says ERR_NOT_FITTED wherever it is asked`, async () => {
    const estimator = make();
    if (isExcepted(estimator, "needs a fit")) return;
    const asked = [
      "predict",
      "predictProba",
      "predictLogProba",
      "decisionFunction",
      "transform",
      "inverseTransform",
      "score",
      "predictSync",
      "predictProbaSync",
      "getFeatureNamesOut",
    ];
    for (const method of asked) {
      const call = (estimator as unknown as Record<string, unknown>)[method];
      if (typeof call !== "function") continue;
      const error = await errorOf(() => call.call(estimator, [[1, 2, 3, 4]], [1]));
      assert.is(error.code, "ERR_NOT_FITTED", `${method}: ${error.message}`);
      assert.match(error.message, /call fit first/);
    }
    for (const attribute of ["nFeaturesIn_", "featureNamesIn_", "classes_", "coef_", "nIter_"]) {
      if (!(attribute in estimator)) continue;
      assert.is(
        (await errorOf(() => (estimator as unknown as Record<string, unknown>)[attribute])).code,
        "ERR_NOT_FITTED",
      );
    }
  });

  test(`${name}: an unfitted estimator is saved with its parameters`, () => {
    const estimator = make();
    const copy = fromBuffer(estimator.toBuffer());
    assert.equal(copy.toJSON(), estimator.toJSON());
    assert.not.ok(copy.isFitted);
  });
}

for (const entry of TABULAR) {
  const { name, make, tags } = entry;
  const { X, y } = problemFor(entry);

  test(`${name}: two fits with one seed give the same answers, and answering changes nothing`, async () => {
    const estimator = make();
    await estimator.fit(X, y);
    const first = await answers(estimator, X);
    const state = JSON.stringify(estimator);
    assert.equal(await answers(estimator, X), first);
    assert.is(JSON.stringify(estimator), state);
    await estimator.fit(X, y);
    assert.equal(await answers(estimator, X), first);
  });

  test(`${name}: a refit forgets the fit before`, async () => {
    const other = problemFor(entry, 60);
    const estimator = make();
    await estimator.fit(
      other.X.map((row) => row.slice(0, 2)),
      other.y,
    );
    await estimator.fit(X, y);
    const fresh = make();
    await fresh.fit(X, y);
    assert.equal(await answers(estimator, X), await answers(fresh, X));
    assert.is(estimator.nFeaturesIn_, 4);
  });

  test(`${name}: comes back from file, bytes and JSON with the same answers, bit for bit`, async () => {
    const estimator = make();
    await estimator.fit(X, y);
    const folder = await mkdtemp(join(tmpdir(), "treeline-test-"));
    try {
      const path = join(folder, "model.treeline");
      await estimator.save(path);
      const copies = [
        await load(path),
        fromBuffer(estimator.toBuffer()),
        fromJSON(JSON.parse(JSON.stringify(estimator))),
      ];
      for (const copy of copies) {
        assert.equal(await answers(copy as Subject, X), await answers(estimator, X));
        assert.is(copy.nFeaturesIn_, 4);
        assert.equal(copy.toJSON(), estimator.toJSON());
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test(`${name}: a table of another width is refused with both widths`, async () => {
    const estimator = make();
    await estimator.fit(X, y);
    const wrong = X.map((row) => row.slice(0, 1));
    for (const method of ["predict", "predictProba", "decisionFunction", "transform"] as const) {
      const call = estimator[method];
      if (typeof call !== "function") continue;
      const error = await errorOf(() => call.call(estimator, wrong));
      assert.is(error.code, "ERR_INVALID_DATA");
      assert.match(error.message, /X has 1 features, but \w+ is expecting 4 features as input/);
    }
  });

  test(`${name}: feature names are remembered; others, or another order, are refused`, async () => {
    if (isExcepted(make(), "names in another order")) return;
    const columns = (names: string[]): Record<string, Float64Array> =>
      Object.fromEntries(names.map((column, j) => [column, Float64Array.from(X, (row) => row[j] as number)]));
    const estimator = make();
    await estimator.fit(tableFromArrays(columns(["a", "b", "c", "d"])), y);
    assert.equal([...(estimator.featureNamesIn_ ?? [])], ["a", "b", "c", "d"]);
    const call = (estimator.predict ?? estimator.transform ?? estimator.kneighbors) as NonNullable<Subject["predict"]>;
    const error = await errorOf(() => call.call(estimator, tableFromArrays(columns(["a", "c", "b", "d"]))));
    assert.is(error.code, "ERR_INVALID_DATA");
    assert.match(
      error.message,
      /feature names should match those of fit, in the same order: column 1 is "c", was "b" in fit/,
    );
    const unnamed = await answers(estimator, X);
    assert.equal(await answers(estimator, tableFromArrays(columns(["a", "b", "c", "d"]))), unnamed);
  });

  test(`${name}: a pipeline of it alone answers the same`, async () => {
    if (isExcepted(make(), "a pipeline of it alone")) return;
    const estimator = make();
    await estimator.fit(X, y);
    const pipeline = makePipeline(make()) as unknown as Subject;
    await pipeline.fit(X, y);
    assert.equal(await answers(pipeline, X), await answers(estimator, X));
    if (estimator.score) assert.is(await pipeline.score?.(X, y), await estimator.score(X, y));
    assert.equal(pipeline.tags, tags);
  });

  test(`${name}: with maxIter it tells nIter_, at least 1`, async () => {
    const estimator = make();
    await estimator.fit(X, y);
    if (!Object.hasOwn(entry.specs, "maxIter") || isExcepted(estimator, "nIter_ of maxIter")) return;
    assert.ok(Number(estimator.nIter_) >= 1);
  });
}

test.run();

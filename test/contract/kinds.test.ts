import { test } from "uvu";
import * as assert from "uvu/assert";
import { accuracyScore, groupNdcgScore, type Matrix, r2Score, type VectorLike } from "../../src/index.js";
import {
  answers,
  CLASSIFIERS,
  CLUSTERERS,
  errorOf,
  flat,
  isExcepted,
  problemFor,
  RANKERS,
  REGRESSORS,
  suited,
  TRANSFORMERS,
} from "./estimators.js";
import { blobs } from "./problems.js";

const LABELS: [string, (code: number) => unknown][] = [
  ["strings", (code) => ["ant", "bee", "cat"][code]],
  ["numbers that are not 0, 1, 2", (code) => [-7, 3, 100][code]],
  ["64-bit integers", (code) => BigInt(code + 5)],
];

for (const entry of CLASSIFIERS) {
  const { name, make, tags } = entry;
  const { X, y } = problemFor(entry);

  for (const classes of tags.twoClasses === true ? [2] : [2, 3]) {
    test(`${name}: ${classes} blobs: right more often than .83, probabilities that fit its predictions`, async () => {
      const { X, y } = suited(entry, blobs(150, classes));
      const model = make();
      await model.fit(X, y);
      const predicted = flat((await model.predict?.(X)) ?? []) as number[];
      assert.equal(Array.from(model.classes_ ?? []), [0, 1, 2].slice(0, classes));
      if (tags.ignoresX !== true) assert.ok((await accuracyScore(y, predicted)) > 0.83);
      assert.is(await model.score?.(X, y), await accuracyScore(y, predicted));
      if (model.predictProba === undefined) return;
      const proba = (await model.predictProba(X)) as unknown as Matrix;
      assert.equal(proba.shape, [150, classes]);
      for (let i = 0; i < 150; i++) {
        const row = Array.from(proba.row(i));
        assert.ok(Math.abs(row.reduce((sum, p) => sum + p, 0) - 1) < 1e-12);
        assert.ok(row.every((p) => p >= 0 && p <= 1));
        if (tags.twoClasses !== true) assert.is(row.indexOf(Math.max(...row)), predicted[i]); // else by a threshold
      }
      const said = await answers(model, X);
      if (said["predictLogProba"]) {
        const logs = said["predictLogProba"] as number[];
        proba.data.forEach((p, k) => assert.ok(p === 0 || Math.abs(Math.exp(logs[k] as number) - p) < 1e-12));
      }
      if (said["decisionFunction"] && classes === 2) {
        const decision = said["decisionFunction"] as number[];
        if (tags.twoClasses !== true) decision.forEach((value, i) => assert.is(value > 0 ? 1 : 0, predicted[i]));
        const byDecision = decision.map((_, i) => i).sort((a, b) => (decision[a] as number) - (decision[b] as number));
        byDecision.forEach((i, k) => {
          const before = byDecision[k - 1];
          if (before !== undefined) assert.ok(proba.at(before, 1) <= proba.at(i, 1));
        });
      }
    });
  }

  for (const [what, label] of LABELS) {
    test(`${name}: labels that are ${what} come back, the answers the same`, async () => {
      const [plain, labelled] = [make(), make()];
      await plain.fit(X, y);
      await labelled.fit(X, y.map<unknown>(label) as VectorLike);
      const own = (code: unknown): unknown =>
        typeof label(0) === "bigint" ? Number(label(code as number)) : label(code as number);
      assert.equal(Array.from(labelled.classes_ ?? []), (entry.tags.twoClasses === true ? [0, 1] : [0, 1, 2]).map(own));
      const [a, b] = [await answers(plain, X), await answers(labelled, X)];
      assert.equal(b["predict"], a["predict"]?.map(own));
      assert.equal({ ...b, predict: [] }, { ...a, predict: [] });
    });
  }

  for (const [what, label] of [
    ["true and false", (code: number) => code === 1],
    ["-1 and 1", (code: number) => 2 * code - 1],
  ] as const) {
    test(`${name}: ${what} are labels like any other`, async () => {
      const { X, y } = suited(entry, blobs(80, 2));
      const [plain, labelled] = [make(), make()];
      await plain.fit(X, y);
      await labelled.fit(X, y.map<unknown>(label) as VectorLike);
      assert.equal(
        (await answers(labelled, X))["predict"],
        (await answers(plain, X))["predict"]?.map((code) => label(code as number)),
      );
    });
  }

  test(`${name}: one class works or is refused with the word class`, async () => {
    const model = make();
    try {
      await model.fit(
        X,
        y.map(() => 1),
      );
    } catch (error) {
      assert.is((error as { code?: string }).code, "ERR_INVALID_DATA");
      assert.match((error as Error).message, /class/);
      return;
    }
    assert.ok(flat((await model.predict?.(X)) ?? []).every((label) => label === 1));
  });

  test(`${name}: a continuous y is refused: it is a regression`, async () => {
    const error = await errorOf(() =>
      make().fit(
        X,
        y.map((v, i) => v + i / 7),
      ),
    );
    assert.is(error.code, "ERR_INVALID_DATA");
    assert.match(error.message, /Unknown label type: continuous/);
  });

  test(`${name}: y of mixed types is refused`, async () => {
    const error = await errorOf(() => make().fit(X, y.map((v, i) => (i === 9 ? "nine" : v)) as never));
    assert.is(error.code, "ERR_INVALID_DATA");
    assert.match(error.message, /labels of one type, got numbers and a string \(row 9\)/);
  });

  if (Object.hasOwn(entry.specs, "classWeight")) {
    test(`${name}: a class that weighs 1000 against 1e-4 is nearly always predicted`, async () => {
      const { X, y } = blobs(120, 2, 4, 9);
      const near = X.map((row) => row.map((x) => x / 4)); // clouds that touch
      const model = make({ classWeight: { 0: 1000, 1: 0.0001 } });
      await model.fit(near, y);
      const predicted = flat((await model.predict?.(near)) ?? []);
      assert.ok(predicted.filter((label) => label === 0).length > 0.87 * predicted.length);
    });

    test(`${name}: "balanced" is the same as its weights as a Map, and as sample weights`, async () => {
      const uneven = { X: X.slice(0, 100), y: y.slice(0, 100).map((label, i) => (i % 5 === 0 ? 2 : label % 2)) };
      const count = (label: number): number => uneven.y.filter((other) => other === label).length;
      const weight = (label: number): number => 100 / (3 * count(label));
      const [balanced, mapped, weighted] = [
        make({ classWeight: "balanced" }),
        make({ classWeight: new Map([0, 1, 2].map((label) => [label, weight(label)])) }),
        make({ classWeight: null }),
      ];
      await balanced.fit(uneven.X, uneven.y);
      await mapped.fit(uneven.X, uneven.y);
      await weighted.fit(uneven.X, uneven.y, { sampleWeight: uneven.y.map(weight) });
      const expected = await answers(balanced, uneven.X);
      assert.equal(await answers(mapped, uneven.X), expected);
      if (isExcepted(balanced, "class weights are sample weights")) return;
      assert.equal(await answers(weighted, uneven.X), expected);
    });

    test(`${name}: a weight for a class that y lacks is refused`, async () => {
      const error = await errorOf(() => make({ classWeight: { 0: 1, 7: 2 } }).fit(X, y));
      assert.is(error.code, "ERR_INVALID_ARGUMENT");
      assert.match(error.message, /classWeight names the class "7", which y does not have/);
    });
  }
}

for (const entry of REGRESSORS) {
  const { name, make, tags } = entry;
  const { X, y } = problemFor(entry, 200);

  test(`${name}: a linear problem: R² above .5, score is R²`, async () => {
    const model = make();
    await model.fit(X, y);
    const predicted = Float64Array.from((await model.predict?.(X)) as ArrayLike<number>);
    assert.is(predicted.length, 200);
    if (tags.ignoresX !== true) assert.ok((await r2Score(y, predicted)) > 0.5);
    const score = await model.score?.(X, y);
    if (isExcepted(model, "score is R²")) assert.ok((score ?? 0) > 0.5);
    else assert.is(score, await r2Score(y, predicted));
  });

  test(`${name}: integers as y are numbers as y`, async () => {
    const rounded = y.map(Math.round);
    const [floats, integers] = [make(), make()];
    await floats.fit(X, Float64Array.from(rounded));
    await integers.fit(X, Int32Array.from(rounded));
    assert.equal(await answers(integers, X), await answers(floats, X));
  });

  test(`${name}: has no probabilities, and refuses infinite or textual y`, async () => {
    const model = make();
    assert.is(model.predictProba, undefined);
    assert.is(model.decisionFunction, undefined);
    for (const bad of [Infinity, "text"]) {
      const error = await errorOf(() => model.fit(X, y.map((v, i) => (i === 4 ? bad : v)) as never));
      assert.is(error.code, "ERR_INVALID_DATA");
      assert.match(error.message, /y must be finite numbers, got .* in row 4/);
    }
  });
}

for (const entry of RANKERS) {
  const { name, make, className } = entry;
  const { X, y } = problemFor(entry, 200);
  const groupId = y.map((_, i) => Math.floor(i / 10));

  test(`${name}: ranks what it has learnt: NDCG above .9, score is NDCG`, async () => {
    const model = make();
    await model.fit(X, y);
    const scores = (await model.predict?.(X)) as Float64Array;
    assert.is(scores.length, 200);
    const ndcg = await groupNdcgScore(y, scores, { groupId });
    assert.ok(ndcg > 0.9);
    assert.is(await model.score?.(X, y), ndcg);
  });

  test(`${name}: queries by size are queries by id, whose rows may lie anywhere`, async () => {
    const [byId, bySize, apart] = [make(), make(), make()];
    await byId.fit(X, y);
    await bySize.fit(X, y, { groupId: undefined, group: Array<number>(20).fill(10) });
    const order = X.map((_, i) => (i * 77) % 200);
    const [X2, y2, id2] = [X, y, groupId].map((values) => order.map((i) => values[i])) as [
      number[][],
      number[],
      number[],
    ];
    await apart.fit(X2, y2, { groupId: id2 });
    assert.equal(await answers(bySize, X), await answers(byId, X));
    assert.ok(((await apart.score?.(X2, y2, { groupId: id2 })) ?? 0) > 0.9);
  });

  test(`${name}: needs to be told the queries`, async () => {
    const error = await errorOf(() => make().fit(X, y, { groupId: undefined }));
    assert.is(error.code, "ERR_INVALID_ARGUMENT");
    assert.match(error.message, new RegExp(`${className}.fit: give group .* or groupId`));
  });
}

for (const entry of CLUSTERERS) {
  const { name, make } = entry;

  test(`${name}: labels of fit are its predictions, clusters counted from 0; fitPredict gives them`, async () => {
    const { X, y } = problemFor(entry);
    const model = make();
    await model.fit(X, y);
    const labels = Array.from(model.labels_ ?? []) as number[];
    assert.equal(flat((await model.predict?.(X)) ?? []), labels);
    assert.equal(Array.from((await make().fitPredict?.(X)) ?? []), labels);
    assert.ok(labels.every((label) => Number.isInteger(label) && label >= 0));
  });

  test(`${name}: clouds apart are told apart; y does not matter`, async () => {
    const { X, y } = blobs(150, 3);
    const [model, blind] = [make(), make()];
    await model.fit(X, y);
    await blind.fit(X);
    const labels = Array.from(model.labels_ ?? []);
    assert.equal(Array.from(blind.labels_ ?? []), labels);
    const classesOf = new Map<unknown, Set<number>>();
    labels.forEach((label, i) => classesOf.set(label, (classesOf.get(label) ?? new Set()).add(y[i] as number)));
    assert.ok([...classesOf.values()].every((classes) => classes.size === 1));
  });
}

for (const entry of TRANSFORMERS) {
  const { name, make } = entry;
  const { X, y } = problemFor(entry);

  test(`${name}: fitTransform is fit, then transform; transform repeats itself`, async () => {
    const estimator = make();
    await estimator.fit(X, y);
    const Z = flat((await estimator.transform?.(X)) ?? []);
    assert.equal(flat((await estimator.transform?.(X)) ?? []), Z);
    const both = flat((await make().fitTransform?.(X, y)) ?? []);
    if (!isExcepted(estimator, "fitTransform is fit, then transform")) assert.equal(both, Z);
    assert.is(Z.length % X.length, 0);
  });

  test(`${name}: names as many columns as it gives`, async () => {
    const estimator = make() as ReturnType<typeof make> & { getFeatureNamesOut?(): readonly string[] };
    await estimator.fit(X, y);
    if (estimator.getFeatureNamesOut === undefined) return;
    assert.is(estimator.getFeatureNamesOut().length, flat((await estimator.transform?.(X)) ?? []).length / X.length);
  });
}

test.run();

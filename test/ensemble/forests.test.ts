import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  ExtraTreesClassifier,
  fromBuffer,
  IsolationForest,
  loadBreastCancer,
  loadDiabetes,
  type Matrix,
  RandomForestClassifier,
  RandomForestRegressor,
  withConfig,
  type Progress,
} from "../../src/index.js";
import { errorOf } from "../contract/estimators.js";

const cancer = await loadBreastCancer();
const diabetes = await loadDiabetes();
const [malignant, progression] = [cancer.target as Float64Array, diabetes.target as Float64Array];

test("probabilities are the means of the trees'", async () => {
  const model = await new RandomForestClassifier({ nEstimators: 7, randomState: 0 }).fit(cancer.data, malignant);
  const trees = await Promise.all(model.estimators_.map((tree) => tree.predictProba(cancer.data)));
  const all = (await model.predictProba(cancer.data)).data;
  all.forEach((p, i) => {
    assert.is(p, trees.reduce((sum, tree) => sum + (tree.data[i] as number), 0) / 7);
  });
});

test("a warm start adds the trees that one fit would have grown", async () => {
  const whole = new RandomForestClassifier({ nEstimators: 9, randomState: 4, oobScore: true });
  await whole.fit(cancer.data, malignant);
  const parts = new RandomForestClassifier({ nEstimators: 4, randomState: 4, oobScore: true, warmStart: true });
  await parts.fit(cancer.data, malignant);
  parts.setParams({ nEstimators: 9 });
  await parts.fit(cancer.data, malignant);
  assert.equal((await parts.predictProba(cancer.data)).data, (await whole.predictProba(cancer.data)).data);
  assert.is(parts.oobScore_, whole.oobScore_);
  parts.setParams({ nEstimators: 3 });
  assert.match((await errorOf(() => parts.fit(cancer.data, malignant))).message, /nEstimators of at least 9/);
});

test("out-of-bag predictions come from the trees that did not draw the row", async () => {
  const model = new RandomForestRegressor({ nEstimators: 6, randomState: 1, oobScore: true });
  await model.fit(diabetes.data, progression);
  const drawn = model.estimatorsSamples_.map((rows) => new Set(rows));
  assert.ok(drawn.every((rows) => rows.size > 250 && rows.size < 310)); // 63 % of 442
  const trees = await Promise.all(model.estimators_.map((tree) => tree.predict(diabetes.data)));
  (model.oobPrediction_ as Float64Array).forEach((value, i) => {
    const out = trees.filter((_, t) => !(drawn[t] as Set<number>).has(i)).map((tree) => tree[i] as number);
    if (out.length === 0) assert.ok(Number.isNaN(value));
    else assert.ok(Math.abs(value - out.reduce((a, b) => a + b, 0) / out.length) < 1e-9);
  });
});

test("rows that weigh nothing are never drawn", async () => {
  const sampleWeight = malignant.map((_, i) => (i % 2 === 0 ? 0 : 1 + (i % 3)));
  const model = await new RandomForestClassifier({ nEstimators: 5, randomState: 0 }).fit(cancer.data, malignant, {
    sampleWeight,
  });
  assert.ok(model.estimatorsSamples_.every((rows) => rows.every((row) => row % 2 === 1)));
});

test("several targets are predicted together", async () => {
  const both = Array.from(progression, (value, i) => [value, diabetes.data.at(i, 2)]);
  const model = await new RandomForestRegressor({ nEstimators: 10, randomState: 0, oobScore: true }).fit(
    diabetes.data,
    both,
  );
  const predicted = (await model.predict(diabetes.data)) as unknown as Matrix;
  assert.equal(predicted.shape, [442, 2]);
  assert.ok((await model.score(diabetes.data, both)) > 0.8);
  assert.equal((model.oobPrediction_ as Matrix).shape, [442, 2]);
});

test("decisionPath puts trees side by side", async () => {
  const model = await new ExtraTreesClassifier({ nEstimators: 3, randomState: 0 }).fit(cancer.data, malignant);
  const { indicator, nNodesPtr } = await model.decisionPath(cancer.data);
  const leaves = await model.apply(cancer.data);
  assert.equal(leaves.shape, [569, 3]);
  assert.equal(indicator.shape, [569, nNodesPtr[3]]);
  const path = Array.from(indicator.indices.slice(indicator.indptr[5], indicator.indptr[6]));
  for (let t = 0; t < 3; t++) assert.ok(path.includes((nNodesPtr[t] as number) + leaves.at(5, t)));
});

test("progress counts trees, and an abort leaves the forest as it was", async () => {
  const seen: Progress[] = [];
  const model = new RandomForestClassifier({ nEstimators: 20, randomState: 0, nJobs: 1 });
  await model.fit(cancer.data, malignant, { onProgress: (progress) => seen.push(progress) });
  assert.is(seen.at(-1)?.done, 20);
  const before = (await model.predictProba(cancer.data)).data;
  const controller = new AbortController();
  model.setParams({ nEstimators: 100_000 });
  const stopped = await errorOf(() =>
    model.fit(cancer.data, malignant, { signal: controller.signal, onProgress: () => controller.abort() }),
  );
  assert.is(stopped.name, "AbortError");
  assert.equal((await model.predictProba(cancer.data)).data, before);
});

test("what does not go together is refused", async () => {
  const fit = (params: object) => errorOf(() => new ExtraTreesClassifier(params).fit(cancer.data, malignant));
  assert.match((await fit({ oobScore: true })).message, /oobScore goes with bootstrap: true only/);
  assert.match((await fit({ maxSamples: 0.5 })).message, /maxSamples goes with bootstrap: true only/);
  assert.match((await fit({ maxSamples: 570, bootstrap: true })).message, /maxSamples is 570, but X has 569 rows/);
  const small = await errorOf(() =>
    withConfig({ memoryLimit: 1000 }, () => new RandomForestClassifier().fit(cancer.data, malignant)),
  );
  assert.is(small.code, "ERR_MEMORY_LIMIT");
});

test("isolation forests tell what they drew; a warm start and a saved model go on the same way", async () => {
  const params = { maxSamples: 40, maxFeatures: 3, randomState: 2 };
  const whole = await new IsolationForest({ ...params, nEstimators: 8 }).fit(cancer.data);
  const parts = new IsolationForest({ ...params, nEstimators: 3, warmStart: true });
  await parts.fit(cancer.data);
  parts.setParams({ nEstimators: 8 });
  await parts.fit(cancer.data);
  const scores = await whole.scoreSamples(cancer.data);
  assert.equal(await parts.scoreSamples(cancer.data), scores);
  assert.equal(parts.estimatorsSamples_, whole.estimatorsSamples_);
  assert.equal(await fromBuffer<IsolationForest>(whole.toBuffer()).scoreSamples(cancer.data), scores);
  assert.is(whole.maxSamples_, 40);
  assert.ok(whole.estimatorsSamples_.every((rows) => rows.length === 40 && new Set(rows).size === 40));
  whole.estimatorsFeatures_.forEach((features, t) => {
    assert.is(features.length, 3);
    const used = whole.estimators_[t]?.tree_.feature.filter((feature) => feature >= 0) ?? [];
    assert.ok(used.every((feature) => features.includes(feature)));
  });
});

test("isolation: rows of weight 0 are as if they were not there, a bootstrap takes a row of weight k for k rows", async () => {
  const X = Array.from({ length: 90 }, (_, i) => [Math.sin(i), Math.cos(3 * i), i % 7]);
  const sampleWeight = X.map((_, i) => (3 * i) % 4);
  const kept = X.flatMap((_, i) => (i % 4 === 0 ? [] : [i]));
  for (const bootstrap of [false, true]) {
    const params = { maxSamples: 20, randomState: 4, nEstimators: 30, bootstrap };
    const model = await new IsolationForest(params).fit(X, undefined, { sampleWeight });
    const rows = kept.map((i) => X[i] as number[]);
    const without = await new IsolationForest(params).fit(rows, undefined, {
      sampleWeight: kept.map((i) => 2.5 * (sampleWeight[i] as number)),
    });
    assert.equal(await model.scoreSamples(X), await without.scoreSamples(X));
    assert.equal(
      model.estimatorsSamples_,
      without.estimatorsSamples_.map((own) => own.map((i) => kept[i] as number)),
    );
    const saved = fromBuffer<IsolationForest>(model.toBuffer());
    assert.equal(saved.estimatorsSamples_, model.estimatorsSamples_);
    if (!bootstrap) continue;
    const copies = X.flatMap((_, i) => Array<number>(sampleWeight[i] as number).fill(i));
    const repeated = await new IsolationForest(params).fit(copies.map((i) => X[i] as number[]));
    assert.equal(
      model.estimatorsSamples_,
      repeated.estimatorsSamples_.map((own) => Int32Array.from(new Set(own.map((i) => copies[i] as number)))),
    );
  }
});

test("isolation: weights of a warm start are those of its fit, for its trees, for any nJobs and chunks", async () => {
  const sampleWeight = cancer.target.map((target) => (target === 0 ? 3.5 : 1));
  const params = { maxSamples: 40, randomState: 2 };
  const whole = await new IsolationForest({ ...params, nEstimators: 8, nJobs: 1 }).fit(cancer.data, undefined, {
    sampleWeight,
  });
  const parts = new IsolationForest({ ...params, nEstimators: 3, warmStart: true, nJobs: 3 });
  await parts.fit(cancer.data, undefined, { sampleWeight });
  await parts.setParams({ nEstimators: 8 }).fit(cancer.data, undefined, { sampleWeight });
  assert.equal(parts.estimatorsSamples_, whole.estimatorsSamples_);
  assert.equal(await parts.scoreSamples(cancer.data), await whole.scoreSamples(cancer.data));
  await parts.setParams({ nEstimators: 9 }).fit(cancer.data);
  const plain = await new IsolationForest({ ...params, nEstimators: 9 }).fit(cancer.data);
  assert.equal(parts.estimatorsSamples_[8], plain.estimatorsSamples_[8]);
  assert.equal(parts.estimatorsSamples_.slice(0, 8), whole.estimatorsSamples_);
});

test("isolation: where fewer rows weigh anything than a tree should draw, it draws these", async () => {
  const X = Array.from({ length: 30 }, (_, i) => [i]);
  const sampleWeight = X.map(([i = 0]) => (i < 5 ? 1 + i : 0));
  const model = await new IsolationForest({ randomState: 1 }).fit(X, undefined, { sampleWeight });
  assert.is(model.maxSamples_, 5);
  assert.ok(model.estimatorsSamples_.every((rows) => rows.join() === "0,1,2,3,4"));
});

test("isolation: a far row is an outlier; equal rows are not; contamination sets the share", async () => {
  const X = Array.from({ length: 200 }, (_, i) => [Math.sin(i), Math.cos(3 * i)]);
  X.push([9, -9]);
  const model = await new IsolationForest({ randomState: 0 }).fit(X);
  const predicted = await model.predict(X);
  assert.is(predicted[200], -1);
  assert.ok(predicted.filter((side) => side === -1).length < 60);
  const tenth = await new IsolationForest({ randomState: 0, contamination: 0.1 }).fit(X);
  const outliers = (await tenth.predict(X)).filter((side) => side === -1).length;
  assert.ok(outliers >= 19 && outliers <= 21);
  assert.equal(Array.from(await new IsolationForest({ randomState: 0 }).fitPredict([[1], [1], [1]])), [1, 1, 1]);
  assert.equal(Array.from(await (await new IsolationForest().fit([[4]])).scoreSamples([[4]])), [-0.5]);
});

test.run();

import { tableFromArrays } from "apache-arrow";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  BlockwiseVotingClassifier,
  BlockwiseVotingRegressor,
  fromBatches,
  GaussianNB,
  Incremental,
  LogisticRegression,
  Matrix,
  ParallelPostFit,
  SGDClassifier,
  StandardScaler,
  DummyRegressor,
  DummyClassifier,
} from "../../src/index.js";
import { tableBlocks } from "../../src/data/table-blocks.js";
import { rowSourceOf } from "../../src/data/row-source-of.js";
import { errorOf } from "../contract/estimators.js";
import { blobs, linear, matrixOf } from "../contract/problems.js";
import { rechunked } from "../contract/rechunked.js";

const { X, y } = blobs(1000, 3);

test("a table is cut into the same blocks however it comes in chunks", async () => {
  const matrix = matrixOf(X.slice(0, 103));
  const cut = async (table: Parameters<typeof rowSourceOf>[0], size: number): Promise<[number, number, number[]][]> => {
    const blocks: [number, number, number[]][] = [];
    for await (const { firstRow, rows, source } of tableBlocks(rowSourceOf(table, "X"), size)) {
      const values: number[] = [];
      for await (const chunk of source.chunks()) {
        assert.not.ok(chunk.columns);
        if (chunk.columns === undefined) values.push(...Array.from(chunk.values as Float64Array));
      }
      blocks.push([firstRow, rows, values]);
    }
    return blocks;
  };
  for (const size of [1, 10, 50, 103, 1000]) {
    const expected = await cut(matrix, size);
    assert.is(expected.length, Math.ceil(103 / size));
    assert.equal(
      expected.flatMap(([, , values]) => values),
      Array.from(matrix.data),
    );
    for (const chunk of [1, 7, 60]) assert.equal(await cut(rechunked(matrix, chunk), size), expected);
    const unknown = { ...rechunked(matrix, 9), nRows: undefined };
    assert.equal(await cut(unknown, size), expected);
    const columns = Object.fromEntries([0, 1, 2, 3].map((j) => [`c${j}`, Float64Array.from(matrix.column(j))]));
    assert.equal(await cut(tableFromArrays(columns), size), expected);
  }
});

test("Incremental over a classifier makes the same calls of partialFit as by hand", async () => {
  const model = new Incremental({ estimator: new SGDClassifier({ randomState: 3 }), blockSize: 300 });
  await model.fit(X, y);
  const byHand = new SGDClassifier({ randomState: 3 });
  for (let i = 0; i < 1000; i += 300) {
    await byHand.partialFit(X.slice(i, i + 300), y.slice(i, i + 300), { classes: [0, 1, 2] });
  }
  assert.equal((model.estimator_ as SGDClassifier).coef_.data, byHand.coef_.data);
  assert.equal(await model.decisionFunction(X), await byHand.decisionFunction(X));
  assert.is(model.predictProba, undefined);
  assert.not.ok((model.getParams({ deep: false }).estimator as SGDClassifier).isFitted);
});

test("Incremental learns a table of unknown length, names and all, and goes on", async () => {
  const whole = await new GaussianNB().fit(X, y);
  const batches = (function* () {
    for (let i = 0; i < 500; i += 90) {
      const rows = X.slice(i, Math.min(500, i + 90));
      yield { a: rows.map((r) => r[0]), b: rows.map((r) => r[1]), c: rows.map((r) => r[2]), d: rows.map((r) => r[3]) };
    }
  })();
  const model = new Incremental({ estimator: new GaussianNB(), blockSize: 64 });
  await model.fit(await fromBatches(batches as never), y.slice(0, 500));
  assert.equal([...(model.featureNamesIn_ ?? [])], ["a", "b", "c", "d"]);
  assert.equal([...((model.estimator_ as GaussianNB).featureNamesIn_ ?? [])], ["a", "b", "c", "d"]);
  const kept = model.estimator_;
  await model.partialFit(X.slice(500), y.slice(500));
  assert.is.not(model.estimator_, kept);
  const proba = await model.predictProba(X);
  (await whole.predictProba(X)).data.forEach((p, i) => assert.ok(Math.abs(p - (proba.data[i] as number)) < 1e-9));
  assert.is(await model.score(X, y), await whole.score(X, y));
});

test("Incremental with shuffled blocks: another order for another seed, the same for one seed", async () => {
  const fit = async (randomState: number): Promise<string> => {
    const estimator = new SGDClassifier({ shuffle: false, randomState: 0 });
    const model = new Incremental({ estimator, blockSize: 20, shuffleBlocks: true, randomState });
    await model.fit(X, y);
    assert.is((model.estimator_ as SGDClassifier).t_, 1001);
    return JSON.stringify(Array.from((model.estimator_ as SGDClassifier).coef_.data));
  };
  assert.is(await fit(0), await fit(0));
  assert.is.not(await fit(0), await fit(1));
});

test("Incremental needs as many rows as values of y, and counts rows in the whole table", async () => {
  const model = new Incremental({ estimator: new GaussianNB(), blockSize: 100 });
  const unknown = { ...rechunked(matrixOf(X), 130), nRows: undefined };
  assert.match(
    (await errorOf(() => model.fit(unknown, y.slice(1)))).message,
    /more rows than y has values, which are 999/,
  );
  assert.match(
    (await errorOf(() => model.fit(unknown, [...y, 1]))).message,
    /fewer rows than y has values, which are 1001/,
  );
  const broken = X.map((row, i) => (i === 250 ? [1, NaN, 3, 4] : row));
  const error = await errorOf(() => model.fit(broken, y));
  assert.match(error.message, /NaN in row 50, column 1.*\(rows counted from row 200 of the table\)/);
});

test("Incremental and ParallelPostFit score by a scorer's name", async () => {
  const incremental = new Incremental({ estimator: new GaussianNB(), scoring: "negLogLoss" });
  await incremental.fit(X, y);
  const parallel = new ParallelPostFit({ estimator: new GaussianNB(), scoring: "negLogLoss", blockSize: 77 });
  await parallel.fit(X, y);
  const expected = await incremental.score(X, y);
  assert.ok(expected < 0);
  assert.is(await parallel.score(X, y), expected);
});

test("Incremental learns a transformer without y", async () => {
  const model = new Incremental({ estimator: new StandardScaler(), blockSize: 128 });
  await model.fit(X);
  const whole = await new StandardScaler().fit(X);
  const [a, b] = [await model.transform(X), await whole.transform(X)];
  a.data.forEach((value, i) => assert.ok(Math.abs(value - (b.data[i] as number)) < 1e-9));
});

test("ParallelPostFit answers block by block what its estimator answers at once", async () => {
  const model = new ParallelPostFit({ estimator: new LogisticRegression(), blockSize: 64, nJobs: 3 });
  await model.fit(X, y);
  const plain = await new LogisticRegression().fit(X, y);
  assert.equal(await model.predict(X), await plain.predict(X));
  assert.equal((await model.predictProba(X)).data, (await plain.predictProba(X)).data);
  const firstRows: number[] = [];
  for await (const { firstRow, rows, values } of model.stream("predictProba", rechunked(matrixOf(X), 50))) {
    firstRows.push(firstRow);
    assert.equal(values.shape, [rows, 3]);
  }
  assert.equal(
    firstRows,
    Array.from({ length: 16 }, (_, k) => 64 * k),
  );
  assert.is(model.transform, undefined);
});

test("ParallelPostFit answers for an estimator that is fitted already; fit takes the place of that", async () => {
  const inside = await new LogisticRegression().fit(X, y);
  const model = new ParallelPostFit({ estimator: inside, blockSize: 64 });
  assert.not(model.isFitted);
  assert.equal(await model.predict(X), await inside.predict(X));
  assert.equal(await model.predictProba(X), await inside.predictProba(X));
  assert.is(await model.score(X, y), await inside.score(X, y));
  assert.is(model.estimator_, inside);
  assert.equal(model.classes_, inside.classes_);
  await model.fit(X, y);
  assert.is.not(model.estimator_, inside);
  const unfitted = new ParallelPostFit({ estimator: new LogisticRegression() });
  await unfitted.predict(X).then(
    () => assert.unreachable(),
    (error: Error & { code?: string }) => assert.is(error.code, "ERR_NOT_FITTED"),
  );
});

test("ParallelPostFit wraps an estimator that is not Treeline's and knows matrices only", async () => {
  class Sum {
    readonly offset: number;
    constructor({ offset = 0 }: { offset?: number } = {}) {
      this.offset = offset;
    }
    getParams(): { offset: number } {
      return { offset: this.offset };
    }
    async fit(): Promise<this> {
      return Promise.resolve(this);
    }
    async predict(block: {
      chunks(): Iterable<{ values: Float64Array; rows: number; cols: number }>;
    }): Promise<Float64Array> {
      const out: number[] = [];
      for (const { values, rows, cols } of block.chunks()) {
        for (let i = 0; i < rows; i++) {
          out.push(values.subarray(i * cols, (i + 1) * cols).reduce((sum, x) => sum + x, this.offset));
        }
      }
      return Promise.resolve(Float64Array.from(out));
    }
  }
  const model = new ParallelPostFit({ estimator: new Sum({ offset: 1 }) as never, blockSize: 10 });
  await model.fit(X, y);
  const expected = Float64Array.from(X, (row) => row.reduce((sum, x) => sum + x, 1));
  assert.equal(await model.predict(X), expected as never);
});

test("leaving a stream of answers stops the reading", async () => {
  const model = await new ParallelPostFit({ estimator: new GaussianNB(), blockSize: 10, nJobs: 2 }).fit(X, y);
  let read = 0;
  const source = rechunked(matrixOf(X), 10, (row) => (read = row));
  for await (const block of model.stream("predict", source)) if (block.firstRow >= 20) break;
  assert.ok(read < 300, `read up to row ${read}`);
});

test("BlockwiseVotingClassifier: hard votes are counted, soft ones averaged, blocks may lack classes", async () => {
  const order = y.map((label, i) => ({ label, row: X[i] as number[] })).sort((a, b) => a.label - b.label);
  const sorted = { X: order.map(({ row }) => row), y: order.map(({ label }) => ["a", "b", "c"][label] as string) };
  for (const voting of ["hard", "soft"] as const) {
    const model = new BlockwiseVotingClassifier({ estimator: new GaussianNB(), voting, blockSize: 200 });
    await model.fit(sorted.X, sorted.y);
    assert.is(model.estimators_.length, 5);
    assert.instance(model.estimators_[0], DummyClassifier);
    assert.instance(model.estimators_[1], GaussianNB);
    assert.equal([...model.classes_], ["a", "b", "c"]);
    assert.is((await model.predict(X)).length, 1000);
    if (voting === "hard") assert.is(model.predictProba, undefined);
    else {
      const proba = await model.predictProba(X);
      for (let i = 0; i < 1000; i += 99) {
        assert.ok(Math.abs(Array.from(proba.row(i)).reduce((sum, p) => sum + p, 0) - 1) < 1e-12);
      }
    }
  }
  const mixed = await new BlockwiseVotingClassifier({ estimator: new GaussianNB(), blockSize: 200 }).fit(X, y);
  assert.ok((await mixed.score(X, y)) > 0.95);
});

test("BlockwiseVotingClassifier: soft voting needs probabilities", async () => {
  const model = new BlockwiseVotingClassifier({ estimator: new SGDClassifier(), voting: "soft", blockSize: 500 });
  await model.fit(X, y);
  assert.match((await errorOf(() => model.predict(X))).message, /soft voting needs estimators with predictProba/);
});

test("BlockwiseVotingRegressor predicts the mean of its estimators", async () => {
  const problem = linear(90);
  const model = new BlockwiseVotingRegressor({ estimator: new DummyRegressor(), blockSize: 30 });
  await model.fit(problem.X, problem.y);
  const means = [0, 30, 60].map((i) => problem.y.slice(i, i + 30).reduce((sum, v) => sum + v, 0) / 30);
  const predicted = await model.predict(new Matrix(new Float64Array(4), [1, 4]));
  assert.ok(Math.abs((predicted[0] as number) - means.reduce((sum, m) => sum + m, 0) / 3) < 1e-12);
});

test.run();

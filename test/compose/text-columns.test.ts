import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tableFromArrays, vectorFromArray, Dictionary, Int32, Table, Utf8 } from "apache-arrow";
import {
  BaggingClassifier,
  BlockwiseVotingClassifier,
  CalibratedClassifierCV,
  ColumnTransformer,
  CountVectorizer,
  CsrMatrix,
  fromArrow,
  fromBuffer,
  GridSearchCV,
  HashingVectorizer,
  LogisticRegression,
  makeColumnSelector,
  makePipeline,
  OneHotEncoder,
  ParallelPostFit,
  StandardScaler,
  TfidfVectorizer,
  TruncatedSVD,
  TunedThresholdClassifierCV,
  withConfig,
  type Columns,
  type InputLike,
  type Matrix,
  type TableLike,
} from "../../src/index.js";

// A table of texts, numbers and categories, beside scikit-learn's ColumnTransformer (test/parity/make_text_inside.py).

type Row = [text: string, length: number, channel: string, hour: number];
const values = JSON.parse(readFileSync("test/parity/text_inside.json", "utf8")) as {
  readonly rows: Row[];
  readonly labels: string[];
  readonly trainRows: number;
  readonly table: {
    readonly names: string[];
    readonly train: number[][];
    readonly test: number[][];
    readonly proba: number[][];
  };
};
const { trainRows, table: wanted } = values;
const [rows, shown] = [values.rows.slice(0, trainRows), values.rows.slice(trainRows)];
const labels = values.labels.slice(0, trainRows);
const NAMES = ["text", "length", "channel", "hour"];

const columnOf = <T>(of: readonly Row[], j: number): T[] => of.map((row) => row[j] as T);
const arrow = (of: readonly Row[]): Table =>
  new Table({
    text: vectorFromArray(columnOf<string>(of, 0), new Utf8()),
    length: vectorFromArray(Float64Array.from(columnOf<number>(of, 1))),
    channel: vectorFromArray(columnOf<string>(of, 2), new Dictionary(new Utf8(), new Int32())),
    hour: vectorFromArray(Int32Array.from(columnOf<number>(of, 3))),
  }) as unknown as Table;

/** The rows in every kind of container that holds texts beside numbers. */
async function containers(of: readonly Row[]): Promise<Readonly<Record<string, TableLike>>> {
  const table = arrow(of);
  const plain = tableFromArrays({
    text: columnOf<string>(of, 0),
    length: Float64Array.from(columnOf<number>(of, 1)),
    channel: columnOf<string>(of, 2),
    hour: Float64Array.from(columnOf<number>(of, 3)),
  });
  return { rows: of, table, batch: table.batches[0] as never, plain: plain as never, frame: await fromArrow(table) };
}

/** Columns by number: rows have no names. */
const prepare = (sparseThreshold = 0.5, text: Columns = 0): ColumnTransformer =>
  new ColumnTransformer({
    transformers: [
      ["terms", new TfidfVectorizer({ minDf: 2 }), text],
      ["scale", new StandardScaler(), [1, 3]],
      ["encode", new OneHotEncoder(), [2]],
      ["counts", new CountVectorizer({ binary: true, ngramRange: [2, 2], minDf: 3 }), text],
    ],
    sparseThreshold,
  });
const model = () => makePipeline(prepare(0.3), new LogisticRegression({ tol: 1e-10, maxIter: 10_000 }));

function close(got: readonly (readonly number[])[], right: readonly (readonly number[])[], tolerance: number): void {
  assert.equal([got.length, got[0]?.length], [right.length, right[0]?.length]);
  got.forEach((row, i) =>
    row.forEach((value, j) => {
      const expected = right[i]?.[j] as number;
      assert.ok(Math.abs(value - expected) <= tolerance, `[${i}, ${j}]: ${value} is not ${expected}`);
    }),
  );
}
const dense = (table: unknown): number[][] => (table as CsrMatrix).toDense().toArray();
const refused = async (run: () => Promise<unknown>, message: RegExp): Promise<void> =>
  run().then(
    () => assert.unreachable("not refused"),
    (error: Error) => assert.match(error.message, message),
  );

test("texts beside numbers and categories become scikit-learn's sparse table, whatever holds them", async () => {
  const tests = await containers(shown);
  for (const [kind, X] of Object.entries(await containers(rows))) {
    const transformer = prepare();
    const made = await transformer.fitTransform(X);
    assert.instance(made, CsrMatrix, kind);
    close(dense(made), wanted.train, 1e-9);
    const fitted = await prepare().fit(X);
    for (const one of [transformer, fitted]) {
      const table = await one.transform(tests[kind] as TableLike);
      assert.instance(table, CsrMatrix, kind);
      close(dense(table), wanted.test, 1e-9);
    }
    const names =
      kind === "rows"
        ? wanted.names
        : wanted.names.map((name) => name.replace(/__x(\d)/, (_, j: string) => `__${NAMES[Number(j)] as string}`));
    assert.equal(transformer.getFeatureNamesOut(), names, kind);
    assert.equal(Object.keys(transformer.outputIndices_), ["terms", "scale", "encode", "counts"]);
    assert.equal(transformer.outputIndices_["counts"]?.[1], wanted.names.length);
  }
});

test("the share of stored values decides whether the table is sparse, with the same numbers", async () => {
  const table = (await prepare(0).fitTransform(arrow(rows) as never)) as Matrix;
  assert.not.instance(table, CsrMatrix);
  close(table.toArray(), wanted.train, 1e-9);
});

test("a column is meant by name, number from the end, in an array, or by what it holds", async () => {
  const texts = makeColumnSelector({ pattern: "^text$", dtypeInclude: "string" });
  const X = arrow(rows) as never;
  const expected = dense(await prepare().fitTransform(X));
  for (const columns of ["text", -4, ["text"], [0], texts] as Columns[]) {
    assert.equal(dense(await prepare(0.5, columns).fitTransform(X)), expected);
  }
});

test("a vectorizer of yours is given the texts of a column that is named or numbered as it is, a table otherwise", async () => {
  const seen: unknown[] = [];
  class Lengths {
    getParams(): object {
      return {};
    }
    async fit(): Promise<unknown> {
      return Promise.resolve(this);
    }
    async transform(X: InputLike): Promise<number[][]> {
      seen.push(X);
      return Promise.resolve(Array.from(X as string[], (text) => [text.length]));
    }
  }
  const lengths = (column: Columns): ColumnTransformer =>
    new ColumnTransformer({ transformers: [["lengths", new Lengths(), column]] });
  const made = await lengths(0).fitTransform(rows);
  assert.equal(
    (made as Matrix).column(0),
    Float64Array.from(columnOf<string>(rows, 0), (text) => text.length),
  );
  assert.equal(seen.pop(), columnOf(rows, 0));
  await lengths([0])
    .fitTransform(rows)
    .catch(() => undefined);
  assert.equal(
    seen.pop(),
    rows.map(([text]) => [text]),
  );
});

test("a pipeline of one learns, is saved, is searched over by nested names, and keeps to a memory limit", async () => {
  const tests = await containers(shown);
  const search = new GridSearchCV({
    estimator: model(),
    paramGrid: {
      columnTransformer__terms__ngramRange: [[1, 1] as const, [1, 2] as const],
      logisticRegression__C: [1, 10],
    },
    cv: 3,
  });
  for (const [kind, X] of Object.entries(await containers(rows))) {
    const learned = await model().fit(X, labels);
    const proba = await learned.predictProba(tests[kind] as TableLike);
    close(proba.toArray(), wanted.proba, 1e-6);
    const loaded = fromBuffer(learned.toBuffer()) as unknown as typeof learned;
    assert.equal(await loaded.predictProba(tests[kind] as TableLike), proba, kind);
    assert.is(learned.inverseTransform, undefined);
    const limited = await withConfig({ memoryLimit: "64MB" }, async () =>
      (await model().fit(X, labels)).predictProba(tests[kind] as TableLike),
    );
    assert.equal(limited, proba, kind);
    await search.fit(X as never, labels);
    assert.is(search.cvResults_["params"]?.length, 4);
    assert.ok((await search.score(tests[kind] as never, values.labels.slice(trainRows))) > 0.6);
  }
  search.setParams({ estimator__columnTransformer__counts: "drop" } as never);
  await search.fit(rows as never, labels);
  const best = search.bestEstimator_ as unknown as ReturnType<typeof model>;
  assert.not(
    (best.namedSteps["columnTransformer"] as ColumnTransformer)
      .getFeatureNamesOut()
      .some((name) => name.startsWith("counts")),
  );
});

test("estimators around such a pipeline take the table as it is: by folds, samples and blocks", async () => {
  const around = {
    calibrated: new CalibratedClassifierCV({ estimator: model(), cv: 2 }),
    tuned: new TunedThresholdClassifierCV({ estimator: model(), cv: 2 }),
    bag: new BaggingClassifier({ estimator: model(), nEstimators: 2, randomState: 0 }),
    blocks: new BlockwiseVotingClassifier({ estimator: model(), voting: "soft", blockSize: 35 }),
    postFit: new ParallelPostFit({ estimator: model(), blockSize: 6 }),
  };
  const tests = await containers(shown);
  for (const [name, estimator] of Object.entries(around)) {
    let expected: Matrix | undefined;
    for (const [kind, X] of Object.entries(await containers(rows))) {
      await estimator.fit(X as never, labels);
      const proba = await estimator.predictProba(tests[kind] as never);
      assert.equal((expected ??= proba), proba, `${name} of ${kind}`);
    }
  }
});

test("vectorizers that hash, and pipelines of them, have columns of their own", async () => {
  const transformer = new ColumnTransformer({
    transformers: [
      ["topics", makePipeline(new CountVectorizer(), new TruncatedSVD({ nComponents: 2, randomState: 0 })), "text"],
      ["hashed", new HashingVectorizer({ nFeatures: 16 }), "text"],
    ],
  });
  const made = (await transformer.fitTransform((await fromArrow(arrow(rows))) as never)) as Matrix;
  assert.equal(made.shape, [trainRows, 18]);
  assert.throws(() => transformer.getFeatureNamesOut(), /the transformer "hashed" does not name its columns/);
});

test("what is no text is named", async () => {
  const fit = (columns: Columns, X: TableLike = rows): Promise<unknown> => prepare(0.5, columns).fit(X);
  await refused(() => fit(1), /TfidfVectorizer\.fit: X: document 0 must be a string, got/);
  await refused(() => fit([0, 2]), /has 2 columns, but documents are one: select the column of the texts/);
  await refused(() => fit("texts", arrow(rows) as never), /there is no column "texts"; there are text, length/);
  const missing = rows.map(([, ...rest], i) => [i === 3 || i === 0 ? null : "a text", ...rest]);
  await refused(() => fit(0, missing as never), /TfidfVectorizer\.fit: X: document 0 must be a string, got null/);
  const fitted = await prepare().fit(arrow(rows) as never);
  await refused(
    () => fitted.transform(arrow(rows).select(["length", "channel", "hour"]) as never),
    /columns are missing: "text"/,
  );
});

test.run();

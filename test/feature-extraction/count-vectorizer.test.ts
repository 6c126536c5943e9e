import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tableFromArrays } from "apache-arrow";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  clone,
  CountVectorizer,
  CsrMatrix,
  crossValPredict,
  crossValScore,
  ENGLISH_STOP_WORDS,
  FeatureUnion,
  fromArrow,
  GridSearchCV,
  learningCurve,
  load,
  LogisticRegression,
  makePipeline,
  Pipeline,
  StandardScaler,
  trainTestSplit,
  withCache,
  type CountVectorizerParams,
} from "../../src/index.js";
import { byCodePoints } from "../../src/feature-extraction/vocabulary.js";
import { errorOf } from "../contract/estimators.js";

const texts = [
  "The cat sat.",
  "The cat sat on the mat.",
  "a DOG barks",
  "dogs bark loud",
  "a dog runs",
  "the cat runs",
];
const y = [0, 0, 1, 1, 1, 0];
const rows = (table: unknown): number[][] => (table as CsrMatrix).toDense().toArray();
const bad = (params: Readonly<Record<string, unknown>>): Partial<CountVectorizerParams> => params;

test("terms are counted by document, the columns sorted", async () => {
  const model = new CountVectorizer();
  const counts = await model.fitTransform(texts.slice(0, 2));
  assert.instance(counts, CsrMatrix);
  assert.equal(model.getFeatureNamesOut(), ["cat", "mat", "on", "sat", "the"]);
  assert.equal(rows(counts), [
    [1, 0, 0, 1, 1],
    [1, 1, 1, 1, 2],
  ]);
  assert.is(model.vocabulary_.get("on"), 2);
  assert.is(model.fixedVocabulary_, false);
  assert.equal(await model.inverseTransform(counts), [
    ["cat", "sat", "the"],
    ["cat", "mat", "on", "sat", "the"],
  ]);
  assert.equal(await model.inverseTransform([[0, 2, 0, 0, 1]]), [["mat", "the"]]);
});

test("documents come in every container, with the same counts", async () => {
  const expected = rows(await new CountVectorizer().fitTransform(texts));
  const table = tableFromArrays({ text: texts });
  async function* slowly(): AsyncGenerator<string> {
    for (const text of texts) yield await Promise.resolve(text);
  }
  async function* inBatches(): AsyncGenerator<string[]> {
    yield await Promise.resolve(texts.slice(0, 2));
    yield texts.slice(2);
  }
  const frame = await fromArrow(table);
  const given = [
    texts.map((text) => [text]),
    table.getChild("text") as never,
    table,
    table.batches[0] as never,
    frame,
    frame.column("text"),
    new Set(texts),
    slowly(),
    inBatches(),
  ];
  for (const [k, X] of given.entries()) {
    assert.equal(rows(await new CountVectorizer().fitTransform(X)), expected, `container ${k}`);
  }
});

test("what is no document is refused by its place", async () => {
  const fit = (X: unknown): Promise<unknown> => new CountVectorizer().fit(X as never);
  const cases: [unknown, RegExp, string][] = [
    ["one text", /fit: X must be documents: .* got "one text": one document is \[document\]/, "ERR_INVALID_ARGUMENT"],
    [undefined, /X must be documents: .* got undefined/, "ERR_INVALID_ARGUMENT"],
    [7, /X must be documents: .* got 7/, "ERR_INVALID_ARGUMENT"],
    [["a text", null], /fit: X: document 1 must be a string, got null/, "ERR_INVALID_DATA"],
    [["a text", "another", 3], /X: document 2 must be a string, got 3/, "ERR_INVALID_DATA"],
    [[["two", "columns"]], /X has 2 columns, but documents are one/, "ERR_INVALID_DATA"],
    [tableFromArrays({ a: texts, b: texts }), /X has 2 columns, but documents are one/, "ERR_INVALID_DATA"],
    [tableFromArrays({ a: [1, 2] }), /X: document 0 must be a string, got 1/, "ERR_INVALID_DATA"],
  ];
  for (const [X, message, code] of cases) {
    const error = await errorOf(() => fit(X));
    assert.match(error.message, message);
    assert.is(error.code, code);
  }
});

test("no term found, or none left, is an error; nothing is learnt then", async () => {
  const model = await new CountVectorizer({ stopWords: "english" }).fit(texts);
  for (const X of [["the of", "and"], ["", "!?"], []]) {
    const error = await errorOf(() => model.fit(X));
    assert.match(error.message, /empty vocabulary; perhaps the documents only contain stop words/);
    assert.is(error.code, "ERR_INVALID_DATA");
  }
  assert.ok(model.vocabulary_.has("barks"));
  assert.match((await errorOf(() => new CountVectorizer({ minDf: 5 }).fit(texts))).message, /no terms remain of 11/);
  const crossed = await errorOf(() => new CountVectorizer({ minDf: 4, maxDf: 0.5 }).fit(texts));
  assert.match(crossed.message, /maxDf 0.5 is 3 of 6 documents, minDf 4 is 4/);
});

test("maxDf: 1 is all documents, minDf: 1 is one document", async () => {
  const same = ["cat", "cat dog"];
  assert.equal((await new CountVectorizer({ maxDf: 1 }).fit(same)).getFeatureNamesOut(), ["cat", "dog"]);
  assert.equal((await new CountVectorizer({ maxDf: 0.99 }).fit(same)).getFeatureNamesOut(), ["dog"]);
  assert.equal((await new CountVectorizer({ minDf: 1 }).fit(same)).getFeatureNamesOut(), ["cat", "dog"]);
  assert.equal((await new CountVectorizer({ minDf: 0.99 }).fit(same)).getFeatureNamesOut(), ["cat"]);
});

test("of equally frequent terms maxFeatures keeps those that sort first", async () => {
  const model = await new CountVectorizer({ maxFeatures: 2 }).fit(["dog cat bird", "ant cat"]);
  assert.equal(model.getFeatureNamesOut(), ["ant", "cat"]);
});

test("a given vocabulary needs no fit, in any of its forms", async () => {
  for (const vocabulary of [
    ["dog", "cat"],
    new Map([
      ["cat", 1],
      ["dog", 0],
    ]),
    { cat: 1, dog: 0 },
  ] as const) {
    const model = new CountVectorizer({ vocabulary });
    assert.equal(rows(await model.transform(["cat cat", "dog bird"])), [
      [0, 2],
      [1, 0],
    ]);
    assert.equal(model.getFeatureNamesOut(), ["dog", "cat"]);
    assert.is(model.fixedVocabulary_, true);
    assert.equal(rows(await model.fitTransform(["dog dog"])), [[2, 0]]);
  }
  const wrong: [unknown, RegExp][] = [
    [[], /vocabulary is empty/],
    [["a", "b", "a"], /vocabulary has the term "a" twice/],
    [{ a: 0, b: 2 }, /must give each of its 2 terms a column of 0 … 1, got 2 for "b"/],
    [{ a: 0, b: 0 }, /gives column 0 to "a" and to "b"/],
    [["a", 3], /terms of vocabulary must be strings, got 3/],
  ];
  for (const [vocabulary, message] of wrong) {
    const error = await errorOf(() => new CountVectorizer(bad({ vocabulary })).fit(texts));
    assert.match(error.message, message);
    assert.is(error.code, "ERR_INVALID_ARGUMENT");
  }
});

test("functions read documents in their own way", async () => {
  const analyzed = new CountVectorizer({ analyzer: (document) => document.split("|") });
  assert.equal((await analyzed.fit(["a|b c", "B|a"])).getFeatureNamesOut(), ["B", "a", "b c"]);
  const tokenized = new CountVectorizer({ tokenizer: (text) => text.split(/,/), ngramRange: [1, 2] });
  assert.equal((await tokenized.fit(["X,y"])).getFeatureNamesOut(), ["x", "x y", "y"]);
  const prepared = new CountVectorizer({ preprocessor: (document) => document.replace(/<[^>]+>/g, " ") });
  assert.equal((await prepared.fit(["<b>Bold</b>"])).getFeatureNamesOut(), ["Bold"]);
  const odd = await errorOf(() => new CountVectorizer(bad({ analyzer: () => [1] })).fit(["a"]));
  assert.match(odd.message, /the terms of a document must be strings, got 1/);
  const thrown = await errorOf(() =>
    new CountVectorizer({
      tokenizer: () => {
        throw new RangeError("mine");
      },
    }).fit(["a"]),
  );
  assert.instance(thrown, RangeError);
});

test("a pattern that is none, or of two groups, is refused in words", async () => {
  const fit = (tokenPattern: string | RegExp): Promise<unknown> => new CountVectorizer({ tokenPattern }).fit(texts);
  assert.match((await errorOf(() => fit("(a"))).message, /tokenPattern "\(a" is no pattern/);
  assert.match((await errorOf(() => fit("(a)(b)"))).message, /tokenPattern has 2 groups, and may have one/);
  assert.match((await errorOf(() => fit(/(a)(b)/))).message, /tokenPattern has 2 groups/);
  assert.match((await errorOf(() => fit("(?x)a"))).message, /has the flag "x", which is not known here/);
  assert.match((await errorOf(() => fit("[\\W]"))).message, /within brackets is not known here: give a RegExp/);
});

test("a RegExp is JavaScript's, keeps its flags, and is saved", async () => {
  const model = await new CountVectorizer({ tokenPattern: /C\w+/iy, lowercase: false }).fit(texts);
  assert.equal(model.getFeatureNamesOut(), ["cat"]);
  assert.equal((await clone(model).fit(texts)).getFeatureNamesOut(), ["cat"]);
  const folder = await mkdtemp(join(tmpdir(), "treeline-test-"));
  try {
    await model.save(join(folder, "model.treeline"));
    const copy = await load<CountVectorizer>(join(folder, "model.treeline"));
    assert.equal(copy.getParams(), model.getParams());
    assert.equal(rows(await copy.transform(texts)), rows(await model.transform(texts)));
    assert.equal([...copy.vocabulary_], [...model.vocabulary_]);
  } finally {
    await rm(folder, { recursive: true });
  }
  const withFunction = new CountVectorizer({ analyzer: (document) => [document] });
  assert.match(
    (await errorOf(() => withFunction.toBuffer())).message,
    /a function among the parameters cannot be saved/,
  );
});

test("how documents are read can be asked for", () => {
  const model = new CountVectorizer({ stopWords: ["sat"], ngramRange: [1, 2], stripAccents: "unicode" });
  assert.equal(
    [...model.buildAnalyzer()("The CÁT sat, the dog")],
    ["the", "cat", "the", "dog", "the cat", "cat the", "the dog"],
  );
  assert.is(model.buildPreprocessor()("CÁT"), "cat");
  assert.equal([...model.buildTokenizer()("a bc de")], ["bc", "de"]);
  assert.equal([...(model.getStopWords() ?? [])], ["sat"]);
  assert.is(ENGLISH_STOP_WORDS.size, 318);
});

test("what has no effect is told in a warning", async () => {
  const seen: string[] = [];
  const listen = (warning: Error): void => void seen.push(warning.message);
  process.on("warning", listen);
  await new CountVectorizer({ analyzer: "char", stopWords: "english" }).fit(texts);
  await new CountVectorizer({ stopWords: ["don't"] }).fit(texts);
  await new CountVectorizer({ vocabulary: ["Cat", "sat"] }).fit(texts);
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", listen);
  assert.is(seen.length, 3);
  assert.match(seen[0] ?? "", /stopWords is not used, for analyzer is not "word"/);
  assert.match(seen[1] ?? "", /stopWords do not fit .* they hold don /);
  assert.match(seen[2] ?? "", /vocabulary has capitals \("Cat"\)/);
});

test("counts may be float32", async () => {
  const counts = await new CountVectorizer({ dtype: "float32" }).fitTransform(texts);
  assert.instance(counts.data, Float32Array);
});

test("many terms sort as by a plain sort, and the event loop has its turns meanwhile", async () => {
  const many = Array.from({ length: 40_000 }, (_, i) => String.fromCodePoint(0x61 + (i % 20), 0x1d4d0, 0xe000 + i));
  const fit = new CountVectorizer({ tokenizer: (text) => text.split(" "), lowercase: false });
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  await fit.fit([many.join(" ")]);
  clearInterval(timer);
  assert.equal(fit.getFeatureNamesOut(), [...many].sort(byCodePoints));
  assert.ok(ticks > 3, String(ticks));
});

test("a fit can be aborted before and amid, and leaves what was", async () => {
  const model = await new CountVectorizer().fit(texts);
  const reason = new Error("enough");
  assert.is(await errorOf(() => model.fit(["x"], undefined, { signal: AbortSignal.abort(reason) })), reason);
  const abort = new AbortController();
  const long = Array.from({ length: 5000 }, (_, i) => `${"word ".repeat(100)} n${i}`);
  setImmediate(() => abort.abort(reason));
  assert.is(await errorOf(() => model.fit(long, undefined, { signal: abort.signal })), reason);
  assert.is(model.vocabulary_.size, 11);
});

test("a pipeline learns from documents, in cross-validation, searches and splits too", async () => {
  const pipeline = new Pipeline({
    steps: [
      ["counts", new CountVectorizer()],
      ["clf", new LogisticRegression()],
    ],
  });
  await pipeline.fit(texts, y);
  assert.equal([...((await pipeline.predict(texts)) as Float64Array)], y);
  assert.is(await pipeline.score(texts, y), 1);
  assert.is(pipeline.tags.documents, true);
  assert.is((await crossValScore(pipeline, texts, y, { cv: 2 })).length, 2);
  assert.is((await crossValPredict(pipeline, texts, y, { cv: 2 })).length, 6);
  assert.equal((await learningCurve(pipeline, texts, y, { cv: 2, trainSizes: [2, 3] })).trainSizes.length, 2);
  const search = new GridSearchCV({
    estimator: pipeline,
    paramGrid: {
      counts__ngramRange: [
        [1, 1],
        [1, 2],
      ],
      clf__C: [1, 10],
    },
    cv: 2,
  });
  await search.fit(texts, y);
  assert.is((await search.predict(["cat", "dogs"])).length, 2);
  assert.ok((await search.score(texts, y)) > 0.5);
  const table = tableFromArrays({ text: texts });
  for (const X of [table.getChild("text") as never, (await fromArrow(table)).column("text"), table]) {
    assert.equal(await crossValScore(pipeline, X, y, { cv: 2 }), await crossValScore(pipeline, texts, y, { cv: 2 }));
  }
  const [train, test] = await trainTestSplit(texts, { testSize: 2, randomState: 0 });
  assert.is(train.length + test.length, 6);
  const union = new FeatureUnion({
    transformerList: [
      ["words", new CountVectorizer()],
      ["letters", new CountVectorizer({ analyzer: "char" })],
    ],
  });
  await union.fit(texts);
  const width = union.getFeatureNamesOut().length;
  assert.equal((await union.transform(texts)).shape, [6, width]);
  assert.ok(union.getFeatureNamesOut().includes("words__cat"));
});

test("what a pipeline made of documents is kept by withCache, and a stream is read once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "treeline-test-"));
  try {
    const fit = async (X: unknown): Promise<Pipeline> =>
      withCache(folder, () => makePipeline(new CountVectorizer(), new LogisticRegression()).fit(X as string[], y));
    const first = await fit(texts);
    assert.is((await readdir(folder)).length, 1);
    assert.equal(await (await fit([...texts])).predictProba(texts), await first.predictProba(texts));
    assert.is((await readdir(folder)).length, 1);
    await fit(texts.map((text) => `${text} more`));
    assert.is((await readdir(folder)).length, 2);
    const streamed = await fit(new Set(texts));
    assert.is((await readdir(folder)).length, 2);
    assert.equal(await streamed.predictProba(texts), await first.predictProba(texts));
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("documents where a table is needed are refused by the step that needs one", async () => {
  const error = await errorOf(() => makePipeline(new StandardScaler()).fit(texts));
  assert.match(error.message, /StandardScaler.fit: X must have two dimensions/);
  const scores = await errorOf(() => crossValScore(new LogisticRegression(), texts, y, { cv: 2 }));
  assert.match(scores.message, /X must have two dimensions/);
});

test.run();

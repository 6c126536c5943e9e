import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  CountVectorizer,
  CsrMatrix,
  fromBuffer,
  GridSearchCV,
  HashingVectorizer,
  LogisticRegression,
  makePipeline,
  TfidfTransformer,
  TfidfVectorizer,
} from "../../src/index.js";
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
const rows = (table: CsrMatrix): number[][] => table.toDense().toArray();

test("TfidfVectorizer is CountVectorizer, then TfidfTransformer", async () => {
  const both = makePipeline(new CountVectorizer({ ngramRange: [1, 2] }), new TfidfTransformer({ sublinearTf: true }));
  const Z = (await both.fitTransform(texts)) as unknown as CsrMatrix;
  const one = new TfidfVectorizer({ ngramRange: [1, 2], sublinearTf: true });
  assert.equal(rows(await one.fitTransform(texts)), rows(Z));
  assert.equal(rows(await one.transform(texts)), rows(Z));
  assert.equal(one.getFeatureNamesOut(), both.getFeatureNamesOut(one.getFeatureNamesOut()));
  const copy = fromBuffer<TfidfVectorizer>(one.toBuffer());
  assert.equal(rows(await copy.transform(["a cat runs"])), rows(await one.transform(["a cat runs"])));
  assert.equal(copy.idf_, one.idf_);
  assert.equal((await one.inverseTransform(Z))[2], ["barks", "dog", "dog barks"]);
});

test("a given vocabulary still needs a fit where terms are weighed", async () => {
  const model = new TfidfVectorizer({ vocabulary: ["cat", "dog"] });
  assert.is((await errorOf(() => model.transform(texts))).code, "ERR_NOT_FITTED");
  assert.is((await model.fitTransform(texts)).cols, 2);
  assert.is((await new TfidfVectorizer({ useIdf: false }).fit(texts)).idf_, undefined);
});

test("X is not changed by weights", async () => {
  const counts = await new CountVectorizer().fitTransform(texts);
  const before = counts.data.slice();
  await new TfidfTransformer().fitTransform(counts);
  assert.equal(counts.data, before);
});

test("logarithms of what is no count are refused", async () => {
  const model = new TfidfTransformer({ sublinearTf: true });
  const error = await errorOf(() => model.fitTransform([[1, -2]]));
  assert.match(error.message, /sublinearTf takes logarithms of counts, which must be positive, got -2/);
  assert.is(error.code, "ERR_INVALID_DATA");
});

test("values that are not finite are refused in sparse tables too", async () => {
  const holed = CsrMatrix.fromTriplets([0, 1], [1, 0], [1, NaN], [2, 2]);
  const error = await errorOf(() => new TfidfTransformer().fit(holed));
  assert.match(error.message, /TfidfTransformer.fit: X contains NaN in row 1, column 0/);
});

test("terms that cancel out leave a stored zero; with binary they are there", async () => {
  const signs = new HashingVectorizer({ nFeatures: 1, norm: null });
  const words = ["cat", "dog", "mat", "sat", "runs", "barks"];
  const sums = rows(await signs.transform(words)).map(([sum]) => sum);
  const [plus, minus] = [words[sums.indexOf(1)] as string, words[sums.indexOf(-1)] as string];
  const both = await signs.transform([`${plus} ${minus}`]);
  assert.equal([both.nnz, both.at(0, 0)], [1, 0]);
  const binary = await new HashingVectorizer({ nFeatures: 1, norm: null, binary: true }).transform([
    `${plus} ${minus}`,
  ]);
  assert.is(binary.at(0, 0), 1);
});

test("HashingVectorizer needs no fit, reads streams, and checks its parameters", async () => {
  async function* stream(): AsyncGenerator<string> {
    for (const text of texts) yield await Promise.resolve(text);
  }
  const model = new HashingVectorizer({ nFeatures: 32 });
  const expected = rows(await model.transform(texts));
  assert.equal(rows(await model.transform(stream())), expected);
  assert.equal(
    rows(await (await new HashingVectorizer({ nFeatures: 32 }).partialFit(texts)).transform(texts)),
    expected,
  );
  assert.is((await model.transform([])).rows, 0);
  assert.equal(rows(await fromBuffer<HashingVectorizer>(model.toBuffer()).transform(texts)), expected);
  assert.instance((await new HashingVectorizer({ dtype: "float32" }).transform(texts)).data, Float32Array);
  const error = await errorOf(() => new HashingVectorizer({ nFeatures: 0 }).transform(texts));
  assert.match(error.message, /HashingVectorizer: nFeatures must be .*, got 0/);
});

test("a transform of many documents can be aborted, and timers tick meanwhile", async () => {
  const many = Array.from({ length: 20_000 }, (_, i) => `document number ${i} ${"of many words ".repeat(5)}`);
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  await new TfidfVectorizer().fitTransform(many);
  clearInterval(timer);
  assert.ok(ticks > 5, String(ticks));
  const abort = new AbortController();
  const reason = new Error("enough");
  setImmediate(() => abort.abort(reason));
  const model = new HashingVectorizer();
  assert.is(await errorOf(() => model.transform(many, { signal: abort.signal })), reason);
});

test("searches over weights find parameters, and pipelines of hashes learn", async () => {
  const weighed = makePipeline(new TfidfVectorizer(), new LogisticRegression({ C: 100 }));
  const search = new GridSearchCV({
    estimator: weighed,
    paramGrid: { tfidfVectorizer__sublinearTf: [false, true], tfidfVectorizer__norm: ["l1", "l2"] },
    cv: 2,
  });
  await search.fit(texts, y);
  assert.is((await search.predict(["cat", "dog"])).length, 2);
  const hashed = makePipeline(new HashingVectorizer({ nFeatures: 64 }), new LogisticRegression({ C: 100 }));
  await hashed.fit(texts, y);
  assert.is(await hashed.score(texts, y), 1);
});

test.run();

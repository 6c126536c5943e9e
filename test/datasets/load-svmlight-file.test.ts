import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { loadSvmlightFile, MultinomialNB, SGDClassifier, type SvmlightOptions } from "../../src/index.js";
import { errorOf } from "../contract/estimators.js";

const folder = await mkdtemp(join(tmpdir(), "treeline-svmlight-"));
test.after(async () => rm(folder, { recursive: true }));

async function read(text: string | Uint8Array, options?: SvmlightOptions, name = "table.txt") {
  const path = join(folder, name);
  await writeFile(path, text);
  return loadSvmlightFile(path, options);
}

test("targets and pairs are read; comments, blank lines and CRLF do not matter", async () => {
  const { X, y, queryId } = await read("# a table\r\n+1 1:0.5 3:2 # first\r\n\r\n-1\r\n2.5 2:-1e3\r\n");
  assert.equal([...y], [1, -1, 2.5]);
  assert.equal(X.toDense().toArray(), [
    [0.5, 0, 2],
    [0, 0, 0],
    [0, -1000, 0],
  ]);
  assert.is(queryId, undefined);
});

test("indices begin with 0 where there is one, or where it is said; columns may be more", async () => {
  assert.equal((await read("1 0:1 2:3")).X.toDense().toArray(), [[1, 0, 3]]);
  assert.equal((await read("1 1:1", { zeroBased: true })).X.toDense().toArray(), [[0, 1]]);
  assert.equal((await read("1 1:1", { nFeatures: 3 })).X.shape, [1, 3]);
  assert.match((await errorOf(() => read("1 0:1", { zeroBased: false }))).message, /an index is 0/);
  assert.match((await errorOf(() => read("1 5:1", { nFeatures: 3 }))).message, /nFeatures must be at least 5/);
});

test("query ids are read where asked for", async () => {
  const text = "3 qid:1 1:1\n1 qid:1 2:1\n2 qid:7 1:1\n";
  assert.equal([...((await read(text, { queryId: true })).queryId ?? [])], [1, 1, 7]);
  assert.is((await read(text)).queryId, undefined);
  assert.match((await errorOf(() => read("3 1:1", { queryId: true }))).message, /row 0 has no qid/);
});

test("a packed file is unpacked, an empty one has no rows", async () => {
  const { X, y } = await read(gzipSync("1 1:2\n0 2:1\n"), {}, "table.gz");
  assert.equal([...y], [1, 0]);
  assert.equal(X.shape, [2, 2]);
  assert.equal((await read("")).X.shape, [0, 0]);
});

for (const [what, text, message] of [
  ["no number as target", "x 1:1", /line 1: a target expected, got "x"/],
  ["no number as value", "1 1:1\n1 2:y", /line 2: a value expected, got "y"/],
  ["no index", "1 :5", /line 1: an index expected, got ":5"/],
  ["indices out of order", "1 2:1 1:1", /line 1: indices must ascend, got 1 after 2/],
] as const) {
  test(`${what} is refused with its line`, async () => {
    const error = await errorOf(() => read(text));
    assert.is(error.code, "ERR_INVALID_DATA");
    assert.match(error.message, message);
  });
}

test("a file that is not there, or is no gzip, is ERR_IO; an abort rejects with its reason", async () => {
  assert.is((await errorOf(() => loadSvmlightFile(join(folder, "none")))).code, "ERR_IO");
  assert.is((await errorOf(() => read("1 1:1", {}, "plain.gz"))).code, "ERR_IO");
  const reason = new Error("enough");
  assert.is(await errorOf(() => read("1 1:1", { signal: AbortSignal.abort(reason) })), reason);
  assert.match((await errorOf(() => read("1 1:1", { n_features: 3 } as never))).message, /spelt nFeatures here/);
});

const found = join(process.env["TREELINE_DATA"] ?? "none", "agaricus_libsvm", "agaricus.txt.train.gz");
test("the mushrooms of XGBoost's demonstration are told apart", async () => {
  if (!existsSync(found)) return;
  const { X, y } = await loadSvmlightFile(found);
  const model = await new SGDClassifier({ randomState: 0 }).fit(X, y);
  assert.ok((await model.score(X, y)) > 0.99);
  assert.ok((await (await new MultinomialNB().fit(X, y)).score(X, y)) > 0.9);
});

test.run();

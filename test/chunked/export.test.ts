// What leaves a ChunkedMatrix other than numbers: Arrow, Parquet, parts for training, plans, pictures, HTML.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ChunkedMatrix, Matrix, hstack, scanParquet, trainTestSplit, vstack, where } from "../../src/index.js";
import { ROWS, tables } from "./tables.js";

const X = await ChunkedMatrix.from(tables.X);
const named = await ChunkedMatrix.from([{ a: [1, 2, 3], b: [4, 5, 6] }].values());

test("an Arrow table has the matrix's names, or x0, x1, …, and its numbers", async () => {
  const table = await named.multiply(2).toArrow();
  assert.equal(table.schema.fields.map(String), ["a: Float64", "b: Float64"]);
  assert.equal(Array.from(table.getChild("b")?.toArray() as Float64Array), [8, 10, 12]);
  const narrow = await X.astype("float32").select(0, 0).toArrow();
  assert.equal(narrow.schema.fields.map(String), ["x0: Float32", "x1: Float32"]);
  const twice = await named.select("a", "a").toArrow();
  assert.equal(twice.schema.fields.map(String), ["a: Float64", "a_1: Float64"]);
});

test("a Parquet file holds every chunk, and reads as the same matrix", async () => {
  const folder = mkdtempSync(join(tmpdir(), "treeline-test-"));
  const path = join(folder, "x.parquet");
  try {
    await X.rechunk(1000).add(1).writeParquet(path);
    const back = await ChunkedMatrix.from(await scanParquet(path));
    assert.equal(back.shape, [ROWS, 4]);
    assert.equal(back.featureNames, ["x0", "x1", "x2", "x3"]);
    assert.equal((await back.toMatrix()).data, (await X.add(1).toMatrix()).data);
    await named.slice(0, 0).writeParquet(path);
    assert.equal((await ChunkedMatrix.from(await scanParquet(path))).shape, [0, 2]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("trainTestSplit gives parts of it that are ChunkedMatrix, the rows a Matrix gives", async () => {
  const y = Array.from({ length: ROWS }, (_, i) => i % 2);
  const options = { testSize: 0.25, stratify: y, randomState: 3 };
  const [train, test_, yTrain] = await trainTestSplit(X.rechunk(1000), y, options);
  const [expectedTrain, expectedTest, yExpected] = await trainTestSplit(tables.X, y, options);
  assert.instance(train, ChunkedMatrix);
  assert.equal((await train.toMatrix()).toArray(), expectedTrain.toArray());
  assert.equal((await test_.toMatrix()).toArray(), expectedTest.toArray());
  assert.equal(yTrain, yExpected);
});

test("explain shows sources, the expression and the fused program, each equal column once", async () => {
  const kept = await X.persist();
  const plan = vstack([X.log1p(), kept]).slice(1).divide(2).explain();
  assert.match(plan, /one pass over 4999 rows.*2 sources/);
  assert.match(plan, /s0 = a Matrix, 2500 × 4 float64, read again in every pass/);
  assert.match(plan, /s1 = kept matrix, 2500 × 4 float64, 0\.\d MB in memory and 0\.0 MB in a spill file/);
  assert.match(plan, /vstack\(m0, s1\), 5000 × 4 float64/);
  assert.match(plan, /tape of rows 0 … 2498: 16 instructions for 4 columns, 1 registers of 8 KB/);
  assert.match(plan, /r0 = load s0 column 0, 1 rows on\n {2}r0 = log1p r0\n {2}r0 = divide r0, 2\n/);
  assert.match(plan, /tape of rows 2499 … 4998/);
  const shared = X.exp().add(X.exp());
  assert.is(
    shared
      .select(0)
      .explain()
      .match(/= exp r/g)?.length,
    1,
  );
  assert.match(X.median().explain(), /^ChunkedMatrix\.median, of a matrix of 2500 rows\none pass/);
});

test("visualize draws a box a step with its shape, and escapes what users wrote", () => {
  const Y = hstack([where(X.greater(0), X, 0), X.sum({ axis: 1 })]);
  const svg = Y.visualize();
  assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="[\d.]+" height="[\d.]+"/);
  assert.match(svg, /<\/svg>$/);
  assert.is(svg.match(/rx="6"/g)?.length, 5);
  assert.match(svg, /greater \(0\).*2500 × 4 float64/);
  assert.match(svg, /add along rows<\/text>.*2500 × 1 float64/);
  assert.not.match(svg, /NaN|undefined/);
});

test("toHTML tells bytes, shape and chunks, whatever the shape", async () => {
  const html = X.rechunk(1000).toHTML();
  assert.match(html, /<td>2500 × 4<\/td><td>1024 × 4<\/td>/);
  assert.match(html, /3 chunks<\/td><td>lazy/);
  assert.is(html.match(/<line /g)?.length, 2);
  for (const shape of [
    [0, 0],
    [1, 1000],
    [100_000, 1],
  ] as const) {
    const matrix = await ChunkedMatrix.from(new Matrix(new Float32Array(shape[0] * shape[1]), shape));
    assert.not.match(matrix.toHTML() + matrix.add(1).visualize() + matrix.explain(), /NaN|undefined/);
  }
});

test.run();

import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  CsrMatrix,
  fromSklearn,
  stripAccentsAscii,
  stripAccentsUnicode,
  type CountVectorizer,
  type HashingVectorizer,
  type TfidfTransformer,
  type TfidfVectorizer,
} from "../../src/index.js";
import { murmurHash3 } from "../../src/feature-extraction/murmur-hash.js";

// What scikit-learn makes of awkward documents (make_text.py).

process.removeAllListeners("warning"); // of parameters that have no effect, as scikit-learn warns

/** Shape, and [row, column, value] of every stored entry. */
type Entries = [shape: [number, number], entries: [number, number, number][]];
type Params = Readonly<Record<string, unknown>>;
const values = JSON.parse(readFileSync("test/parity/text.json", "utf8")) as {
  documents: string[];
  shown: string[];
  counts: { params: Params; terms: string[]; table: Entries; transformed: Entries; back: string[][] }[];
  hashed: { params: Params; table: Entries }[];
  hashes: [string, number][];
  weights: { params: Params; table: Entries; shown: Entries; idf: number[] | null }[];
  transformed: { params: Params; table: Entries; idf: number[] | null; dense: Entries }[];
  accents: { stripped: [number, number][]; kept: [number, number][]; unicode: string[]; ascii: string[] };
};
const { documents, shown } = values;

function same(table: CsrMatrix, [shape, entries]: Entries, what: string, tolerance = 0): void {
  assert.equal([...table.shape], shape, `${what}: shape`);
  assert.is(table.nnz, entries.length, `${what}: stored entries`);
  let k = 0;
  for (let i = 0; i < table.rows; i++) {
    const { indices, values: row } = table.row(i);
    indices.forEach((j, at) => {
      const [wantedRow, column, value] = entries[k++] as [number, number, number];
      assert.equal([i, j], [wantedRow, column], `${what}: place of entry ${k - 1}`);
      const got = row[at] as number;
      assert.ok(Math.abs(got - value) <= tolerance, `${what} [${i}, ${j}]: ${got} is not ${value}`);
    });
  }
}

for (const [k, { params, terms, table, transformed, back }] of values.counts.entries()) {
  test(`CountVectorizer (${k}) ${JSON.stringify(params)}`, async () => {
    const model = fromSklearn<CountVectorizer>("CountVectorizer", params);
    const counts = await model.fitTransform(documents);
    assert.equal(model.getFeatureNamesOut(), terms);
    same(counts, table, "fitTransform");
    same(await model.transform(documents), table, "transform");
    const Z = await model.transform(shown);
    same(Z, transformed, "transform of others");
    assert.equal(await model.inverseTransform(Z), back);
  });
}

for (const [k, { params, table }] of values.hashed.entries()) {
  test(`HashingVectorizer (${k}) ${JSON.stringify(params)}`, async () => {
    const model = fromSklearn<HashingVectorizer>("HashingVectorizer", params);
    same(await model.transform([...documents, ...shown]), table, "transform", 1e-15);
    same(await model.fitTransform([...documents, ...shown]), table, "fitTransform", 1e-15);
  });
}

test("hashes are MurmurHash3 of the UTF-8 bytes", () => {
  assert.ok(values.hashes.length > 100);
  for (const [text, hash] of values.hashes) assert.is(murmurHash3(text), hash, text);
  assert.is(murmurHash3("akqlrggi"), -(2 ** 31));
});

function sameIdf(actual: ArrayLike<number> | undefined, idf: number[] | null): void {
  assert.is(actual?.length, idf?.length);
  idf?.forEach((value, j) => assert.ok(Math.abs((actual?.[j] as number) - value) < 1e-14, `idf ${j}`));
}

for (const [k, { params, table, shown: others, idf }] of values.weights.entries()) {
  test(`TfidfVectorizer (${k}) ${JSON.stringify(params)}`, async () => {
    const model = fromSklearn<TfidfVectorizer>("TfidfVectorizer", params);
    same(await model.fitTransform(documents), table, "fitTransform", 1e-14);
    same(await model.transform(documents), table, "transform", 1e-14);
    same(await model.transform(shown), others, "transform of others", 1e-14);
    sameIdf(model.idf_, idf);
  });
}

for (const { params, table, idf, dense } of values.transformed) {
  test(`TfidfTransformer ${JSON.stringify(params)}`, async () => {
    const zeros = new CsrMatrix(
      Float64Array.of(3, 0, 1, 2, 5),
      Int32Array.of(0, 1, 2, 0, 2),
      Int32Array.of(0, 3, 4, 4, 5),
      [4, 3],
    );
    const model = await fromSklearn<TfidfTransformer>("TfidfTransformer", params).fit(zeros);
    same(await model.transform(zeros), table, "transform", 1e-14);
    sameIdf(model.idf_, idf);
    const rows = zeros.toDense().toArray();
    same(await fromSklearn<TfidfTransformer>("TfidfTransformer", params).fitTransform(rows), dense, "dense", 1e-14);
    const narrow = new CsrMatrix(Float32Array.from(zeros.data), zeros.indices, zeros.indptr, zeros.shape);
    const narrowed = await model.transform(narrow);
    assert.instance(narrowed.data, Float32Array);
    same(narrowed, table, "float32", 1e-5);
  });
}

test("accents are stripped as Python's combining classes say, of every mark that Unicode 14 has", () => {
  for (const [first, last] of values.accents.stripped) {
    for (let c = first; c <= last; c++) assert.is(stripAccentsUnicode(String.fromCodePoint(c)), "", c.toString(16));
  }
  for (const [first, last] of values.accents.kept) {
    for (let c = first; c <= last; c++) {
      assert.is(stripAccentsUnicode(String.fromCodePoint(c)), String.fromCodePoint(c), c.toString(16));
    }
  }
  assert.equal(documents.map(stripAccentsUnicode), values.accents.unicode);
  assert.equal(documents.map(stripAccentsAscii), values.accents.ascii);
});

test.run();

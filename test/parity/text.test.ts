import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  fromSklearn,
  stripAccentsAscii,
  stripAccentsUnicode,
  type CountVectorizer,
  type CsrMatrix,
} from "../../src/index.js";

// What scikit-learn makes of awkward documents (make_text.py).

process.removeAllListeners("warning"); // of parameters that have no effect, as scikit-learn warns

/** Shape, and [row, column, value] of every stored entry. */
type Entries = [shape: [number, number], entries: [number, number, number][]];
type Params = Readonly<Record<string, unknown>>;
const values = JSON.parse(readFileSync("test/parity/text.json", "utf8")) as {
  documents: string[];
  shown: string[];
  counts: { params: Params; terms: string[]; table: Entries; transformed: Entries; back: string[][] }[];
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

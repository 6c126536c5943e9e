import { deepStrictEqual } from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readArff, type ArffBatch } from "../../src/datasets/arff.js";

async function read(text: string): Promise<ArffBatch[]> {
  const folder = await mkdtemp(join(tmpdir(), "treeline-test-"));
  try {
    const path = join(folder, "t.arff");
    await writeFile(path, text);
    const batches: ArffBatch[] = [];
    for await (const batch of readArff(path)) batches.push(batch);
    return batches;
  } finally {
    await rm(folder, { recursive: true });
  }
}
const header = "@relation r\n@attribute a numeric\n@attribute 'b c' {x,'y z',\"w\"}\n@attribute s string\n@data\n";

const GOOD: [string, string, ArffBatch][] = [
  ["plain rows", `${header}1,x,t\n-2.5e1, w ,u\n`, { a: Float64Array.of(1, -25), "b c": ["x", "w"], s: ["t", "u"] }],
  ["missing values", `${header}?,?,?\n`, { a: Float64Array.of(NaN), "b c": [null], s: [null] }],
  ["a quoted question mark", `${header}1,x,'?'\n`, { a: Float64Array.of(1), "b c": ["x"], s: ["?"] }],
  [
    "both quotes, commas, escapes and percent signs in values",
    `${header}1,'y z','a, b'\n2,"w","it's"\n3,x,'it\\'s 5%\\n'\n`,
    { a: Float64Array.of(1, 2, 3), "b c": ["y z", "w", "x"], s: ["a, b", "it's", "it's 5%\n"] },
  ],
  ["comments, blank lines, CRLF", `${header}% c\r\n\r\n1,x,t\r\n`, { a: Float64Array.of(1), "b c": ["x"], s: ["t"] }],
  ["empty strings", `${header}1,x,''\n`, { a: Float64Array.of(1), "b c": ["x"], s: [""] }],
  ["no rows", header, { a: new Float64Array(0), "b c": [], s: [] }],
  [
    "sparse rows: what is left out is 0 or the first value",
    "@relation r\n@attribute a numeric\n@attribute b {x,y}\n@attribute c real\n@data\n{0 3, 1 y}\n{}\n{2 ?}\n",
    { a: Float64Array.of(3, 0, 0), b: ["y", "x", "x"], c: Float64Array.of(0, 0, NaN) },
  ],
  ["any case of the keywords", "@RELATION r\n@Attribute\ta\tINTEGER\n@DATA\n7\n", { a: Float64Array.of(7) }],
];
for (const [name, text, expected] of GOOD) {
  test(`read: ${name}`, async () => deepStrictEqual(await read(text), [expected]));
}

test("rows come in batches", async () => {
  const batches = await read(`@attribute a numeric\n@data\n${"1\n".repeat(40_000)}`);
  assert.equal(
    batches.map((batch) => batch["a"]?.length),
    [16384, 16384, 7232],
  );
});

const BAD: [string, string, RegExp][] = [
  ["too few values", `${header}1,x\n`, /t\.arff, line 6: 2 values for 3 attributes/],
  ["text for a number", `${header}one,x,t\n`, /line 6: a must be a number, got "one"/],
  ["an empty number", `${header},x,t\n`, /line 6: a must be a number, got ""/],
  ["an open quote", `${header}1,x,'t\n`, /line 6: a quote is not closed/],
  ["text after a quote", `${header}1,x,'t'u\n`, /line 6: a separator expected after "'t'"/],
  ["an unknown type", "@attribute a relational\n@data\n", /line 1: attribute "a" is "relational"/],
  ["something else", "<html>\n", /line 1: @attribute or @data expected, got "<html>"/],
  ["no data", "@attribute a numeric\n", /an ARFF file with @data was expected/],
  [
    "a sparse index out of range",
    "@attribute a numeric\n@data\n{3 1}\n",
    /line 3: index 3, but there are 1 attributes/,
  ],
];
for (const [name, text, message] of BAD) {
  test(`refused: ${name}`, async () => {
    const error = await read(text).catch((e: Error) => e);
    assert.match((error as Error).message, message);
  });
}

test.run();

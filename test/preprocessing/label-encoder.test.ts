import { test } from "uvu";
import * as assert from "uvu/assert";
import { fromJSON, LabelEncoder, type VectorLike } from "../../src/index.js";

const CASES: [string, VectorLike, unknown[], number[]][] = [
  ["strings", ["paris", "paris", "tokyo", "amsterdam"], ["amsterdam", "paris", "tokyo"], [1, 1, 2, 0]],
  ["numbers", [10, -1, 10, 3], [-1, 3, 10], [2, 0, 2, 1]],
  ["booleans", [true, false, true], [false, true], [1, 0, 1]],
  ["typed arrays", Int16Array.of(6, 1, 2, 6), [1, 2, 6], [2, 0, 1, 2]],
];
for (const [name, y, classes, codes] of CASES) {
  test(`encodes ${name} in sorted order and back`, async () => {
    const encoder = new LabelEncoder();
    assert.equal(Array.from(await encoder.fitTransform(y)), codes);
    assert.equal(Array.from<unknown>(encoder.classes_), classes);
    assert.equal(Array.from(await encoder.transform(y)), codes);
    assert.equal(Array.from<unknown>(await encoder.inverseTransform(codes)), Array.from<unknown>(y as unknown[]));
    assert.equal(await fromJSON<LabelEncoder>(encoder.toJSON()).transform(y), Int32Array.from(codes));
  });
}

test("refuses labels that fit did not see and codes that are none", async () => {
  const encoder = await new LabelEncoder().fit(["a", "b"]);
  const message = async (call: Promise<unknown>): Promise<string> =>
    call.then(
      () => "",
      (error: Error) => error.message,
    );
  assert.is(
    await message(encoder.transform(["c"])),
    'LabelEncoder.transform: y has the label "c", which fit did not see',
  );
  assert.is(
    await message(encoder.inverseTransform([0, 2])),
    "LabelEncoder.inverseTransform: codes must be integers in 0 … 1, got 2 in row 1",
  );
  assert.match(await message(encoder.inverseTransform([0.5])), /got 0.5 in row 0/);
});

test.run();

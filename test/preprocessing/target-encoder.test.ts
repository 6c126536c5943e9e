import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  crossValScore,
  fromBuffer,
  LabelBinarizer,
  LogisticRegression,
  makePipeline,
  MultiLabelBinarizer,
  ShuffleSplit,
  TargetEncoder,
} from "../../src/index.js";

async function errorOf(call: () => Promise<unknown>): Promise<Error & { code?: string }> {
  return call().then(
    () => assert.unreachable() as never,
    (error: Error) => error,
  );
}

/** Noise: 300 categories of 600 rows, labels that have nothing to do with them. */
function noise() {
  let state = 7;
  const next = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  const X = Array.from({ length: 600 }, () => [`c${Math.floor(next() * 300)}`]);
  return { X, y: X.map(() => (next() < 0.5 ? "no" : "yes")) };
}

test("a row's own target has no part in its encoding: noise stays noise in a pipeline", async () => {
  const { X, y } = noise();
  const encoder = new TargetEncoder({ randomState: 0, smooth: 0 });
  const naive = (await (await encoder.fit(X, y)).transform(X)).toArray();
  const crossed = (await encoder.fitTransform(X, y)).toArray();
  const agrees = (Z: number[][]): number =>
    Z.filter(([z], i) => (z as number) > 0.5 === (y[i] === "yes")).length / Z.length;
  assert.ok(agrees(naive) > 0.7, `${agrees(naive)}`); // what leaks without cross fitting
  assert.ok(agrees(crossed) < 0.58, `${agrees(crossed)}`);
  const pipeline = makePipeline(new TargetEncoder({ randomState: 0 }), new LogisticRegression());
  const scores = await crossValScore(pipeline, X as never, y, { cv: 4 });
  assert.ok(
    scores.every((score) => score < 0.65),
    String(scores),
  );
});

test("one row's target changes other rows' encodings only", async () => {
  const { X, y } = noise();
  const numbers: number[] = y.map((label) => (label === "yes" ? 1.5 : 0.25));
  const encoder = new TargetEncoder({ cv: 5, shuffle: false });
  const before = (await encoder.fitTransform(X, numbers)).toArray();
  const after = (await encoder.fitTransform(X, numbers.with(17, 1e6))).toArray();
  assert.equal(after[17], before[17]);
  assert.ok(after.some((row, i) => row[0] !== before[i]?.[0]));
});

test("randomState: the same folds again; saved and loaded it says the same", async () => {
  const { X, y } = noise();
  const encoder = new TargetEncoder({ randomState: 3 });
  const once = (await encoder.fitTransform(X, y)).toArray();
  assert.equal((await new TargetEncoder({ randomState: 3 }).fitTransform(X, y)).toArray(), once);
  assert.not.equal((await new TargetEncoder({ randomState: 4 }).fitTransform(X, y)).toArray(), once);
  const loaded = fromBuffer(encoder.toBuffer()) as TargetEncoder;
  assert.equal((await loaded.transform(X)).toArray(), (await encoder.transform(X)).toArray());
  assert.equal(loaded.classes_, ["no", "yes"]);
});

test("bad input is named; a failed fit leaves the encoder as it was", async () => {
  const { X, y } = noise();
  const encoder = await new TargetEncoder().fit([["a"], ["b"]], [1.5, 2]);
  for (const [call, expected] of [
    [() => encoder.fit(X), /TargetEncoder\.fit: y is missing/],
    [() => encoder.fit(X, y.slice(1)), /y has 599 values, but X has 600 rows/],
    [() => encoder.fit([], []), /TargetEncoder\.fit/],
    [
      () => encoder.fitTransform([["a"], ["b"], ["c"]], [1.5, 2, 3]),
      /TargetEncoder\.fitTransform: X has 3 rows, which are too few for 5 folds/,
    ],
  ] as const) {
    assert.match((await errorOf(call)).message, expected);
  }
  const wrong = new TargetEncoder({ cv: new ShuffleSplit({ nSplits: 2, randomState: 0 }) });
  assert.match((await errorOf(() => wrong.fitTransform(X, y))).message, /cv must test every row exactly once/);
  const binary = new TargetEncoder({ targetType: "binary" });
  const three = await errorOf(() => binary.fit([["a"], ["b"], ["c"]], [1, 2, 3]));
  assert.match(three.message, /y has 3 classes, but targetType is "binary"/);
  assert.equal((await encoder.transform([["a"]])).cols, 1);
});

test("an aborted fitTransform leaves the encoder as it was", async () => {
  const { X, y } = noise();
  const encoder = new TargetEncoder();
  const error = await errorOf(() => encoder.fitTransform(X, y, { signal: AbortSignal.abort() }));
  assert.is(error.name, "AbortError");
  assert.not(encoder.isFitted);
});

test("LabelBinarizer: labels that fit did not see, thresholds, bad input", async () => {
  const binarizer = await new LabelBinarizer().fit(["a", "b", "c"]);
  assert.equal(((await binarizer.transform(["c", "z"])) as { toArray(): number[][] }).toArray(), [
    [0, 0, 1],
    [0, 0, 0],
  ]);
  const two = await new LabelBinarizer().fit(["no", "yes"]);
  assert.equal(await two.inverseTransform([[-0.3], [0.2]], { threshold: 0 }), ["no", "yes"]);
  for (const [call, expected] of [
    [() => new LabelBinarizer({ negLabel: 1 }).fit(["a"]), /negLabel must be less than posLabel, got 1 and 1/],
    [
      () => new LabelBinarizer({ negLabel: -1, sparseOutput: true }).fit(["a"]),
      /sparseOutput needs negLabel 0, got -1/,
    ],
    [() => new LabelBinarizer().fit([]), /y has 0 labels/],
    [() => binarizer.inverseTransform([[1, 2]]), /Y has 2 columns, but 3 are expected/],
    [() => new LabelBinarizer().transform(["a"]), /LabelBinarizer/],
  ] as const) {
    assert.match((await errorOf(call)).message, expected);
  }
});

test("MultiLabelBinarizer: given classes, Sets, unknown labels, bad input", async () => {
  const binarizer = new MultiLabelBinarizer({ classes: [3, 1, 2] });
  const Y = (await binarizer.fitTransform([new Set([1]), [2, 3]])) as { toArray(): number[][] };
  assert.equal(Y.toArray(), [
    [0, 1, 0],
    [1, 0, 1],
  ]);
  const warnings: string[] = [];
  const listen = (warning: Error): void => void warnings.push(warning.message);
  process.on("warning", listen);
  assert.equal(((await binarizer.transform([[9, 1]])) as { toArray(): number[][] }).toArray(), [[0, 1, 0]]);
  await new Promise(setImmediate);
  process.off("warning", listen);
  assert.match(warnings.join("\n"), /left out labels that fit did not see: 9$/m);
  for (const [call, expected] of [
    [() => new MultiLabelBinarizer().fit(["ab"]), /must hold arrays or Sets of labels, got "ab" in row 0/],
    [() => new MultiLabelBinarizer().fit([["a"], [1]]), /labels of one type, got numbers and strings/],
    [() => new MultiLabelBinarizer().fit([[null as never]]), /holds null in row 0/],
    [() => new MultiLabelBinarizer({ classes: [1, 1] }).fit([[1]]), /classes must differ/],
    [() => binarizer.inverseTransform([[0, 2, 0]]), /Y must hold 0 and 1 only, got 2 in row 0/],
  ] as const) {
    assert.match((await errorOf(call)).message, expected);
  }
});

test.run();

import { test } from "uvu";
import * as assert from "uvu/assert";
import type { DenseChunk, JobOptions } from "../../src/native/addon.js";
import { addon } from "../../src/native/load.js";

const native = addon();
const job: JobOptions = { nJobs: 2 };
const chunk = (rows = 4): DenseChunk => {
  const values = Float64Array.from({ length: 2 * rows }, (_, i) => i);
  return { rows, firstRow: 0, values, offset: 0, cols: 2, rowStride: 2, colStride: 1 };
};

test("a handle of the wrong kind, or no handle at all, throws a TypeError", () => {
  const token = native.createCancelToken();
  const sink = native.createMomentsSink(2);
  const map = native.createAffineMap(new Float64Array(2), new Float64Array(2), false);
  const out = new Float64Array(8);
  for (const wrong of [undefined, null, 1, "sink", {}, out, token, map] as never[]) {
    assert.throws(
      () => native.momentsResult(wrong),
      (error: unknown) => error instanceof TypeError,
    );
    assert.throws(() => native.sinkPush(wrong, native.stageBlock(chunk()), job), /expected a sink handle/);
  }
  for (const wrong of [undefined, {}, token, sink] as never[]) {
    assert.throws(() => native.mapBlockSync(wrong, chunk(), out, 0, 1), /expected a map handle/);
    assert.throws(() => native.sinkPush(sink, wrong, job), /expected a block handle/);
  }
  assert.throws(() => native.cancel(sink as never), /expected a cancel token handle/);
});

test("a staged block is used once", async () => {
  const sink = native.createMomentsSink(2);
  const block = native.stageBlock(chunk());
  await native.sinkPush(sink, block, job);
  assert.throws(() => native.sinkPush(sink, block, job), /used once/);
});

test("a sink takes one block at a time, and is not read meanwhile", async () => {
  const sink = native.createMomentsSink(2);
  const pushing = native.sinkPush(sink, native.stageBlock(chunk(200_000)), job);
  assert.throws(() => native.sinkPush(sink, native.stageBlock(chunk()), job), /one block at a time/);
  assert.throws(() => native.momentsResult(sink), /in use by a running job/);
  await pushing;
  assert.is(native.momentsResult(sink).rows, 200_000);
});

test("a job that cannot start leaves its sink free", async () => {
  const sink = native.createMomentsSink(2);
  for (const wrong of [{}, { nJobs: 0 }, { nJobs: "2" }] as never[]) {
    assert.throws(() => native.sinkPush(sink, native.stageBlock(chunk()), wrong), /nJobs/);
  }
  await native.sinkPush(sink, native.stageBlock(chunk()), job);
  assert.is(native.momentsResult(sink).rows, 4);
});

test("a cancelled job rejects with ABORT_ERR", async () => {
  const cancel = native.createCancelToken();
  native.cancel(cancel);
  const sink = native.createMomentsSink(2);
  const error = await native.sinkPush(sink, native.stageBlock(chunk()), { nJobs: 1, cancel }).catch((e: unknown) => e);
  assert.is((error as { code?: unknown }).code, "ABORT_ERR");
});

test("nonsense arguments throw, they do not crash", () => {
  assert.throws(() => native.createMomentsSink(-1));
  assert.throws(() => native.createMomentsSink(undefined as never));
  assert.throws(() => native.createMomentsSink(2 ** 53));
  assert.throws(() => native.createAffineMap([] as never, new Float64Array(1), false));
  assert.throws(() => native.stageBlock({ ...chunk(), rows: 5 }), /shorter than its shape/);
  assert.throws(() => native.stageBlock({ ...chunk(), rows: 2 ** 52, rowStride: 2 ** 52 }));
  assert.throws(() => native.stageBlock({ ...chunk(), offset: -1 }), /shorter than its shape/);
  assert.throws(() => native.stageBlock(undefined as never));
  const map = native.createAffineMap(new Float64Array(2), new Float64Array(2), false);
  for (const offset of [1, -1, 2 ** 53]) {
    assert.throws(() => native.mapBlockSync(map, chunk(), new Float64Array(8), offset, 1), /too short/);
  }
});

test.run();

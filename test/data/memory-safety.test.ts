// A buffer taken away in mid-call must give an error or the right result, never a crash. Run under ASan too.
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as arrow from "apache-arrow";
import { Matrix, StandardScaler, TreelineError, type MatrixLike } from "../../src/index.js";
import type { Chunk, ColumnChunk } from "../../src/native/addon.js";
import { addon } from "../../src/native/load.js";
import type { RowSource } from "../../src/data/row-source.js";

const ROWS = 200_000;
const COLS = 4;
const collect = (globalThis as { gc?: () => void }).gc;

function numbers(buffer: ArrayBufferLike = new ArrayBuffer(ROWS * COLS * 8)): Float64Array {
  const data = new Float64Array(buffer, 0, ROWS * COLS);
  for (let i = 0; i < data.length; i++) data[i] = Math.sin(i);
  return data;
}

const expected = (await new StandardScaler().fit(new Matrix(numbers(), [ROWS, COLS]))).var_;

/** Runs `during` again and again while a fit of X is under way; the fit must end right or with a TreelineError. */
async function fitWhile(X: MatrixLike, during: () => void): Promise<"right" | "refused"> {
  const fit = new StandardScaler().fit(X);
  const timer = setInterval(during, 0);
  try {
    assert.equal((await fit).var_, expected);
    return "right";
  } catch (error) {
    assert.instance(error, TreelineError, String(error));
    assert.is((error as TreelineError).code, "ERR_INVALID_DATA");
    return "refused";
  } finally {
    clearInterval(timer);
  }
}

const transfer = (buffer: ArrayBufferLike): void => {
  if (buffer.byteLength > 0) structuredClone(0, { transfer: [buffer as ArrayBuffer] });
};

for (const order of ["row", "column"] as const) {
  test(`a ${order}-major matrix transferred in mid-fit is refused or read right`, async () => {
    const data = numbers();
    const before = (await new StandardScaler().fit(new Matrix(data, [ROWS, COLS], order))).var_;
    const fit = new StandardScaler().fit(new Matrix(data, [ROWS, COLS], order));
    setImmediate(() => transfer(data.buffer));
    try {
      assert.equal((await fit).var_, before);
    } catch (error) {
      assert.match((error as Error).message, /transferred/);
      assert.is((error as TreelineError).code, "ERR_INVALID_DATA");
    }
  });
}

test("a matrix posted to another thread in mid-fit is refused or read right", async () => {
  const data = numbers();
  const { port1, port2 } = new MessageChannel();
  await fitWhile(new Matrix(data, [ROWS, COLS]), () => {
    if (data.length > 0) port1.postMessage(data, [data.buffer as ArrayBuffer]);
  });
  port1.close();
  port2.close();
});

test("an Arrow table whose buffers are transferred in mid-fit is refused or read right", async () => {
  const columns = Array.from({ length: COLS }, (_, j) =>
    Float64Array.from({ length: ROWS }, (_, i) => Math.sin(i * COLS + j)),
  );
  const table = arrow.tableFromArrays(Object.fromEntries(columns.map((column, j) => [`c${j}`, column])));
  const outcome = await fitWhile(table, () => columns.forEach((column) => transfer(column.buffer)));
  assert.ok(outcome === "right" || columns.every((column) => column.length === 0));
});

test("an IPC buffer with nulls and bits transferred in mid-fit is refused", async () => {
  const make = (i: number): number | null => (i % 5 === 0 ? null : i);
  const values = Array.from({ length: ROWS }, (_, i) => make(i));
  const bytes = arrow.tableToIPC(
    new arrow.Table({
      x: arrow.vectorFromArray(values, new arrow.Float64()),
      flag: arrow.vectorFromArray(
        values.map((v) => v !== null && v % 2 === 0),
        new arrow.Bool(),
      ),
    }),
  );
  const table = arrow.tableFromIPC(bytes.slice());
  const buffer = (table.batches[0] as arrow.RecordBatch).data.children[0]?.values.buffer as ArrayBuffer;
  transfer(buffer);
  try {
    await new StandardScaler().fit(table);
    assert.unreachable();
  } catch (error) {
    assert.is((error as TreelineError).code, "ERR_INVALID_DATA");
  }
});

test("arrays that nothing else holds live until the fit has ended", async () => {
  const fits = Array.from({ length: 4 }, () => new StandardScaler().fit(new Matrix(numbers(), [ROWS, COLS])));
  const timer = setInterval(() => collect?.(), 1);
  for (const fit of fits) assert.equal((await fit).var_, expected);
  clearInterval(timer);
});

test("shared memory is borrowed, and lives until the fit has ended", async () => {
  const make = (): Matrix => new Matrix(numbers(new SharedArrayBuffer(ROWS * COLS * 8)), [ROWS, COLS]);
  const fits = [new StandardScaler().fit(make()), new StandardScaler().fit(make())];
  const timer = setInterval(() => collect?.(), 1);
  for (const fit of fits) assert.equal((await fit).var_, expected);
  clearInterval(timer);
});

test("the arrays of a borrowed chunk are kept even if its maker drops them from the chunk", async () => {
  const rows = 65_536;
  const native = addon();
  const sink = native.createMomentsSink(1);
  for (let k = 0; k < 5; k++) {
    const column: { values: Float64Array } = { values: new Float64Array(new SharedArrayBuffer(rows * 8)).fill(k) };
    const block = native.stageBlock({ rows, firstRow: k * rows, columns: [column] });
    column.values = new Float64Array(0);
    collect?.();
    await new Promise(setImmediate);
    collect?.();
    await native.sinkPush(sink, block, { nJobs: 2 });
  }
  assert.ok(Math.abs((native.momentsResult(sink).mean[0] as number) - 2) < 1e-12);
});

test("a chunk whose getters transfer the arrays read before is refused", async () => {
  const first = new Float64Array(1000);
  const evil: RowSource = {
    nFeatures: 2,
    nRows: 1000,
    featureNames: undefined,
    categories: undefined,
    *chunks() {
      const trap = {
        get values() {
          transfer(first.buffer);
          return new Float64Array(1000);
        },
      };
      yield { rows: 1000, firstRow: 0, columns: [{ values: first }, trap] } satisfies ColumnChunk;
    },
  };
  try {
    await new StandardScaler().fit(evil);
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /transferred/);
  }
});

test("resizable and growable buffers are refused in X and in chunks", async () => {
  const Resizable = ArrayBuffer as unknown as new (n: number, options: { maxByteLength: number }) => ArrayBuffer;
  const Growable = SharedArrayBuffer as unknown as new (n: number, options: { maxByteLength: number }) => ArrayBuffer;
  for (const buffer of [new Resizable(64, { maxByteLength: 128 }), new Growable(64, { maxByteLength: 128 })]) {
    const data = new Float64Array(buffer);
    const table = new arrow.Table({ x: arrow.makeVector(data) });
    for (const X of [new Matrix(data, [8, 1]), table]) {
      try {
        await new StandardScaler().fit(X);
        assert.unreachable();
      } catch (error) {
        assert.is((error as TreelineError).code, "ERR_INVALID_ARGUMENT");
        assert.match((error as Error).message, /resizable/);
      }
    }
  }
});

test("chunks that claim more than their arrays hold are refused", () => {
  const values = new Float64Array(10);
  const validity = new Uint8Array(1);
  const dense = { firstRow: 0, values, offset: 0, cols: 2, rowStride: 2, colStride: 1, rows: 5 };
  const bad: unknown[] = [
    { ...dense, rows: 6 },
    { ...dense, rows: -1 },
    { ...dense, rows: 2 ** 52, rowStride: 2 ** 12 },
    { ...dense, rows: 2 ** 30, rowStride: 2 ** 34 },
    { ...dense, rows: 2 ** 30, rowStride: 0, colStride: 0, cols: 2 ** 50 },
    { ...dense, offset: 1 },
    { ...dense, offset: -1 },
    { ...dense, offset: 2 ** 53 },
    { ...dense, colStride: 2 ** 53 },
    { ...dense, rowStride: -1 },
    { ...dense, values: [1, 2] },
    { ...dense, rows: NaN, cols: -1 },
    { rows: 11, firstRow: 0, columns: [{ values }] },
    { rows: 9, firstRow: 0, columns: [{ values, validity }] },
    { rows: 8, firstRow: 0, columns: [{ values, validity, validityOffset: 1 }] },
    { rows: 8, firstRow: 0, columns: [{ values, validity, validityOffset: 2 ** 53 }] },
    { rows: 8, firstRow: 0, columns: [{ values, offset: 3 }] },
    { rows: 8, firstRow: 0, columns: [{ values, stride: 2 }] },
    { rows: 8, firstRow: 0, columns: [{ values, stride: -1, offset: 9 }] },
    { rows: 9, firstRow: 0, columns: [{ values: validity, bits: true }] },
    { rows: 8, firstRow: 0, columns: [{ values: validity, bits: true, offset: 1 }] },
    { rows: 8, firstRow: 0, columns: [{ values, bits: true }] },
    { rows: 8, firstRow: 0, columns: [{ values, validity: values }] },
    { rows: 8, firstRow: 0, columns: [undefined] },
    { rows: 8, firstRow: 0, columns: [{ values: new DataView(new ArrayBuffer(64)) }] },
    undefined,
    7,
  ];
  for (const chunk of bad) assert.throws(() => addon().stageBlock(chunk as Chunk), undefined, JSON.stringify(chunk));
});

test("a block is used once, and a wrong handle throws", () => {
  const native = addon();
  const sink = native.createMomentsSink(1);
  const block = native.stageBlock({ rows: 1, firstRow: 0, columns: [{ values: Float64Array.of(1) }] });
  const pushing = native.sinkPush(sink, block, { nJobs: 1 });
  assert.throws(() => native.sinkPush(sink, block, { nJobs: 1 }), /used once/);
  assert.throws(() => native.sinkPush(block as never, sink as never, { nJobs: 1 }), /expected a sink handle/);
  return pushing;
});

test.run();

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Matrix, scanParquet, trainTestSplit } from "../../src/index.js";
import { fraudLike, higgsLike, split, type BenchTable } from "../data.js";

/** A table on disk in the form both sides read: raw little-endian numbers and meta.json. */
export interface PeerTable {
  readonly name: string;
  readonly folder: string;
  readonly rows: number;
  readonly cols: number;
}

const ROOT = new URL("../../.cache/bench/", import.meta.url).pathname;

/** The numbers row by row, whatever the matrix's order. */
function rowMajor(X: Matrix<Float32Array>): Float32Array {
  if (X.order === "row") return X.data;
  const [rows, cols] = X.shape;
  return Float32Array.from({ length: rows * cols }, (_, k) => X.at(Math.floor(k / cols), k % cols));
}

function write(key: string, train: BenchTable, test: BenchTable, dtype: "float32" | "float64"): PeerTable {
  const folder = join(ROOT, key);
  mkdirSync(folder, { recursive: true });
  const bytes = (array: Float32Array | Float64Array): Uint8Array =>
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  for (const [part, table] of [
    ["train", train],
    ["test", test],
  ] as const) {
    const X = dtype === "float32" ? rowMajor(table.X) : Float64Array.from(rowMajor(table.X));
    writeFileSync(join(folder, `X_${part}.bin`), bytes(X));
    writeFileSync(join(folder, `y_${part}.bin`), bytes(table.y));
  }
  const [rows, cols] = train.X.shape;
  writeFileSync(join(folder, "meta.json"), JSON.stringify({ dtype, cols, rows, name: train.name }));
  return { name: train.name, folder, rows, cols };
}

/** The synthetic tables: 80 % to train on, 20 % to test. Written once and kept. */
export function synthetic(
  kind: "higgs" | "fraud" | "wide" | "small",
  dtype: "float32" | "float64" = "float32",
): PeerTable {
  const shapes = { higgs: [1_250_000, 28], fraud: [284_807, 30], wide: [200_000, 200], small: [25_000, 20] } as const;
  const [rows, cols] = shapes[kind];
  const train = Math.round(rows * 0.8);
  const key = `${kind}-${dtype}`;
  const folder = join(ROOT, key);
  const name = `${kind} ${train.toLocaleString("en")} × ${cols} ${dtype}`;
  if (existsSync(join(folder, "meta.json"))) return { name, folder, rows: train, cols };
  const table = kind === "fraud" ? fraudLike(rows, 3) : higgsLike(rows, cols, 7);
  const parts = split(table, train);
  return { ...write(key, parts.train, parts.test, dtype), name };
}

/**
 * The real frauds: the uniform sample of the credit-card data (36,135 normal rows, all 492 frauds), split 80/20. Undefined
 * where the file is not there.
 */
export async function realFrauds(): Promise<PeerTable | undefined> {
  const data = process.env["TREELINE_DATA"] ?? new URL("../../../shared/data", import.meta.url).pathname;
  const file = join(data, "creditcard_real.parquet");
  if (!existsSync(file)) return undefined;
  const frame = (await (await scanParquet(file)).filter("srs OR Class = 1")).drop("part", "srs", "prec");
  const y = Float64Array.from((await frame.select("Class").toMatrix({ dtype: "float64" })).data);
  const X = await frame.drop("Class").toMatrix({ dtype: "float32" });
  const [XTrain, XTest, yTrain, yTest] = await trainTestSplit(X, y, { testSize: 0.2, stratify: y, randomState: 0 });
  const name = `credit-card frauds (real) ${XTrain.rows.toLocaleString("en")} × ${XTrain.cols} float32`;
  const part = (matrix: Matrix, labels: Float64Array): BenchTable => ({
    name,
    X: matrix as Matrix<Float32Array>,
    y: labels,
  });
  return write("real-frauds", part(XTrain, yTrain), part(XTest, yTest), "float32");
}

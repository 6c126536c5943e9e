import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
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

const SHAPES = { higgs: [1_250_000, 28], fraud: [284_807, 30], wide: [200_000, 200], small: [25_000, 20] } as const;

/** Whether there is a synthetic table of that name. */
export function isSynthetic(name: string): name is keyof typeof SHAPES {
  return Object.hasOwn(SHAPES, name);
}

/** The synthetic tables: 80 % to train on, 20 % to test. Written once and kept. */
export function synthetic(kind: keyof typeof SHAPES, dtype: "float32" | "float64" = "float32"): PeerTable {
  const [rows, cols] = SHAPES[kind];
  const train = Math.round(rows * 0.8);
  const key = `${kind}-${dtype}`;
  const folder = join(ROOT, key);
  const name = `${kind} ${train.toLocaleString("en")} × ${cols} ${dtype}`;
  if (existsSync(join(folder, "meta.json"))) return { name, folder, rows: train, cols };
  const table = kind === "fraud" ? fraudLike(rows, 3) : higgsLike(rows, cols, 7);
  const parts = split(table, train);
  return { ...write(key, parts.train, parts.test, dtype), name };
}

/** A real table: its file among those of TREELINE_DATA, and SQL for its features and its 0/1 target y. */
interface RealTable {
  readonly file: string;
  readonly title: string;
  readonly sql: string;
  /** Text columns to read as codes. */
  readonly codes?: readonly string[];
}

const REAL: Readonly<Record<string, RealTable>> = {
  "real-frauds": {
    file: "creditcard_real",
    title: "credit-card frauds (real)",
    sql: "SELECT * EXCLUDE (part, srs, prec, Class), Class AS y FROM self WHERE srs OR Class = 1",
  },
  flights: {
    file: "flights_3m",
    title: "flights (later than 15 minutes?)",
    sql:
      "SELECT month(date) AS month, day(date) AS day, dayofweek(date) AS weekday, " +
      "60 * hour(date) + minute(date) AS minute, distance, origin, destination, (delay > 15)::INT AS y FROM self",
    codes: ["origin", "destination"],
  },
  kddcup99: {
    file: "kddcup99_10pct",
    title: "kddcup99 (normal?)",
    sql: "SELECT * EXCLUDE (target), (target = 11)::INT AS y FROM self",
  },
  fars: { file: "fars", title: "fars (class 1?)", sql: "SELECT * EXCLUDE (target), (target = 1)::INT AS y FROM self" },
  connect4: {
    file: "connect_4",
    title: "connect_4 (class 2?)",
    sql: "SELECT * EXCLUDE (target), (target = 2)::INT AS y FROM self",
  },
  covtype: {
    file: "covtype_15k",
    title: "covtype (class 2?)",
    sql: "SELECT * EXCLUDE (Cover_Type), (Cover_Type = 2)::INT AS y FROM self",
  },
};

/** A real table, split 80/20, stratified. Undefined where the file is not there. */
export async function realTable(key: string): Promise<PeerTable | undefined> {
  const real = REAL[key];
  const data = process.env["TREELINE_DATA"] ?? new URL("../../../shared/data", import.meta.url).pathname;
  const file = join(data, `${real?.file ?? key}.parquet`);
  if (real === undefined || !existsSync(file)) return undefined;
  const folder = join(ROOT, key);
  const title = (rows: number, cols: number): string => `${real.title} ${rows.toLocaleString("en")} × ${cols} float32`;
  if (existsSync(join(folder, "meta.json"))) {
    const { rows, cols } = JSON.parse(readFileSync(join(folder, "meta.json"), "utf8")) as PeerTable;
    return { name: title(rows, cols), folder, rows, cols };
  }
  const selected = await (await scanParquet(file)).sql(real.sql);
  const frame = real.codes ? await selected.categorize(...real.codes) : selected;
  const y = Float64Array.from((await frame.select("y").toMatrix({ dtype: "float64" })).data);
  const X = await frame.drop("y").toMatrix({ dtype: "float32" });
  const [XTrain, XTest, yTrain, yTest] = await trainTestSplit(X, y, { testSize: 0.2, stratify: y, randomState: 0 });
  const name = title(XTrain.rows, XTrain.cols);
  const part = (matrix: Matrix, labels: Float64Array): BenchTable => ({
    name,
    X: matrix as Matrix<Float32Array>,
    y: labels,
  });
  return write(key, part(XTrain, yTrain), part(XTest, yTest), "float32");
}

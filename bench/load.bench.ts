/** How long until a CSV or Parquet file is typed columns in row chunks? Beside DuckDB's own streaming loop. */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { Bench } from "tinybench";
import { StandardScaler, scanCsv, scanParquet } from "../src/index.js";
import { report } from "./report.js";

const ROWS = 284_807;
const folder = mkdtempSync(join(tmpdir(), "treeline-bench-"));
const csv = join(folder, "creditcard.csv");
const parquet = join(folder, "creditcard.parquet");
const columns = ["Time", ...Array.from({ length: 28 }, (_, j) => `V${j + 1}`), "Amount"];

/** The shape of the Kaggle file: a quoted header, 28 columns of 15 digits, a quoted class. */
async function generate(): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const values = Array.from({ length: 28 }, (_, j) => `(random() - 0.5) * ${4 - j / 10} AS V${j + 1}`).join(", ");
  await connection.run(
    `CREATE TABLE t AS SELECT range // 2 AS "Time", ${values}, round(random() * 200, 2) AS "Amount", ` +
      `(range % 579 = 0)::INT::VARCHAR AS "Class" FROM range(${ROWS})`,
  );
  await connection.run(`COPY t TO '${csv}' (HEADER, QUOTE '"', FORCE_QUOTE ("Class"))`);
  await connection.run(`COPY (SELECT * REPLACE ("Class"::INT AS "Class") FROM t) TO '${parquet}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
}

/** DuckDB alone: fetch every chunk and take every column, do nothing with them. */
async function duckdbAlone(source: string): Promise<number> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const result = await connection.stream(`SELECT ${columns.map((name) => `"${name}"`).join(", ")} FROM ${source}`);
  let rows = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    rows += chunk.rowCount;
    for (let j = 0; j < columns.length; j++) chunk.getColumnVector(j);
  }
  connection.closeSync();
  instance.closeSync();
  return rows;
}

await generate();
console.log(
  `CSV ${(statSync(csv).size / 1e6).toFixed(0)} MB, Parquet ${(statSync(parquet).size / 1e6).toFixed(0)} MB, ${ROWS} × 31`,
);
const bench = new Bench({ time: 0, iterations: 5, warmupIterations: 1, warmupTime: 0 });
for (const [name, open, source] of [
  ["CSV", () => scanCsv(csv), `read_csv('${csv}')`],
  ["Parquet", () => scanParquet(parquet), `read_parquet('${parquet}')`],
] as const) {
  bench.add(`DuckDB alone, ${name}`, async () => {
    if ((await duckdbAlone(source)) !== ROWS) throw new Error("rows are missing");
  });
  bench.add(`treeline, ${name}, every chunk read`, async () => {
    let rows = 0;
    for await (const chunk of (await open()).drop("Class").chunks()) rows += chunk.rows;
    if (rows !== ROWS) throw new Error("rows are missing");
  });
  bench.add(`treeline, ${name} into StandardScaler.fit`, async () => {
    const scaler = await new StandardScaler().fit((await open()).drop("Class"));
    if (scaler.nSamplesSeen_ !== ROWS) throw new Error("rows are missing");
  });
}
await bench.run();
report("Load: the credit-card table into typed columns", bench);
console.log(`peak resident memory ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`);
rmSync(folder, { recursive: true });

// The same numbers give the same model, bit for bit, in whatever container they come.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  fromArrow,
  LogisticRegression,
  scanParquet,
  StandardScaler,
  trainTestSplit,
  withConfig,
  type Frame,
  type MatrixLike,
  type VectorLike,
} from "../../src/index.js";
import * as arrow from "apache-arrow";

const realData = process.env["TREELINE_DATA"] ?? fileURLToPath(new URL("../../../shared/data", import.meta.url));

/** creditcard_5k, or where it is not there a table of the same form. */
async function creditCard(): Promise<Frame> {
  const path = join(realData, "creditcard_5k.parquet");
  if (existsSync(path)) return scanParquet(path);
  console.log(`no real data in ${realData}: a made table instead`);
  const columns: Record<string, Float64Array> = {};
  for (let j = 0; j < 10; j++)
    columns[`V${j}`] = Float64Array.from({ length: 3000 }, (_, i) => Math.sin(i * (j + 1.7)));
  columns["Class"] = (columns["V0"] as Float64Array).map((v, i) => (v + ((i * 7) % 11) / 11 > 1 ? 1 : 0));
  return fromArrow(arrow.tableFromArrays(columns));
}

async function coefficients(X: MatrixLike, y: VectorLike): Promise<number[]> {
  const scaled = await new StandardScaler().fitTransform(X);
  return Array.from((await new LogisticRegression({ C: 0.1 }).fit(scaled, y)).coef_.data);
}

test("a frame, its parts, Arrow, a Matrix and rows give the same model", async () => {
  const frame = await creditCard();
  const [X, y] = [frame.drop("Class"), frame.column("Class")];
  const options = { testSize: 0.2, stratify: y, randomState: 0 };
  const [XTrain, , yTrain] = await trainTestSplit(X, y, options);
  const expected = await coefficients(XTrain, yTrain);

  const table = await X.collect();
  const labels = await frame.column("Class").toArray();
  const matrix = await X.toMatrix();
  const [tableTrain, , matrixTrain, , rowsTrain, , labelsTrain] = await trainTestSplit(
    table,
    matrix,
    matrix.toArray(),
    Array.from(labels as Float64Array),
    options,
  );
  for (const part of [tableTrain, matrixTrain, rowsTrain, await XTrain.persist()]) {
    assert.equal(await coefficients(part, labelsTrain), expected);
  }
  for (const nJobs of [1, 3]) {
    assert.equal(await withConfig({ nJobs }, () => coefficients(XTrain, yTrain)), expected);
  }
});

test.run();

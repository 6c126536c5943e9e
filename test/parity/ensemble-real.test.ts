import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { HistGradientBoostingClassifier, Matrix, rocAucScore, scanParquet } from "../../src/index.js";

// ROC AUC on real tables with categories beside scikit-learn's and LightGBM's, on the same folds. The tables are not part
// of the repository: TREELINE_DATA says where they are.

interface Peer {
  readonly target: string;
  readonly positive: string | number;
  readonly drop: string[];
  readonly sklearn: number;
  readonly lightgbm: number;
}

const FOLDS = [0, 1, 2];
const peers = JSON.parse(readFileSync(new URL("ensemble_real.json", import.meta.url), "utf8")) as Record<string, Peer>;
const folder = process.env["TREELINE_DATA"] ?? resolve("..", "shared", "data");

/** The features as numbers and codes, which of them are codes, and the labels. */
async function load(path: string, { target, positive, drop }: Peer): Promise<[Matrix, number[], number[]]> {
  const frame = await scanParquet(path);
  const labels = Array.from(await frame.column(target).toArray(), (value: unknown) =>
    Number(String(value).trim() === String(positive)),
  );
  const features = await frame.drop(target, ...drop).categorize();
  const categorical = (features.categories ?? []).flatMap((names, j) => (names === undefined ? [] : [j]));
  return [await features.toMatrix(), categorical, labels];
}

function rows(X: Matrix, y: readonly number[], keep: (i: number) => boolean): [Matrix, number[]] {
  const kept = Array.from({ length: X.rows }, (_, i) => i).filter((i) => keep(i));
  const data = new Float64Array(kept.length * X.cols);
  kept.forEach((i, k) => data.set(X.row(i), k * X.cols));
  return [new Matrix(data, [kept.length, X.cols]), kept.map((i) => y[i] as number)];
}

for (const [name, peer] of Object.entries(peers)) {
  const path = join(folder, `${name}.parquet`);
  if (!existsSync(path)) {
    console.log(`no ${path}: not tried`);
    continue;
  }
  test(`on ${name} the AUC is the peers'`, async () => {
    const [X, categoricalFeatures, y] = await load(path, peer);
    let auc = 0;
    for (const fold of FOLDS) {
      const [train, yTrain] = rows(X, y, (i) => i % 5 !== fold);
      const [held, yHeld] = rows(X, y, (i) => i % 5 === fold);
      const model = new HistGradientBoostingClassifier({ maxIter: 60, earlyStopping: false, categoricalFeatures });
      await model.fit(train, yTrain);
      const p = await model.predictProba(held);
      auc += (await rocAucScore(yHeld, p.column(1))) / FOLDS.length;
    }
    const worst = Math.min(peer.sklearn, peer.lightgbm) - 0.002;
    assert.ok(auc > worst, `AUC ${auc}, scikit-learn ${peer.sklearn}, LightGBM ${peer.lightgbm}`);
  });
}

test.run();

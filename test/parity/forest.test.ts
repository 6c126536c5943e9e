import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  averagePrecisionScore,
  ExtraTreesClassifier,
  ExtraTreesRegressor,
  loadBreastCancer,
  loadDiabetes,
  loadWine,
  Matrix,
  RandomForestClassifier,
  RandomForestRegressor,
} from "../../src/index.js";

interface Case {
  readonly estimator: keyof typeof KINDS;
  readonly data: keyof typeof LOADERS;
  readonly params: Readonly<Record<string, unknown>>;
  readonly score: number;
  readonly deviation: number;
  readonly oob: number | null;
  readonly importances: readonly number[];
  readonly nodes: number;
}
const KINDS = { RandomForestClassifier, RandomForestRegressor, ExtraTreesClassifier, ExtraTreesRegressor };
const LOADERS = { wine: loadWine, breastCancer: loadBreastCancer, diabetes: loadDiabetes };
const sklearn = JSON.parse(readFileSync("test/parity/forest.json", "utf8")) as { cases: Case[] };
const SEEDS = 10;

interface Fitted {
  readonly oobScore_: number | undefined;
  readonly featureImportances_: Float64Array;
  readonly estimators_: readonly { readonly tree_: { readonly nodeCount: number } }[];
  predictProba?(X: Matrix): Promise<Matrix<Float64Array>>;
  score(X: Matrix, y: number[]): Promise<number>;
}
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

for (const { estimator, data, params, score, deviation, oob, importances, nodes } of sklearn.cases) {
  test(`${estimator} on ${data}, ${JSON.stringify(params)}: the scores of scikit-learn's, on average`, async () => {
    const { data: X, target } = await LOADERS[data]();
    const part = (isTest: boolean): { X: Matrix; y: number[] } => {
      const rows = Array.from({ length: X.rows }, (_, i) => i).filter((i) => (i % 3 === 0) === isTest);
      return {
        X: Matrix.from(rows.map((i) => Array.from(X.row(i)))),
        y: rows.map((i) => (target as ArrayLike<number>)[i] as number),
      };
    };
    const [train, held] = [part(false), part(true)];
    const fits: Fitted[] = [];
    for (let seed = 0; seed < SEEDS; seed++) {
      const model = new KINDS[estimator]({ ...params, randomState: seed });
      fits.push((await model.fit(train.X, train.y)) as unknown as Fitted);
    }
    const scores = await Promise.all(
      fits.map(async (fit) =>
        data === "breastCancer"
          ? averagePrecisionScore(held.y, ((await fit.predictProba?.(held.X)) as Matrix<Float64Array>).column(1))
          : fit.score(held.X, held.y),
      ),
    );
    // The mean of ten fits lies within a deviation of one of them: three times its own.
    assert.ok(Math.abs(mean(scores) - score) < deviation, `${mean(scores)}, scikit-learn's ${score} ± ${deviation}`);
    if (oob !== null) assert.ok(Math.abs(mean(fits.map((fit) => fit.oobScore_ as number)) - oob) < 0.02);
    const own = importances.map((_, j) => mean(fits.map((fit) => fit.featureImportances_[j] as number)));
    // Ten fits of forty trees: their mean share of a feature deviates by up to 0.013, on both sides.
    own.forEach((share, j) => assert.ok(Math.abs(share - (importances[j] as number)) < 0.055, `importance ${j}`));
    const size = mean(fits.map((fit) => mean(fit.estimators_.map((tree) => tree.tree_.nodeCount))));
    // With fractional class weights scikit-learn goes on splitting some nodes that are pure but for rounding.
    assert.ok(
      Math.abs(size / nodes - 1) < ("classWeight" in params ? 0.08 : 0.04),
      `${size} nodes, scikit-learn's ${nodes}`,
    );
  });
}

test.run();

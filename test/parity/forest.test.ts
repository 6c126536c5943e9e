import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  averagePrecisionScore,
  ExtraTreesClassifier,
  ExtraTreesRegressor,
  IsolationForest,
  loadBreastCancer,
  loadDiabetes,
  loadWine,
  Matrix,
  RandomForestClassifier,
  RandomForestRegressor,
  rocAucScore,
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
interface Isolation {
  readonly params: Readonly<Record<string, unknown>>;
  weighted: boolean;
  readonly auc: number;
  readonly score: number;
  readonly offset: number;
  readonly outliers: number;
}
const KINDS = { RandomForestClassifier, RandomForestRegressor, ExtraTreesClassifier, ExtraTreesRegressor };
const LOADERS = { wine: loadWine, breastCancer: loadBreastCancer, diabetes: loadDiabetes };
const sklearn = JSON.parse(readFileSync("test/parity/forest.json", "utf8")) as {
  cases: Case[];
  isolation: Isolation[];
};
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

for (const { params, weighted, auc, score, offset, outliers } of sklearn.isolation) {
  test(`IsolationForest, ${JSON.stringify(params)}${weighted ? ", weighted" : ""}: scikit-learn's scores and area under the curve, on average`, async () => {
    const { data, target } = await loadBreastCancer();
    const labels = Array.from(target as ArrayLike<number>);
    const rows = labels.map((_, i) => i);
    const kept = [...rows.filter((i) => labels[i] === 1), ...rows.filter((i) => labels[i] === 0).slice(0, 36)];
    const X = Matrix.from(kept.map((i) => Array.from(data.row(i))));
    const y = kept.map((i) => 1 - (labels[i] as number));
    const sampleWeight = weighted ? y.map((label, i) => (label === 1 ? 12.5 : 1 + (i % 3))) : undefined;
    const own = { auc: [] as number[], score: [] as number[], offset: [] as number[], outliers: [] as number[] };
    for (let seed = 0; seed < SEEDS; seed++) {
      const model = await new IsolationForest({ ...params, randomState: seed }).fit(X, undefined, { sampleWeight });
      const scores = await model.scoreSamples(X);
      own.auc.push(
        await rocAucScore(
          y,
          scores.map((value) => -value),
        ),
      );
      own.score.push(mean(Array.from(scores)));
      own.offset.push(model.offset_);
      own.outliers.push(mean(Array.from(await model.predict(X), (side) => Number(side < 0))));
    }
    // Weighted, a fit's AUC has a standard deviation of .017.
    assert.ok(Math.abs(mean(own.auc) - auc) < (weighted ? 0.02 : 0.01), `AUC ${mean(own.auc)}, scikit-learn's ${auc}`);
    assert.ok(Math.abs(mean(own.score) - score) < 0.01, `score ${mean(own.score)}, scikit-learn's ${score}`);
    assert.ok(Math.abs(mean(own.offset) - offset) < 0.015, `offset ${mean(own.offset)}, scikit-learn's ${offset}`);
    assert.ok(Math.abs(mean(own.outliers) - outliers) < 0.04, `${mean(own.outliers)}, scikit-learn's ${outliers}`);
  });
}

test.run();

import {
  f1Score,
  GridSearchCV,
  StratifiedKFold,
  TunedThresholdClassifierCV,
  type HistGradientBoostingClassifier,
  type RunOptions,
} from "treeline";
import type { Part } from "./compare.js";
import { boosting } from "./models.js";

/** What a search over boosting's parameters found. */
export interface Found {
  /** Mean average precision of each candidate on the folds, best first. */
  readonly candidates: readonly { readonly params: string; readonly score: number; readonly std: number }[];
  readonly seconds: number;
  /** The threshold that gives the best F1 on rows that were not learned from. */
  readonly threshold: number;
  /** F1 of the best candidate on the test rows, at 0.5 and at that threshold. */
  readonly f1: readonly [atHalf: number, atThreshold: number];
}

/** Tries parameters of boosting on three folds, by average precision, then picks a threshold by F1. */
export async function search(train: Part, test: Part, seed: number, options: RunOptions): Promise<Found> {
  const start = performance.now();
  const cv = new StratifiedKFold({ nSplits: 3, shuffle: true, randomState: seed });
  const grid = new GridSearchCV({
    estimator: boosting(seed).setParams({ maxIter: 100 }),
    paramGrid: { learningRate: [0.05, 0.1], maxLeafNodes: [7, 31] },
    scoring: "averagePrecision",
    cv,
  });
  await grid.fit(train.X, train.y, { sampleWeight: train.weight, ...options });
  const means = grid.cvResults_["meanTestScore"] as Float64Array;
  const deviations = grid.cvResults_["stdTestScore"] as Float64Array;
  const candidates = (grid.cvResults_["params"] as readonly object[])
    .map((params, k) => ({
      params: JSON.stringify(params).replace(/[{}"]/g, "").replaceAll(",", ", ").replaceAll(":", " "),
      score: means[k] as number,
      std: deviations[k] as number,
    }))
    .sort((a, b) => b.score - a.score);
  const best = grid.bestEstimator_ as HistGradientBoostingClassifier;
  const tuned = new TunedThresholdClassifierCV({ estimator: best, scoring: "f1", cv, thresholds: 40 });
  await tuned.fit(train.X, train.y, { sampleWeight: train.weight, signal: options.signal });
  const f1 = async (labels: unknown): Promise<number> =>
    f1Score(test.y, labels as Float64Array, { sampleWeight: test.weight, zeroDivision: 0 });
  return {
    candidates,
    seconds: (performance.now() - start) / 1000,
    threshold: tuned.bestThreshold_,
    f1: [await f1(await best.predict(test.X)), await f1(await tuned.predict(test.X))],
  };
}

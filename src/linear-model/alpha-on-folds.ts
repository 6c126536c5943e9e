import type { MatrixLike } from "../data/row-source-of.js";
import type { VectorLike } from "../data/vector.js";
import type { Cv } from "../model-selection/check-cv.js";
import { evaluate, problemOf } from "../model-selection/evaluate.js";
import { measuresOf, type ScorerLike } from "../model-selection/scoring.js";
import type { Wrappable } from "../wrappers/wrapped.js";
import type { LinearFitOptions } from "./learn.js";

/** How penalties are tried on folds. */
export interface FoldsOptions {
  readonly alphas: readonly number[];
  readonly cv: Cv;
  readonly scoring: string | ScorerLike | null;
  readonly nJobs: number | null;
  readonly where: string;
}

/**
 * The penalty with the best mean score on the folds, the first of equal ones; scores weigh rows as fits do (scikit-learn's
 * ridge regressions with cv).
 */
export async function alphaOnFolds(
  estimator: Wrappable,
  X: MatrixLike,
  y: VectorLike,
  { alphas, cv, scoring, nJobs, where }: FoldsOptions,
  { sampleWeight, signal, onProgress }: LinearFitOptions,
): Promise<{ readonly alpha: number; readonly score: number }> {
  const measures = measuresOf(scoring, estimator, where);
  const fitOptions = sampleWeight === undefined ? {} : { sampleWeight };
  const problem = await problemOf(estimator, X, y, { cv, fitOptions, signal }, where);
  const candidates = alphas.map((alpha) => ({ estimator, params: { alpha } }));
  const options = { measures, nJobs, errorScore: "raise", weightScores: true, signal, onProgress } as const;
  const outcomes = await evaluate(problem, candidates, options, where);
  let [best, most] = [NaN, -Infinity];
  outcomes.forEach((folds, k) => {
    const scores = folds.map(({ test }) => Object.values(test ?? {})[0] ?? NaN);
    const mean = scores.reduce((a, b) => a + b, 0) / scores.length;
    if (k === 0 || mean > most) [best, most] = [alphas[k] as number, mean];
  });
  return { alpha: best, score: most };
}

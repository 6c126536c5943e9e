import type { MatrixLike } from "../data/row-source-of.js";
import { selectColumns } from "../data/table-columns.js";
import type { VectorLike } from "../data/vector.js";
import type { FoldData } from "../model-selection/fold-data.js";
import type { CvResults, ResultColumn } from "../model-selection/search-results.js";
import type { Wrappable } from "../wrappers/wrapped.js";
import { eliminate, supportOf, type Elimination, type EliminationRound } from "./elimination.js";

/** How good a fold's model of a round was on the rows left out. */
export interface ScoredRound {
  readonly nFeatures: number;
  readonly score: number;
  readonly ranking: Int32Array;
  readonly support: readonly boolean[];
}

/** Scores a model on a table. */
export type ModelScore = (model: Wrappable, X: MatrixLike, y: VectorLike | undefined) => Promise<number>;

/** Drops features with the training rows of a fold and scores every round on its test rows: the least features first. */
export async function scoredRounds(
  { train, test }: FoldData,
  nFeatures: number,
  plan: Omit<Elimination, "fitOptions" | "onFit">,
  score: ModelScore,
  where: string,
): Promise<ScoredRound[]> {
  const rounds: ScoredRound[] = [];
  const X = test.X as MatrixLike;
  const onFit = async ({ model, left, ranking }: EliminationRound): Promise<void> => {
    const table = left.length === nFeatures ? X : selectColumns(X, left, `${where}: X`);
    rounds.push({
      nFeatures: left.length,
      score: await score(model, table as MatrixLike, test.y),
      ranking: ranking.slice(),
      support: supportOf(left, nFeatures),
    });
  };
  await eliminate(train.X as MatrixLike, train.y, nFeatures, { ...plan, fitOptions: train.options, onFit }, where);
  return rounds.reverse();
}

/** The number of features whose scores have the greatest sum; of several the least. NaN counts as less than all. */
export function bestNFeatures(folds: readonly (readonly ScoredRound[])[]): number {
  const [first = []] = folds;
  const sums = first.map((_, r) => folds.reduce((sum, rounds) => sum + (rounds[r] as ScoredRound).score, 0));
  const worth = sums.map((sum) => (Number.isNaN(sum) ? -Infinity : sum));
  return (first[worth.indexOf(Math.max(...worth))] as ScoredRound).nFeatures;
}

/** scikit-learn's cv_results_ of an elimination: arrays with a value for every number of features. */
export function eliminationResults(folds: readonly (readonly ScoredRound[])[]): CvResults {
  const [first = []] = folds;
  const scoresOf = (r: number): number[] => folds.map((rounds) => (rounds[r] as ScoredRound).score);
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const deviation = (values: readonly number[]): number => {
    const centre = mean(values);
    return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
  };
  const ofFolds = <T extends ResultColumn>(
    what: string,
    of: (rounds: readonly ScoredRound[]) => T,
  ): Record<string, T> => Object.fromEntries(folds.map((rounds, k) => [`split${k}${what}`, of(rounds)]));
  return {
    meanTestScore: Float64Array.from(first, (_, r) => mean(scoresOf(r))),
    stdTestScore: Float64Array.from(first, (_, r) => deviation(scoresOf(r))),
    ...ofFolds("TestScore", (rounds) => Float64Array.from(rounds, ({ score }) => score)),
    ...ofFolds("Ranking", (rounds) => rounds.map(({ ranking }) => ranking)),
    ...ofFolds("Support", (rounds) => rounds.map(({ support }) => support)),
    nFeatures: Int32Array.from(first, ({ nFeatures }) => nFeatures),
  };
}

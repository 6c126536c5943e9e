import { invalidArgument, show } from "../base/errors.js";
import { custom, type ParamSpec } from "../base/params.js";
import type { InputLike } from "../data/documents.js";
import type { MatrixLike } from "../data/row-source-of.js";
import type { VectorLike } from "../data/vector.js";
import { getScorer, type Scorer } from "../metrics/scorer.js";
import { has, type Methods, type Wrappable } from "../wrappers/wrapped.js";

/** Scores a fitted estimator on data; greater is better. A function of your own, or what makeScorer gives. */
export type ScorerLike =
  | Scorer
  | ((
      estimator: never,
      X: MatrixLike,
      y: VectorLike,
    ) => Promise<number | Readonly<Record<string, number>>> | number | Readonly<Record<string, number>>);

/**
 * What to measure: a scorer's name, a scorer, several names, or scorers by names of your own; null: the estimator's score
 * method.
 */
export type Scoring = string | ScorerLike | readonly string[] | Readonly<Record<string, string | ScorerLike>> | null;

/** The rule of a scoring parameter. */
export function scoringSpec(): ParamSpec<Scoring> {
  return custom<Scoring>(
    null,
    "the name of a scorer, a scorer, several names, an object of scorers by name, or null",
    (value) =>
      value === null ||
      typeof value === "string" ||
      typeof value === "function" ||
      (Array.isArray(value)
        ? value.length > 0 && value.every((name) => typeof name === "string")
        : typeof value === "object" && Object.keys(value).length > 0),
    1,
  );
}

/** Scores by name of one estimator on one table. */
export type Scores = Readonly<Record<string, number>>;

/** What `scoring` means. */
export interface Measures {
  /** Several metrics, which have names. */
  readonly multimetric: boolean;
  /** Whether an estimator alone, without the steps before it, may be scored: no function of the user's looks at it. */
  readonly onlyAnswers: boolean;
  score(estimator: Wrappable, X: InputLike, y: VectorLike | undefined, sampleWeight?: VectorLike): Promise<Scores>;
}

/** The name of the one metric there is. */
export const SINGLE = "score";

/** @throws TreelineError ERR_INVALID_ARGUMENT for unknown names, or null for an estimator without a score method. */
export function measuresOf(scoring: Scoring, estimator: unknown, where: string): Measures {
  if (scoring === null) {
    if (!has(estimator, "score")) {
      throw invalidArgument(
        `${where}: the estimator has no score method: say what to measure as scoring, got ${show(estimator)}`,
      );
    }
    const score: Measures["score"] = async (model, X, y, sampleWeight) => ({
      [SINGLE]: await (model as Required<Methods>).score(X, y, { sampleWeight }),
    });
    return { multimetric: false, onlyAnswers: true, score };
  }
  if (typeof scoring === "string" || typeof scoring === "function") {
    const scorer = typeof scoring === "string" ? getScorer(scoring) : scoring;
    return {
      multimetric: false,
      onlyAnswers: isMade(scorer),
      score: (model, X, y, sampleWeight) => scored(scorer, SINGLE, model, X, y, sampleWeight),
    };
  }
  const named: Readonly<Record<string, string | ScorerLike>> = Array.isArray(scoring)
    ? Object.fromEntries((scoring as readonly string[]).map((name) => [name, name]))
    : (scoring as Readonly<Record<string, string | ScorerLike>>);
  const scorers = Object.entries(named).map(
    ([name, scorer]) => [name, typeof scorer === "string" ? getScorer(scorer) : scorer] as const,
  );
  return {
    multimetric: true,
    onlyAnswers: scorers.every(([, scorer]) => isMade(scorer)),
    score: async (model, X, y, sampleWeight) => {
      const scores: Record<string, number> = {};
      for (const [name, scorer] of scorers)
        Object.assign(scores, await scored(scorer, name, model, X, y, sampleWeight));
      return scores;
    },
  };
}

/** Whether makeScorer made it: then it asks the estimator for answers only. */
function isMade(scorer: ScorerLike): boolean {
  return "responseMethod" in scorer;
}

async function scored(
  scorer: ScorerLike,
  name: string,
  model: Wrappable,
  X: InputLike,
  y: VectorLike | undefined,
  sampleWeight: VectorLike | undefined,
): Promise<Scores> {
  const call = scorer as (model: unknown, X: InputLike, y: unknown, options: object) => Promise<unknown>;
  const score = await call(model, X, y, { sampleWeight });
  if (typeof score === "number") return { [name]: score };
  if (typeof score === "object" && score !== null && Object.values(score).every((value) => typeof value === "number")) {
    return score as Scores;
  }
  throw invalidArgument(`scoring: a scorer must give a number, or an object of numbers, got ${show(score)}`);
}

/** The name of a column of results: testScore of the only metric, test_rocAuc of one of several. */
export function resultKey(prefix: string, metric: string): string {
  return metric === SINGLE ? `${prefix}Score` : `${prefix}_${metric}`;
}

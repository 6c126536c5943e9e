import { BaseEstimator, clone, type AnyEstimator, type EstimatorTags } from "../base/estimator.js";
import { custom, type ParamSpec } from "../base/params.js";
import type { InputLike } from "../data/documents.js";
import { Matrix } from "../data/matrix.js";
import type { LabelArray, VectorLike } from "../data/vector.js";
import { getScorer, type Scorer } from "../metrics/scorer.js";
import type { RunOptions } from "../native/job.js";

/** The methods a wrapped estimator may have. */
export interface Methods {
  fit?(X: InputLike, y?: VectorLike, options?: object): Promise<unknown>;
  partialFit?(X: InputLike, y?: VectorLike, options?: object): Promise<unknown>;
  predict?(X: InputLike, options?: RunOptions): Promise<LabelArray>;
  predictProba?(X: InputLike, options?: RunOptions): Promise<Matrix<Float64Array>>;
  predictLogProba?(X: InputLike, options?: RunOptions): Promise<Matrix<Float64Array>>;
  decisionFunction?(X: InputLike, options?: RunOptions): Promise<Float64Array | Matrix<Float64Array>>;
  transform?(X: InputLike, options?: RunOptions): Promise<Matrix<Float64Array>>;
  score?(X: InputLike, y?: VectorLike, options?: object): Promise<number>;
  readonly classes_?: LabelArray;
  readonly tags?: EstimatorTags;
}

/** The methods that answer row by row. */
export type Answer = "predict" | "predictProba" | "predictLogProba" | "decisionFunction" | "transform";

/** An estimator that can be wrapped: Treeline's, or one with the same methods and getParams. */
export type Wrappable = AnyEstimator | (Methods & { getParams(options?: { deep?: boolean }): object });

/** The rule of a parameter that is an estimator with a certain method. */
export function estimatorSpec(method: "fit" | "partialFit"): ParamSpec<Wrappable | null> {
  return custom<Wrappable | null>(
    null,
    `an estimator with ${method}`,
    (value) => has(value, method) && has(value, "getParams"),
    "an estimator",
  );
}

/** The rule of a scoring parameter. */
export function scoringSpec(): ParamSpec<string | Scorer | null> {
  return custom<string | Scorer | null>(
    null,
    "the name of a scorer, a scorer, or null",
    (value) => value === null || typeof value === "string" || typeof value === "function",
    1,
  );
}

export function has(value: unknown, method: string): boolean {
  return typeof (value as Readonly<Record<string, unknown>> | null)?.[method] === "function";
}

/** What generic code may expect of a wrapper: what its estimator says, as far as it is known. */
export function tagsOf(estimator: unknown): EstimatorTags {
  const tags = (estimator as Methods | null)?.tags;
  return tags ?? { kind: "classifier", allowNaN: true, requiresY: true, sampleWeight: false };
}

/**
 * An estimator that goes on from where a fitted one is, and leaves that one as it is. Those that are not Treeline's are
 * taken as they are.
 */
export function continued(fitted: Wrappable): Wrappable {
  if (!(fitted instanceof BaseEstimator)) return fitted;
  const copy = clone(fitted);
  copy.loadState(fitted.saveState());
  return copy;
}

/** What `scoring` says of a fitted estimator; null: its own score. */
export async function scoreOf(
  estimator: Wrappable,
  scoring: string | Scorer | null,
  X: InputLike,
  y: VectorLike,
  options: { readonly sampleWeight?: VectorLike | undefined } & RunOptions,
): Promise<number> {
  if (scoring === null) return (estimator as Required<Methods>).score(X, y, options);
  const scorer = typeof scoring === "string" ? getScorer(scoring) : scoring;
  return scorer(estimator as never, X, y, { sampleWeight: options.sampleWeight });
}

/** The answers for consecutive blocks of rows as one: arrays one after another, matrices one below another. */
export function joined(parts: readonly unknown[]): unknown {
  const [first] = parts;
  if (parts.length === 1 || first === undefined || first === null) return first;
  if (first instanceof Matrix) {
    const matrices = parts as readonly Matrix[];
    const cols = first.cols;
    const rows = matrices.reduce((sum, part) => sum + part.rows, 0);
    const data = new ((first as Matrix).data.constructor as new (n: number) => Float64Array)(rows * cols);
    let at = 0;
    for (const part of matrices) {
      data.set(part.order === "row" ? part.data : part.toArray().flat(), at);
      at += part.data.length;
    }
    return new Matrix(data, [rows, cols]);
  }
  if (Array.isArray(first)) return (parts as unknown[][]).flat();
  const arrays = parts as readonly Float64Array[];
  const out = new (first.constructor as new (n: number) => Float64Array)(
    arrays.reduce((sum, part) => sum + part.length, 0),
  );
  let at = 0;
  for (const part of arrays) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

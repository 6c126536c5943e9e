import { invalidArgument, invalidData, show } from "../base/errors.js";
import { clone } from "../base/estimator.js";
import { parallelStream } from "../base/parallel.js";
import type { InputLike } from "../data/documents.js";
import { Matrix } from "../data/matrix.js";
import { encodeLabels, type LabelArray, type VectorLike } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import { has, tagsOf, type Methods, type Wrappable } from "../wrappers/wrapped.js";
import type { Cv } from "./check-cv.js";
import { checkCall } from "./cross-validate.js";
import { problemOf } from "./evaluate.js";
import type { Fold } from "./fold.js";
import { FoldData, type FitOptions } from "./fold-data.js";

/** What is asked of the estimators. */
export type PredictMethod = "predict" | "predictProba" | "predictLogProba" | "decisionFunction";

/** Options of crossValPredict. */
export interface CrossValPredictOptions<M extends PredictMethod = PredictMethod> extends RunOptions {
  /** What to ask. Default "predict". */
  readonly method?: M | undefined;
  /** How to split; every row must be tested exactly once. Default null: 5 folds, stratified for a classifier. */
  readonly cv?: Cv | undefined;
  /** The group of every row, for splitters that know groups. */
  readonly groups?: VectorLike | null | undefined;
  /** Options of fit, cut like X where they hold a value a row: { sampleWeight }. */
  readonly fitOptions?: FitOptions | undefined;
  /** Fits that run at the same time; null (default): the ambient setting, else all cores. */
  readonly nJobs?: number | null | undefined;
}

const METHODS: readonly PredictMethod[] = ["predict", "predictProba", "predictLogProba", "decisionFunction"];
const OPTIONS = ["method", "cv", "groups", "fitOptions", "nJobs", "signal", "onProgress"];
// A class that no row of a fold's training rows has: its column.
const MISSING: Readonly<Record<PredictMethod, number>> = {
  predict: NaN,
  predictProba: 0,
  predictLogProba: -Infinity,
  decisionFunction: -Number.MAX_VALUE,
};

/** What stands for a class that no row of a fold's training rows has. */
export function missingAnswer(method: PredictMethod): number {
  return MISSING[method];
}

/** @throws TreelineError ERR_INVALID_DATA where folds do not test every row exactly once. */
export function refuseUnlessTestedOnce(folds: readonly Fold[], rows: number, where: string): void {
  const tested = new Uint8Array(rows);
  for (const fold of folds) fold.test.indices().forEach((row) => (tested[row] = (tested[row] as number) + 1));
  const wrong = tested.findIndex((times) => times !== 1);
  if (wrong < 0) return;
  throw invalidData(
    `${where}: every row must be tested exactly once, but row ${wrong} is tested ${tested[wrong]} times; use KFold or the like`,
  );
}

/**
 * For every row the answer of an estimator that did not learn from it: scikit-learn's cross_val_predict. Columns of
 * probabilities are the sorted classes of all of y.
 *
 * @example const p = await crossValPredict(new LogisticRegression(), X, y, { method: "predictProba" });
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA where a row is not tested exactly once.
 */
export async function crossValPredict(
  estimator: Wrappable,
  X: InputLike,
  y?: VectorLike,
  options?: CrossValPredictOptions<"predict">,
): Promise<LabelArray>;
export async function crossValPredict(
  estimator: Wrappable,
  X: InputLike,
  y: VectorLike | undefined,
  options: CrossValPredictOptions<"predictProba" | "predictLogProba">,
): Promise<Matrix<Float64Array>>;
export async function crossValPredict(
  estimator: Wrappable,
  X: InputLike,
  y: VectorLike | undefined,
  options: CrossValPredictOptions,
): Promise<LabelArray | Matrix>;
export async function crossValPredict(
  estimator: Wrappable,
  X: InputLike,
  y?: VectorLike,
  options: CrossValPredictOptions = {},
): Promise<LabelArray | Matrix> {
  const where = "crossValPredict";
  checkCall(where, estimator, options, OPTIONS);
  const { method = "predict", signal } = options;
  if (!METHODS.includes(method)) {
    throw invalidArgument(`${where}: method must be one of ${METHODS.join(", ")}, got ${show(method)}`);
  }
  if (!has(estimator, method)) throw invalidArgument(`${where}: the estimator has no ${method}`);
  const { whole, folds } = await problemOf(estimator, X, y, options, where);
  refuseUnlessTestedOnce(folds, whole.rows, where);
  const classes =
    method !== "predict" && tagsOf(estimator).kind === "classifier" && y !== undefined
      ? (await encodeLabels(y, `${where}: y`, signal)).classes
      : undefined;
  const answers = new RowAnswers(whole.rows, classes, missingAnswer(method));
  function* tasks(): Generator<(stop: AbortSignal) => Promise<void>, void, undefined> {
    for (const [k, fold] of folds.entries()) {
      yield async (stop) => {
        const { train, test } = new FoldData(whole, fold, k);
        const model = clone(estimator) as Required<Methods>;
        await model.fit(train.X, train.y, { ...train.options, signal: stop });
        answers.put(fold.test.indices(), await model[method](test.X, { signal: stop }), model.classes_);
      };
    }
  }
  let done = 0;
  const total = folds.length;
  for await (const _ of parallelStream(tasks(), { nJobs: options.nJobs ?? undefined, ordered: false, signal })) {
    done++;
    options.onProgress?.({ fraction: done / total, done, total, score: NaN });
  }
  return answers.result();
}

/** The answers of several estimators, each for some rows. */
export class RowAnswers {
  readonly #rows: number;
  readonly #classes: LabelArray | undefined;
  readonly #missing: number;
  #matrix: Matrix<Float64Array> | undefined;
  #values: Float64Array | unknown[] | undefined;

  constructor(rows: number, classes: LabelArray | undefined, missing: number) {
    this.#rows = rows;
    this.#classes = classes;
    this.#missing = missing;
  }

  put(rows: Int32Array, answers: unknown, classes: LabelArray | undefined): void {
    if (answers instanceof Matrix) {
      const all = this.#classes;
      const cols = all === undefined ? answers.cols : all.length;
      const places = Array.from({ length: answers.cols }, (_, j) =>
        all === undefined || classes === undefined
          ? j
          : (all as readonly unknown[] | Float64Array).indexOf(classes[j] as never),
      );
      this.#matrix ??= new Matrix(new Float64Array(this.#rows * cols).fill(this.#missing), [this.#rows, cols]);
      const { data } = this.#matrix;
      rows.forEach((row, k) => places.forEach((place, j) => (data[row * cols + place] = answers.at(k, j))));
      return;
    }
    const values = answers as ArrayLike<unknown>;
    this.#values ??= values instanceof Float64Array ? new Float64Array(this.#rows) : new Array<unknown>(this.#rows);
    const out = this.#values as unknown[];
    rows.forEach((row, k) => (out[row] = values[k]));
  }

  result(): LabelArray | Matrix {
    return this.#matrix ?? ((this.#values ?? new Float64Array(this.#rows)) as LabelArray);
  }
}

import { invalidArgument, invalidData, show } from "../base/errors.js";
import { clone } from "../base/estimator.js";
import { parallel } from "../base/parallel.js";
import { boolean, custom, nJobs, randomState, type ParamSpecs } from "../base/params.js";
import { inputShape, type InputLike } from "../data/documents.js";
import { encodeLabels, readSampleWeight, takeBreak, type Label, type VectorLike } from "../data/vector.js";
import { getScorer, type Scorer } from "../metrics/scorer.js";
import { estimatorSpec, tagsOf, type Methods, type Wrappable } from "../wrappers/wrapped.js";
import { cvSpec, type Cv } from "./check-cv.js";
import { problemOf } from "./evaluate.js";
import type { ThresholdFitOptions } from "./fixed-threshold-classifier.js";
import { FoldData } from "./fold-data.js";
import { StratifiedShuffleSplit } from "./shuffle-split.js";
import {
  labelsAt,
  posLabelSpec,
  positivePlace,
  positiveScores,
  responseMethodOf,
  responseSpec,
  ThresholdClassifier,
  type ThresholdFitted,
  type ThresholdResponse,
} from "./threshold-classifier.js";

/** Parameters of TunedThresholdClassifierCV. */
export interface TunedThresholdClassifierCVParams {
  /** The classifier, of two classes. It is cloned, not changed. */
  estimator: Wrappable | null;
  /** What the threshold is to have most of: the name of a scorer of predictions, or one made by makeScorer. Default "balancedAccuracy". */
  scoring: string | Scorer;
  /** What is compared: "auto" (default) predictProba where there is one, else decisionFunction. */
  responseMethod: ThresholdResponse;
  /** How many thresholds to try, or which. Default 100. */
  thresholds: number | readonly number[];
  /** How to split; a share between 0 and 1: one split with so many test rows. Default null: 5 folds, stratified. */
  cv: Cv;
  /** Fit on all rows (default true), or keep the fit of the one split there is. */
  refit: boolean;
  /** Fits that run at the same time; null (default): the ambient setting, else all cores. */
  nJobs: number | null;
  /** Seed of the split where cv is a share. */
  randomState: number | null;
  /** Keep all thresholds and scores: cvResults_. Default false. */
  storeCvResults: boolean;
  /** The label that counts as positive in scores of labels. Default null: the greater one. */
  posLabel: Label | null;
}

const SPECS: ParamSpecs<TunedThresholdClassifierCVParams> = {
  estimator: estimatorSpec("fit"),
  scoring: custom<string | Scorer>(
    "balancedAccuracy",
    "the name of a scorer, or a scorer",
    (value) => typeof value === "string" || typeof value === "function",
    1,
  ),
  responseMethod: responseSpec(),
  thresholds: custom<number | readonly number[]>(
    100,
    "a positive integer, or an array of numbers",
    (value) =>
      Array.isArray(value)
        ? value.length > 0 && value.every((t) => Number.isFinite(t))
        : Number.isInteger(value) && (value as number) > 0,
    0,
  ),
  cv: { ...cvSpec(), accepts: (value) => isShare(value) || cvSpec().accepts(value) },
  refit: boolean(true),
  nJobs: nJobs(),
  randomState: randomState(),
  storeCvResults: boolean(false),
  posLabel: posLabelSpec(),
};

function isShare(value: unknown): value is number {
  return typeof value === "number" && value > 0 && value < 1;
}

interface Fitted extends ThresholdFitted {
  readonly score: number;
  readonly thresholds: Float64Array;
  readonly scores: Float64Array;
}

/**
 * A classifier of two classes whose threshold is the best by a metric on rows that it did not learn from: scikit-learn's
 * TunedThresholdClassifierCV. Scores of each split are interpolated between its thresholds, and averaged.
 *
 * @example
 * const model = new TunedThresholdClassifierCV({ estimator: new LogisticRegression(), scoring: "f1" });
 * await model.fit(X, y);
 * console.log(model.bestThreshold_, model.bestScore_);
 */
export class TunedThresholdClassifierCV extends ThresholdClassifier<TunedThresholdClassifierCVParams, Fitted> {
  constructor(params: Partial<TunedThresholdClassifierCVParams> = {}) {
    super("TunedThresholdClassifierCV", SPECS, params);
  }

  /** Picks the threshold and fits. @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, and what the estimator throws. */
  async fit(X: InputLike, y: VectorLike, options: ThresholdFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "TunedThresholdClassifierCV.fit";
    const { scoring, responseMethod, posLabel, refit, randomState, nJobs } = this.params;
    const cv = isShare(this.params.cv)
      ? new StratifiedShuffleSplit({ nSplits: 1, testSize: this.params.cv, randomState })
      : this.params.cv;
    const { sampleWeight, signal, onProgress } = options;
    const estimator = this.params.estimator as Wrappable;
    const method = responseMethodOf(estimator, responseMethod, where);
    const scorer = typeof scoring === "string" ? getScorer(scoring) : scoring;
    if (!scorer.responseMethod.includes("predict")) {
      throw invalidArgument(
        `${where}: scoring must judge labels ("f1", "balancedAccuracy", …), for scores do not depend on a threshold`,
      );
    }
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = inputShape(X, `${where}: X`);
    const fitOptions = sampleWeight === undefined ? {} : { sampleWeight };
    const { whole, folds } = await problemOf(estimator, X, y, { cv, fitOptions, signal }, where);
    await readSampleWeight(sampleWeight, whole.rows, where);
    const { classes } = await encodeLabels(whole.y as VectorLike, `${where}: y`, signal);
    const positive = positivePlace(classes, posLabel, where);
    if (!refit && folds.length > 1)
      throw invalidArgument(`${where}: refit: false needs one split: a share as cv, for example 0.25`);
    let done = 0;
    const total = folds.length + 1;
    const splits = await parallel(
      folds.map((fold, k) => async (stop: AbortSignal) => {
        const { train, test } = new FoldData(whole, fold, k);
        const model = clone(estimator) as Required<Methods>;
        await model.fit(train.X, train.y, { ...(tagsOf(model).sampleWeight ? train.options : {}), signal: stop });
        const scores = await positiveScores(model as unknown as Wrappable, method, test.X, positive, { signal: stop });
        const thresholds = this.#thresholds(scores);
        const values = new Float64Array(thresholds.length);
        for (const [t, threshold] of thresholds.entries()) {
          await takeBreak(stop);
          const labels = labelsAt(scores, threshold, classes, positive);
          const judged = { predict: () => Promise.resolve(labels), classes_: classes };
          values[t] = await scorer(judged, test.X, test.y as VectorLike);
        }
        done++;
        onProgress?.({ fraction: done / total, done, total, score: Math.max(...values) });
        return { model, thresholds, values };
      }),
      { nJobs: nJobs ?? undefined, signal },
    );
    const { thresholds, scores } = this.#averaged(splits, where);
    const best = scores.reduce((at, score, t) => (score > (scores[at] as number) ? t : at), 0);
    let model = splits[0]?.model as unknown as Wrappable;
    if (refit) {
      model = clone(estimator);
      const given = tagsOf(model).sampleWeight ? whole.options : {};
      await (model as Required<Methods>).fit(whole.X, whole.y, { ...given, signal });
    }
    signal?.throwIfAborted();
    onProgress?.({ fraction: 1, done: total, total, score: scores[best] as number });
    this.setFitted({
      nFeaturesIn,
      featureNamesIn,
      estimator: model,
      threshold: thresholds[best] as number,
      classes,
      positive,
      score: scores[best] as number,
      thresholds: this.params.storeCvResults ? thresholds : new Float64Array(0),
      scores: this.params.storeCvResults ? scores : new Float64Array(0),
    });
    return this;
  }

  /** The threshold that was picked. */
  get bestThreshold_(): number {
    return this.fitted("bestThreshold_").threshold;
  }

  /** Its mean score. */
  get bestScore_(): number {
    return this.fitted("bestScore_").score;
  }

  /** All thresholds and their mean scores, with storeCvResults. */
  get cvResults_(): { readonly thresholds: Float64Array; readonly scores: Float64Array } | undefined {
    const { thresholds, scores } = this.fitted("cvResults_");
    return thresholds.length === 0 ? undefined : { thresholds, scores };
  }

  #thresholds(scores: Float64Array): Float64Array {
    const { thresholds } = this.params;
    if (typeof thresholds !== "number") return Float64Array.from(thresholds).sort();
    return evenly(extreme(scores, Math.min), extreme(scores, Math.max), thresholds);
  }

  /** Mean scores on thresholds that all splits share. */
  #averaged(
    splits: readonly { readonly thresholds: Float64Array; readonly values: Float64Array }[],
    where: string,
  ): { readonly thresholds: Float64Array; readonly scores: Float64Array } {
    const low = Math.min(...splits.map(({ thresholds }) => thresholds[0] as number));
    const high = Math.max(...splits.map(({ thresholds }) => thresholds.at(-1) as number));
    if (low === high && typeof this.params.thresholds === "number") {
      throw invalidData(
        `${where}: the estimator gives all rows the same score ${show(low)}: there is no threshold to pick`,
      );
    }
    const given = this.params.thresholds;
    const thresholds = typeof given === "number" ? evenly(low, high, given) : Float64Array.from(given).sort();
    const scores = thresholds.map((at) => {
      const sum = splits.reduce((total, split) => total + interpolated(split.thresholds, split.values, at), 0);
      return sum / splits.length;
    });
    return { thresholds, scores };
  }
}

function extreme(values: Float64Array, of: (a: number, b: number) => number): number {
  return values.reduce((a, b) => of(a, b));
}

/** numpy.linspace. */
function evenly(low: number, high: number, n: number): Float64Array {
  const step = (high - low) / Math.max(1, n - 1);
  return Float64Array.from({ length: n }, (_, k) => (k === n - 1 && n > 1 ? high : low + k * step));
}

/** numpy.interp. */
function interpolated(x: Float64Array, y: Float64Array, at: number): number {
  const right = x.findIndex((value) => value > at);
  if (right < 0) return y.at(-1) as number;
  if (right === 0) return y[0] as number;
  const [x0, x1] = [x[right - 1] as number, x[right] as number];
  const [y0, y1] = [y[right - 1] as number, y[right] as number];
  return y0 + ((y1 - y0) / (x1 - x0)) * (at - x0);
}

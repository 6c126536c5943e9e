import type { EstimatorTags } from "../base/estimator.js";
import type { ParamSpecs } from "../base/params.js";
import type { BayesModel, ClassSumsResult } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import type { BayesData } from "./bayes-data.js";
import {
  discreteSpecs,
  finiteLog,
  rowSums,
  sumByClass,
  type DiscreteFitted,
  type DiscreteNBParams,
} from "./discrete.js";
import { DiscreteNB } from "./discrete-nb.js";

/** Parameters of MultinomialNB. */
export type MultinomialNBParams = DiscreteNBParams;

const SPECS: ParamSpecs<DiscreteNBParams> = discreteSpecs();

/**
 * Naive Bayes for counts, such as words in texts: within a class a row is drawn from a multinomial distribution. Fractions,
 * such as tf-idf weights, work too. Follows scikit-learn's MultinomialNB. `partialFit` adds counts: the model is that of
 * one fit on all the rows.
 *
 * @example
 * const model = await new MultinomialNB({ alpha: 0.1 }).fit(counts, y);
 * const labels = await model.predict(countsTest);
 */
export class MultinomialNB extends DiscreteNB<DiscreteNBParams, DiscreteFitted> {
  constructor(params: Partial<DiscreteNBParams> = {}) {
    super("MultinomialNB", SPECS, params);
  }

  override get tags(): EstimatorTags {
    return { ...super.tags, positiveOnly: true };
  }

  protected override async learn(data: BayesData, options: RunOptions): Promise<ClassSumsResult> {
    return sumByClass(data, options);
  }

  protected override fittedFrom(data: BayesData, learned: ClassSumsResult, before?: DiscreteFitted): DiscreteFitted {
    return this.countsFrom(data, learned, before, featureLogProb);
  }

  protected override modelOf({ featureLogProb, classLogPrior }: DiscreteFitted): BayesModel {
    return { kind: "linear", intercept: classLogPrior, scale: featureLogProb.map(finiteLog) };
  }
}

/** log of (count + alpha) / (sum of those of its class). */
function featureLogProb(featureCount: Float64Array, classCount: Float64Array, alpha: Float64Array): Float64Array {
  const nFeatures = alpha.length;
  const smoothed = featureCount.map((count, i) => count + (alpha[i % nFeatures] as number));
  const logTotals = rowSums(smoothed, classCount.length).map(Math.log);
  return smoothed.map((count, i) => Math.log(count) - (logTotals[Math.floor(i / nFeatures)] as number));
}

import { nullable, number, type ParamSpecs } from "../base/params.js";
import type { BayesModel, ClassSumsResult } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import type { BayesData } from "./bayes-data.js";
import {
  discreteSpecs,
  finiteLog,
  perCell,
  sumByClass,
  type DiscreteFitted,
  type DiscreteNBParams,
} from "./discrete.js";
import { DiscreteNB } from "./discrete-nb.js";

/** Parameters of BernoulliNB. */
export interface BernoulliNBParams extends DiscreteNBParams {
  /** Values larger than this count as 1, others as 0; null: X holds 0 and 1 already. Default 0. */
  binarize: number | null;
}

const SPECS: ParamSpecs<BernoulliNBParams> = { ...discreteSpecs(), binarize: nullable(number(0), 0) };

interface Fitted extends DiscreteFitted {
  readonly threshold: number | undefined;
}

/**
 * Naive Bayes for what is there or not: every column is 1 or 0, independent of the others within a class.
 * Follows scikit-learn's BernoulliNB. `partialFit` adds counts: the model is that of one fit on all the rows.
 *
 * @example const model = await new BernoulliNB({ binarize: 0.5 }).fit(X, y);
 */
export class BernoulliNB extends DiscreteNB<BernoulliNBParams, Fitted> {
  constructor(params: Partial<BernoulliNBParams> = {}) {
    super("BernoulliNB", SPECS, params);
  }

  protected override async learn(data: BayesData, options: RunOptions): Promise<ClassSumsResult> {
    return sumByClass(data, options, this.params.binarize ?? undefined);
  }

  protected override fittedFrom(data: BayesData, learned: ClassSumsResult, before?: Fitted): Fitted {
    return {
      ...this.countsFrom(data, learned, before, featureLogProb),
      threshold: this.params.binarize ?? undefined,
    };
  }

  /** A 1 adds log p, a 0 adds log(1 - p). */
  protected override modelOf({ featureLogProb, classLogPrior, classes, nFeaturesIn, threshold }: Fitted): BayesModel {
    const ones = featureLogProb.map(finiteLog);
    const zeros = featureLogProb.map((log) => finiteLog(Math.log1p(-Math.exp(log))));
    const intercept = classLogPrior.map((log, k) =>
      zeros.subarray(k * nFeaturesIn, (k + 1) * nFeaturesIn).reduce((sum, zero) => sum + zero, log),
    );
    const scale = perCell(classes, nFeaturesIn, (_k, _j, at) => (ones[at] as number) - (zeros[at] as number));
    return { kind: "linear", intercept, scale, threshold };
  }
}

/** log of (count + alpha) / (rows of the class + 2 alpha). */
function featureLogProb(featureCount: Float64Array, classCount: Float64Array, alpha: Float64Array): Float64Array {
  return perCell(classCount, alpha.length, (k, j, at) => {
    const a = alpha[j] as number;
    return Math.log((featureCount[at] as number) + a) - Math.log((classCount[k] as number) + 2 * a);
  });
}

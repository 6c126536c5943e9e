import type { EstimatorTags } from "../base/estimator.js";
import { boolean, type ParamSpecs } from "../base/params.js";
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

/** Parameters of ComplementNB. */
export interface ComplementNBParams extends DiscreteNBParams {
  /** Divide the weights of each class by their sum. Default false. */
  norm: boolean;
}

const SPECS: ParamSpecs<ComplementNBParams> = { ...discreteSpecs(), norm: boolean(false) };

/**
 * Complement naive Bayes for counts: every class is described by what the other classes' rows look like, which suits
 * classes of unequal size (Rennie et al. 2003). Follows scikit-learn's ComplementNB; the classes' probabilities count only
 * where there is one class. `partialFit` adds counts: the model is that of one fit on all the rows.
 *
 * @example const model = await new ComplementNB().fit(counts, y);
 */
export class ComplementNB extends DiscreteNB<ComplementNBParams, DiscreteFitted> {
  constructor(params: Partial<ComplementNBParams> = {}) {
    super("ComplementNB", SPECS, params);
  }

  override get tags(): EstimatorTags {
    return { ...super.tags, positiveOnly: true };
  }

  /** Sums of every column over all classes. */
  get featureAll_(): Float64Array {
    const { featureCount, nFeaturesIn } = this.fitted("featureAll_");
    return columnSums(featureCount, nFeaturesIn);
  }

  protected override async learn(data: BayesData, options: RunOptions): Promise<ClassSumsResult> {
    return sumByClass(data, options);
  }

  protected override fittedFrom(data: BayesData, learned: ClassSumsResult, before?: DiscreteFitted): DiscreteFitted {
    return this.countsFrom(data, learned, before, (featureCount, classCount, alpha) =>
      complementWeights(featureCount, alpha, classCount.length, this.params.norm),
    );
  }

  protected override modelOf({ featureLogProb, classLogPrior, classes }: DiscreteFitted): BayesModel {
    const intercept = classes.length === 1 ? classLogPrior : new Float64Array(classes.length);
    return { kind: "linear", intercept, scale: featureLogProb.map((weight) => -finiteLog(-weight)) };
  }
}

function columnSums(values: Float64Array, width: number): Float64Array {
  const sums = new Float64Array(width);
  values.forEach((value, i) => (sums[i % width] = (sums[i % width] as number) + value));
  return sums;
}

function complementWeights(
  featureCount: Float64Array,
  alpha: Float64Array,
  nClasses: number,
  norm: boolean,
): Float64Array {
  const nFeatures = alpha.length;
  const all = columnSums(featureCount, nFeatures);
  const others = featureCount.map(
    (count, i) => (all[i % nFeatures] as number) + (alpha[i % nFeatures] as number) - count,
  );
  const totals = rowSums(others, nClasses);
  const logs = others.map((count, i) => Math.log(count / (totals[Math.floor(i / nFeatures)] as number)));
  if (!norm) return logs.map((log) => -log);
  const logSums = rowSums(logs, nClasses);
  return logs.map((log, i) => log / (logSums[Math.floor(i / nFeatures)] as number));
}

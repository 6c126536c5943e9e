import { Matrix } from "../data/matrix.js";
import type { ClassSumsResult } from "../native/addon.js";
import type { BayesData } from "./bayes-data.js";
import { added, alphas, classLogPrior, type DiscreteFitted, type DiscreteNBParams } from "./discrete.js";
import { NaiveBayes } from "./naive-bayes.js";

/** What the models of columns' sums within classes share. */
export abstract class DiscreteNB<P extends DiscreteNBParams, F extends DiscreteFitted> extends NaiveBayes<
  P,
  F,
  ClassSumsResult
> {
  /** Logarithms of the classes' probabilities. */
  get classLogPrior_(): Float64Array {
    return this.fitted("classLogPrior_").classLogPrior;
  }

  /** Sums of every column within every class: nClasses × nFeatures. */
  get featureCount_(): Matrix<Float64Array> {
    const { featureCount, classes, nFeaturesIn } = this.fitted("featureCount_");
    return new Matrix(featureCount, [classes.length, nFeaturesIn]);
  }

  /**
   * Logarithms of the probabilities of the columns (BernoulliNB: of a 1) given the class, nClasses × nFeatures; ComplementNB:
   * weights of the columns, minus the logarithms of their probabilities in the other classes.
   */
  get featureLogProb_(): Matrix<Float64Array> {
    const { featureLogProb, classes, nFeaturesIn } = this.fitted("featureLogProb_");
    return new Matrix(featureLogProb, [classes.length, nFeaturesIn]);
  }

  /** The counts of all rows, those of before among them, and what `logProb` makes of them. */
  protected countsFrom(
    { where, source, classes }: BayesData,
    { classWeight, sums }: ClassSumsResult,
    before: DiscreteFitted | undefined,
    logProb: (featureCount: Float64Array, classCount: Float64Array, alpha: Float64Array) => Float64Array,
  ): DiscreteFitted {
    const classCount = added(before?.classCount, classWeight);
    const featureCount = added(before?.featureCount, sums);
    return {
      nFeaturesIn: source.nFeatures,
      featureNamesIn: before?.featureNamesIn ?? source.featureNames,
      classes,
      classCount,
      featureCount,
      featureLogProb: logProb(featureCount, classCount, alphas(this.params, source.nFeatures, where)),
      classLogPrior: classLogPrior(this.params, classCount, where),
    };
  }
}

import { effectiveNJobs } from "../base/config.js";
import { invalidArgument, invalidData, show } from "../base/errors.js";
import { number, type ParamSpecs } from "../base/params.js";
import { Matrix } from "../data/matrix.js";
import type { Label } from "../data/vector.js";
import type { BayesModel, ClassMomentsResult, ColumnMoments } from "../native/addon.js";
import { runJob, type RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";
import { pourChecked, type BayesData, type BayesFitted } from "./bayes-data.js";
import { priorsSpec } from "./discrete.js";
import { NaiveBayes } from "./naive-bayes.js";

/** Parameters of GaussianNB. */
export interface GaussianNBParams {
  /** Probabilities of the classes, in the order of classes_; they sum to 1. Default null: the classes' frequencies. */
  priors: readonly number[] | Float64Array | null;
  /** The share of the largest variance of all columns that is added to every variance. Default 1e-9. */
  varSmoothing: number;
}

const SPECS: ParamSpecs<GaussianNBParams> = {
  priors: priorsSpec(),
  varSmoothing: number(1e-9, { min: 0 }),
};

interface Fitted extends BayesFitted {
  /** Moments of every column within every class, nClasses × nFeatures, before anything is added to the variances. */
  readonly moments: ColumnMoments;
  /** Moments of every column over all rows, unweighted. */
  readonly overall: ColumnMoments;
  readonly classPrior: Float64Array;
  readonly epsilon: number;
}

/**
 * Gaussian naive Bayes: within a class every column is normal, independent of the others.
 * Follows scikit-learn's GaussianNB. The moments are those of one numerically stable pass, the same bits for any nJobs and
 * any chunking of X. `partialFit` merges moments exactly: after any number of calls the model is that of one fit on all the
 * rows, to rounding; scikit-learn adds the largest variance of the last call's rows instead of all rows'.
 *
 * @example
 * const model = await new GaussianNB().fit(X, y);
 * const probabilities = await model.predictProba(XTest); // Matrix, nSamples × nClasses
 */
export class GaussianNB extends NaiveBayes<GaussianNBParams, Fitted, ClassMomentsResult> {
  constructor(params: Partial<GaussianNBParams> = {}) {
    super("GaussianNB", SPECS, params);
  }

  /** Probability of every class. */
  get classPrior_(): Float64Array {
    return this.fitted("classPrior_").classPrior;
  }

  /** Mean of every column within every class: nClasses × nFeatures. */
  get theta_(): Matrix<Float64Array> {
    const { moments, classes, nFeaturesIn } = this.fitted("theta_");
    return new Matrix(moments.mean, [classes.length, nFeaturesIn]);
  }

  /** Variance of every column within every class, epsilon_ added: nClasses × nFeatures. */
  get var_(): Matrix<Float64Array> {
    const { moments, epsilon, classes, nFeaturesIn } = this.fitted("var_");
    return new Matrix(
      moments.variance.map((v) => v + epsilon),
      [classes.length, nFeaturesIn],
    );
  }

  /** What is added to every variance. */
  get epsilon_(): number {
    return this.fitted("epsilon_").epsilon;
  }

  protected override async learn(data: BayesData, options: RunOptions): Promise<ClassMomentsResult> {
    const { where, source, codes, weights, classes } = data;
    this.#checkPriors(where, classes.length);
    return runJob(effectiveNJobs(), options, async (job) => {
      const labels = { where: `${where}: X`, names: source.featureNames, nFeatures: source.nFeatures };
      const sink = addon().createClassMomentsSink(labels, codes, weights, classes.length);
      await pourChecked(data, sink, job, options.signal);
      return addon().finishClassMoments(sink, job);
    });
  }

  protected override fittedFrom(
    { where, source, classes }: BayesData,
    learned: ClassMomentsResult,
    before?: Fitted,
  ): Fitted {
    const moments = before === undefined ? learned : mergedMoments(before.moments, learned);
    const overall = before === undefined ? learned.overall : mergedMoments(before.overall, learned.overall);
    const { priors, varSmoothing } = this.params;
    const epsilon = epsilonOf(varSmoothing, overall);
    const nFeatures = source.nFeatures;
    const classCount = Float64Array.from<Label>(classes, (_, k) => moments.count[k * nFeatures] as number);
    const cell = moments.variance.findIndex((v, i) => v + epsilon <= 0 && (moments.count[i] as number) > 0);
    if (cell >= 0) {
      throw invalidData(
        `${where}: X is constant in column ${cell % nFeatures} within the class ` +
          `${show(classes[Math.floor(cell / nFeatures)])}: raise varSmoothing, or drop the column`,
      );
    }
    const total = classCount.reduce((sum, count) => sum + count, 0);
    return {
      nFeaturesIn: nFeatures,
      featureNamesIn: before?.featureNamesIn ?? source.featureNames,
      classes,
      classCount,
      classPrior: priors === null ? classCount.map((count) => count / total) : Float64Array.from(priors),
      moments: { count: moments.count, mean: moments.mean, variance: moments.variance },
      overall,
      epsilon,
    };
  }

  #checkPriors(where: string, nClasses: number): void {
    const { priors } = this.params;
    if (priors === null) return;
    if (priors.length !== nClasses) {
      throw invalidArgument(`${where}: priors has ${priors.length} values, but there are ${nClasses} classes`);
    }
    const sum = Array.from<number>(priors).reduce((total, p) => total + p, 0);
    if (Math.abs(sum - 1) > 1e-8) throw invalidArgument(`${where}: priors must sum to 1, got a sum of ${sum}`);
  }

  protected override modelOf(fitted: Fitted): BayesModel {
    return gaussianModel(fitted);
  }
}

/** The share of the largest variance; of 1 where all columns are constant, so that something is added. */
function epsilonOf(varSmoothing: number, { variance }: ColumnMoments): number {
  const largest = variance.reduce((max, v) => Math.max(max, v), 0);
  return varSmoothing * (largest > 0 ? largest : 1);
}

function gaussianModel({ classes, classPrior, moments, epsilon, nFeaturesIn }: Fitted): BayesModel {
  const scale = moments.variance.map((v) => 0.5 / (v + epsilon));
  const intercept = Float64Array.from<Label>(classes, (_, k) => {
    let logs = 0;
    for (let j = 0; j < nFeaturesIn; j++) {
      logs += Math.log(2 * Math.PI * ((moments.variance[k * nFeaturesIn + j] as number) + epsilon));
    }
    return Math.log(classPrior[k] as number) - 0.5 * logs;
  });
  // A class of no rows and no smoothing has no likelihood at all: its prior is 0.
  const finite = scale.map((s) => (Number.isFinite(s) ? s : 0));
  return { kind: "gaussian", intercept: intercept.map(orImpossible), centre: moments.mean, scale: finite };
}

function orImpossible(value: number): number {
  return Number.isFinite(value) ? value : -Infinity;
}

/** Moments of two sets of rows together (Chan, Golub, LeVeque 1979). */
function mergedMoments(a: ColumnMoments, b: ColumnMoments): ColumnMoments {
  const count = a.count.map((n, i) => n + (b.count[i] as number));
  const share = count.map((n, i) => (n > 0 ? (b.count[i] as number) / n : 0));
  const apart = a.mean.map((m, i) => (b.mean[i] as number) - m);
  return {
    count,
    mean: a.mean.map((m, i) => m + (apart[i] as number) * (share[i] as number)),
    variance: a.variance.map((v, i) => {
      const s = share[i] as number;
      return v * (1 - s) + (b.variance[i] as number) * s + (apart[i] as number) ** 2 * s * (1 - s);
    }),
  };
}

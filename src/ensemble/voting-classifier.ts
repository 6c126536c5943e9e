import { invalidArgument, show } from "../base/errors.js";
import { clone, type EstimatorTags } from "../base/estimator.js";
import { boolean, choice, type ParamSpecs } from "../base/params.js";
import { argmaxRows } from "../data/argmax.js";
import { inputShape, type InputLike } from "../data/documents.js";
import { Matrix } from "../data/matrix.js";
import { decodeLabels, inTurns, readSampleWeight, type LabelArray, type VectorLike } from "../data/vector.js";
import { accuracyScore } from "../metrics/accuracy-score.js";
import type { RunOptions } from "../native/job.js";
import { has } from "../wrappers/wrapped.js";
import {
  checkWeighable,
  codesOf,
  methodsOf,
  readLabels,
  spreadColumns,
  workSideBySide,
  type EnsembleFitOptions,
} from "./member-fit.js";
import { NamedMembers, type NamedMembersFitted } from "./named-members.js";
import { columnsOf, VOTING_SPECS, votingWeights, weightedMeans, type VotingParams } from "./voting-params.js";

/** Parameters of VotingClassifier. */
export interface VotingClassifierParams extends VotingParams {
  /** "hard" (default): the class that most estimators predict; "soft": the greatest mean probability. */
  voting: "hard" | "soft";
  /** With soft voting, transform gives all probabilities side by side (default true), or a matrix for each estimator. */
  flattenTransform: boolean;
}

const SPECS: ParamSpecs<VotingClassifierParams> = {
  ...VOTING_SPECS,
  voting: choice("hard", ["hard", "soft"]),
  flattenTransform: boolean(true),
};

interface Fitted extends NamedMembersFitted {
  readonly classes: LabelArray;
}

/**
 * Several classifiers that learn from the same rows and vote: scikit-learn's VotingClassifier. The estimators given stay
 * unfitted parameters; fit fits clones, a few at the same time. They learn the labels as they are, where scikit-learn's learn
 * their numbers.
 *
 * @example
 * const model = new VotingClassifier({
 *   estimators: [
 *     ["logistic", new LogisticRegression()],
 *     ["bayes", new GaussianNB()],
 *   ],
 *   voting: "soft",
 * });
 * model.setParams({ logistic__C: 0.1 });
 * await model.fit(X, y);
 */
export class VotingClassifier extends NamedMembers<VotingClassifierParams, Fitted> {
  constructor(params: Partial<VotingClassifierParams> = {}) {
    super("VotingClassifier", SPECS, params);
  }

  get tags(): EstimatorTags {
    return this.memberTags("classifier");
  }

  /**
   * Fits every estimator. X: nSamples × nFeatures, whatever the estimators take; y: nSamples labels. Progress is the mean of
   * the estimators'.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, and what the estimators throw.
   */
  async fit(X: InputLike, y: VectorLike, options: EnsembleFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "VotingClassifier.fit";
    const members = this.checkedMembers(where, "classifier");
    const { voting, nJobs, verbose } = this.params;
    votingWeights(this.params.estimators, this.params.weights, where);
    if (voting === "soft") {
      const without = members.find(([, estimator]) => !has(estimator, "predictProba"));
      if (without !== undefined) {
        throw invalidArgument(`${where}: soft voting needs predictProba, which ${show(without[0])} does not have`);
      }
    }
    const { signal, onProgress, sampleWeight } = options;
    checkWeighable(members, sampleWeight, where);
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = inputShape(X, `${where}: X`);
    const target = await readLabels(y, `${where}: y`, signal);
    const weights = await readSampleWeight(sampleWeight, target.values.length, where);
    const fitted = await workSideBySide(
      members.map(([, estimator]) => async (run: RunOptions) => {
        const model = clone(estimator);
        await methodsOf(model).fit(X, target.values, { ...(weights && { sampleWeight: weights }), ...run });
        return model;
      }),
      { nJobs, signal, onProgress, bar: verbose ? this.className : undefined },
    );
    signal?.throwIfAborted();
    const { classes } = target;
    this.setFitted({ nFeaturesIn, featureNamesIn, classes, members: this.withFitted(fitted) });
    return this;
  }

  /** The class that wins the vote; of equal ones the first in classes_. */
  async predict(X: InputLike, options: RunOptions = {}): Promise<LabelArray> {
    const { classes, members } = this.fitted("predict");
    const n = classes.length;
    if (this.params.voting === "soft") {
      return decodeLabels(classes, argmaxRows(await this.#means("predict", X, options), n));
    }
    const weights = votingWeights(members, this.params.weights, "VotingClassifier.predict");
    const codes = await this.#codes("predict", X, options);
    const rows = codes[0]?.length ?? 0;
    const votes = new Float64Array(rows * n);
    await inTurns(rows, options.signal, (begin, end) => {
      for (const [k, of] of codes.entries()) {
        const weight = weights[k] as number;
        for (let i = begin; i < end; i++) {
          const at = i * n + (of[i] as number);
          votes[at] = (votes[at] as number) + weight;
        }
      }
    });
    return decodeLabels(classes, argmaxRows(votes, n));
  }

  /** Mean probabilities, nSamples × nClasses, with soft voting; undefined with hard voting. */
  get predictProba(): (X: InputLike, options?: RunOptions) => Promise<Matrix<Float64Array>> {
    if (this.params.voting !== "soft") return undefined as never;
    return async (X, options = {}) => {
      const means = await this.#means("predictProba", X, options);
      const n = this.fitted("predictProba").classes.length;
      return new Matrix(means, [means.length / n, n]);
    };
  }

  /**
   * What each estimator says. Hard voting: the place of its class in classes_, nSamples × nEstimators. Soft voting: its
   * probabilities, nSamples × (nEstimators · nClasses), or without flattenTransform a matrix for each estimator.
   */
  async transform(
    X: InputLike,
    options: RunOptions = {},
  ): Promise<Matrix<Float64Array> | readonly Matrix<Float64Array>[]> {
    const { classes } = this.fitted("transform");
    const isSoft = this.params.voting === "soft";
    const n = isSoft ? classes.length : 1;
    const tables = await (isSoft ? this.#probabilities("transform", X, options) : this.#codes("transform", X, options));
    if (!isSoft || this.params.flattenTransform) return columnsOf(tables, n, options.signal);
    return tables.map((table) => new Matrix(table, [table.length / n, n]));
  }

  /** fit, then transform of the same X. */
  async fitTransform(
    X: InputLike,
    y: VectorLike,
    options: EnsembleFitOptions = {},
  ): Promise<Matrix<Float64Array> | readonly Matrix<Float64Array>[]> {
    return (await this.fit(X, y, options)).transform(X, { signal: options.signal });
  }

  /**
   * Names of transform's columns: "votingclassifier_name", with soft voting and the number of the class behind.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT where transform gives matrices (flattenTransform: false).
   */
  getFeatureNamesOut(): string[] {
    const { classes } = this.fitted("getFeatureNamesOut");
    const names = this.used("getFeatureNamesOut").map(([name]) => `votingclassifier_${name}`);
    if (this.params.voting === "hard") return names;
    if (!this.params.flattenTransform) {
      throw invalidArgument("VotingClassifier.getFeatureNamesOut: with flattenTransform: false there are no columns");
    }
    return names.flatMap((name) => Array.from({ length: classes.length }, (_, k) => `${name}${k}`));
  }

  /** Accuracy of predict(X) against y. */
  async score(X: InputLike, y: VectorLike, options: EnsembleFitOptions = {}): Promise<number> {
    return accuracyScore(y, await this.predict(X, options), { sampleWeight: options.sampleWeight });
  }

  /** The labels y had, sorted. */
  get classes_(): LabelArray {
    return this.fitted("classes_").classes;
  }

  /** Places in classes_ of what each estimator predicts. */
  async #codes(method: string, X: InputLike, { signal }: RunOptions): Promise<Float64Array[]> {
    const { classes } = this.fitted(method);
    this.checkFeatures(method, inputShape(X, `VotingClassifier.${method}: X`));
    return workSideBySide(
      this.used(method).map(
        ([, estimator]) =>
          async (run: RunOptions) =>
            codesOf(await methodsOf(estimator).predict(X, run), classes, `VotingClassifier.${method}`),
      ),
      { nJobs: this.params.nJobs, signal },
    );
  }

  /** Probabilities of each estimator, rows × classes. */
  async #probabilities(method: string, X: InputLike, { signal }: RunOptions): Promise<Float64Array[]> {
    const { classes } = this.fitted(method);
    this.checkFeatures(method, inputShape(X, `VotingClassifier.${method}: X`));
    return workSideBySide(
      this.used(method).map(([name, estimator]) => async (run: RunOptions) => {
        if (!has(estimator, "predictProba")) {
          throw invalidArgument(
            `VotingClassifier.${method}: soft voting needs predictProba, which ${show(name)} does not have`,
          );
        }
        const model = methodsOf(estimator);
        return spreadColumns(await model.predictProba(X, run), model.classes_, classes);
      }),
      { nJobs: this.params.nJobs, signal },
    );
  }

  async #means(method: string, X: InputLike, options: RunOptions): Promise<Float64Array> {
    const { members } = this.fitted(method);
    const weights = votingWeights(members, this.params.weights, `VotingClassifier.${method}`);
    return weightedMeans(await this.#probabilities(method, X, options), weights, options.signal);
  }
}

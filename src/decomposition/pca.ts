import { effectiveNJobs } from "../base/config.js";
import { invalidArgument, invalidData, show } from "../base/errors.js";
import type { FittedBase } from "../base/estimator.js";
import { boolean, choice, custom, either, integer, randomState, type ParamSpecs } from "../base/params.js";
import { seedOf } from "../base/random.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { runJob, type RunOptions } from "../native/job.js";
import { minkaRank } from "./minka.js";
import { logLikelihoods } from "./likelihood.js";
import { PrincipalComponents, type ComponentsFitted } from "./principal-components.js";
import { flipSigns } from "./projection.js";
import {
  checkRows,
  covarianceSpectrum,
  exactSpectrum,
  momentsOf,
  randomizedSpectrum,
  type Spectrum,
  type Subject,
} from "./spectrum.js";

/** How the components are found. */
export type PCASolver = "auto" | "full" | "covarianceEigh" | "arpack" | "randomized";

/** Parameters of PCA. */
export interface PCAParams {
  /**
   * Components to keep. null (default): all, min(nSamples, nFeatures). A number in (0, 1): as many as explain more than
   * that share of the variance. "mle": as many as Minka's rule says.
   */
  nComponents: number | "mle" | null;
  /** Scale the transformed columns to variance 1. Default false. */
  whiten: boolean;
  /**
   * "covarianceEigh": eigenvalues of the covariance matrix; "full": singular values by QR of the table, twice the digits
   * for small components; "randomized": for few components of many features; "arpack": a name for "full" where components
   * are left out. "auto" (default) chooses as scikit-learn does.
   */
  svdSolver: PCASolver;
  /** Passes of the randomized solver. Default "auto": 7 for few components, else 4. */
  iteratedPower: number | "auto";
  /** Directions the randomized solver tries beyond nComponents. Default 10. */
  nOversamples: number;
  /** Seed of the randomized solver. Default null: another one each fit. */
  randomState: number | null;
}

const SPECS: ParamSpecs<PCAParams> = {
  nComponents: custom<number | "mle" | null>(
    null,
    'a non-negative integer, a number in (0, 1), "mle", or null',
    (value) =>
      value === null ||
      value === "mle" ||
      (typeof value === "number" && value >= 0 && (Number.isInteger(value) || value < 1)),
  ),
  whiten: boolean(false),
  svdSolver: choice<PCASolver>("auto", ["auto", "full", "covarianceEigh", "arpack", "randomized"]),
  iteratedPower: either<number, "auto">(integer(4, { min: 0 }), choice<"auto">("auto", ["auto"]), "auto"),
  nOversamples: integer(10, { min: 1 }),
  randomState: randomState(),
};

interface Fitted extends ComponentsFitted {
  readonly nSamples: number;
}

/** A spectrum with what it is a part of. */
interface Found extends Spectrum {
  readonly mean: Float64Array;
  /** Variance of the table; undefined: that of the spectrum, which is whole. */
  readonly totalVariance?: number;
}

/**
 * Principal component analysis: the directions of greatest variance, found from the centred table.
 * Follows scikit-learn's PCA, signs too (the entry of largest absolute value of each component is positive). The table is
 * read in one pass ("covarianceEigh", "full") or a few ("randomized") and never held: it may be larger than memory. The
 * result is the same, bit for bit, for any nJobs and any chunking of X.
 *
 * @example
 * const pca = new PCA({ nComponents: 2 });
 * const Z = await pca.fitTransform(X); // Matrix, nSamples × 2
 * console.log(pca.explainedVarianceRatio_);
 */
export class PCA extends PrincipalComponents<PCAParams, Fitted> {
  constructor(params: Partial<PCAParams> = {}) {
    super("PCA", SPECS, params);
  }

  /**
   * Finds the components. X: nSamples × nFeatures, finite, at least 2 rows.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, _y?: unknown, options: RunOptions = {}): Promise<this> {
    this.checkParams();
    const where = "PCA.fit";
    const source = rowSourceOf(X, `${where}: X`);
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = source;
    if (nFeaturesIn === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
    const found = await runJob(effectiveNJobs(), options, (job) =>
      this.#solve({ source, where, job, signal: options.signal }),
    );
    this.setFitted({ nFeaturesIn, featureNamesIn, ...this.#choose(found, nFeaturesIn) });
    return this;
  }

  /**
   * Log-likelihood of each row under the generative model: a normal distribution about the mean, with getCovariance(). The
   * rows are read chunk by chunk.
   *
   * @throws TreelineError ERR_INVALID_DATA, also where the model gives some direction no variance.
   */
  async scoreSamples(X: MatrixLike, options?: RunOptions): Promise<Float64Array> {
    const fitted = this.fitted("scoreSamples");
    const where = "PCA.scoreSamples";
    const source = rowSourceOf(X, `${where}: X`);
    this.checkFeatures("scoreSamples", source);
    this.checkInvertible("scoreSamples", fitted);
    return logLikelihoods(where, source, fitted, options);
  }

  /** The mean log-likelihood of the rows: see scoreSamples. */
  async score(X: MatrixLike, _y?: unknown, options?: RunOptions): Promise<number> {
    const values = await this.scoreSamples(X, options);
    if (values.length === 0) throw invalidData("PCA.score: X has 0 rows; at least 1 is needed");
    return sumOf(values) / values.length;
  }

  /** Rows seen in fit. */
  get nSamples_(): number {
    return this.fitted("nSamples_").nSamples;
  }

  async #solve(subject: Subject): Promise<Found> {
    const { source, where } = subject;
    const { svdSolver } = this.params;
    const knows = svdSolver === "full" || svdSolver === "arpack" || svdSolver === "covarianceEigh";
    const moments = knows || source.nRows !== undefined ? undefined : await momentsOf(subject);
    const rows = source.nRows ?? moments?.rows;
    if (rows !== undefined) checkRows(where, rows, 2);
    const solver = rows === undefined ? svdSolver : this.#solver(rows, source.nFeatures);
    if (solver === "covarianceEigh") return withRows(where, await covarianceSpectrum(subject));
    if (solver !== "randomized") return withRows(where, await exactSpectrum(subject, true));
    const { mean, variance, rows: n } = moments ?? (await momentsOf(subject));
    const rank = this.#truncatedRank(n, source.nFeatures);
    const { iteratedPower, nOversamples, randomState } = this.params;
    const nIter = iteratedPower === "auto" ? (rank < 0.1 * Math.min(n, source.nFeatures) ? 7 : 4) : iteratedPower;
    const options = { rank, nOversamples, nIter, seed: seedOf(randomState) };
    const spectrum = await randomizedSpectrum(subject, n, mean, options);
    return { ...spectrum, mean, totalVariance: variance.reduce((sum, v) => sum + v, 0) * (n / (n - 1)) };
  }

  /** What "auto" means for a table. */
  #solver(rows: number, nFeatures: number): PCASolver {
    const { svdSolver, nComponents } = this.params;
    if (svdSolver !== "auto") return svdSolver;
    if (nFeatures <= 1000 && rows >= 10 * nFeatures) return "covarianceEigh";
    if (Math.max(rows, nFeatures) <= 500 || nComponents === "mle") return "full";
    const wanted = nComponents ?? Math.min(rows, nFeatures);
    return wanted >= 1 && wanted < 0.8 * Math.min(rows, nFeatures) ? "randomized" : "full";
  }

  #truncatedRank(rows: number, nFeatures: number): number {
    const { nComponents } = this.params;
    const most = Math.min(rows, nFeatures);
    const rank = nComponents ?? most;
    if (typeof rank === "number" && Number.isInteger(rank) && rank >= 1 && rank <= most) return rank;
    throw invalidArgument(
      `PCA: nComponents must be an integer in 1 … ${most} (the smaller side of X) with svdSolver "randomized", got ${show(nComponents)}`,
    );
  }

  /** Keeps as many components as nComponents says. */
  #choose(found: Found, nFeatures: number): Omit<Fitted, keyof FittedBase> {
    const { rows, mean, totalVariance } = found;
    const most = Math.min(rows, nFeatures);
    const singular = found.singularValues.subarray(0, most);
    const variances = singular.map((value) => (value * value) / (rows - 1));
    const whole = variances.reduce((sum, v) => sum + v, 0);
    const total = totalVariance ?? whole;
    const ratios = variances.map((v) => (total > 0 ? v / total : 0));
    const count = this.#count(variances, ratios, rows, nFeatures);
    const kept = variances.slice(0, count);
    const rest = totalVariance === undefined ? sumOf(variances.subarray(count)) : total - sumOf(kept);
    const components = found.components.slice(0, count * nFeatures);
    flipSigns(components, nFeatures);
    return {
      nSamples: rows,
      mean,
      components,
      explainedVariance: kept,
      explainedVarianceRatio: ratios.slice(0, count),
      singularValues: singular.slice(0, count),
      noiseVariance: count < most ? Math.max(rest, 0) / (most - count) : 0,
    };
  }

  #count(variances: Float64Array, ratios: Float64Array, rows: number, nFeatures: number): number {
    const { nComponents, svdSolver } = this.params;
    const most = Math.min(rows, nFeatures);
    if (nComponents === null) return svdSolver === "arpack" ? Math.max(most - 1, 1) : variances.length;
    if (nComponents === "mle") {
      if (rows < nFeatures) {
        throw invalidData(
          `PCA.fit: nComponents "mle" needs at least as many rows as features: X is ${rows} × ${nFeatures}`,
        );
      }
      return nFeatures === 1 ? 1 : minkaRank(variances, rows);
    }
    if (nComponents > 0 && nComponents < 1) {
      let sum = 0;
      const at = ratios.findIndex((ratio) => (sum += ratio) > nComponents);
      return at < 0 ? ratios.length : at + 1;
    }
    if (nComponents <= most) return nComponents;
    throw invalidArgument(
      `PCA: nComponents must be at most ${most}, the smaller side of X (${rows} × ${nFeatures}), got ${nComponents}`,
    );
  }
}

function withRows<F extends Found>(where: string, found: F): F {
  checkRows(where, found.rows, 2);
  return found;
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

import { invalidData } from "../base/errors.js";
import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import type { CsrMatrix } from "../data/csr-matrix.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import type { FloatArray } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import { namesOf } from "../preprocessing/chunked-transformer.js";
import { csrOf } from "./csr-of.js";
import { idfOf, TFIDF_SPECS, weighted, type TfidfParams } from "./tfidf.js";

/** Parameters of TfidfTransformer. */
export type TfidfTransformerParams = TfidfParams;

interface Fitted extends FittedBase {
  readonly idf: FloatArray | undefined;
}

/**
 * Counts of terms weighed by how rare the terms are: scikit-learn's TfidfTransformer. Any table of numbers gives a CsrMatrix,
 * float32 of float32.
 *
 * @example const weights = await new TfidfTransformer().fitTransform([[3, 0, 1], [2, 0, 0], [3, 2, 0]]);
 */
export class TfidfTransformer extends BaseEstimator<TfidfTransformerParams, Fitted> {
  constructor(params: Partial<TfidfTransformerParams> = {}) {
    super("TfidfTransformer", TFIDF_SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "transformer", allowNaN: false, requiresY: false, sampleWeight: false };
  }

  /** Learns how rare terms are from counts, nDocuments × nTerms. @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA */
  async fit(X: MatrixLike, _y?: unknown, options: RunOptions = {}): Promise<this> {
    await this.#fit(X, "fit", options);
    return this;
  }

  /** The weights, nDocuments × nTerms. @throws TreelineError ERR_NOT_FITTED, ERR_INVALID_DATA */
  async transform(X: MatrixLike, { signal }: RunOptions = {}): Promise<CsrMatrix> {
    const { idf } = this.fitted("transform");
    const where = "TfidfTransformer.transform";
    this.checkFeatures("transform", rowSourceOf(X, `${where}: X`));
    return weighted(await csrOf(X, where, signal), idf, this.params, where, signal);
  }

  /** fit, then transform of the same X. */
  async fitTransform(X: MatrixLike, _y?: unknown, options: RunOptions = {}): Promise<CsrMatrix> {
    const { table, idf } = await this.#fit(X, "fitTransform", options);
    return weighted(table, idf, this.params, "TfidfTransformer.fitTransform", options.signal);
  }

  /** 1 + log(documents / documents with the term) by column; undefined where useIdf was false. */
  get idf_(): FloatArray | undefined {
    return this.fitted("idf_").idf;
  }

  /** Names of the columns: those of fit, or x0, x1, … @throws TreelineError ERR_NOT_FITTED, ERR_INVALID_ARGUMENT */
  getFeatureNamesOut(inputFeatures?: readonly string[]): string[] {
    return namesOf("TfidfTransformer", this.fitted("getFeatureNamesOut"), inputFeatures);
  }

  async #fit(
    X: MatrixLike,
    method: string,
    { signal }: RunOptions,
  ): Promise<{ readonly table: CsrMatrix; readonly idf: FloatArray | undefined }> {
    this.checkParams();
    const where = `TfidfTransformer.${method}`;
    const { useIdf, smoothIdf } = this.params;
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = rowSourceOf(X, `${where}: X`);
    const table = await csrOf(X, where, signal);
    if (table.rows === 0) throw invalidData(`${where}: X has 0 rows; at least 1 is needed`);
    const idf = useIdf ? await idfOf(table, smoothIdf, signal) : undefined;
    signal?.throwIfAborted();
    this.setFitted({ nFeaturesIn, featureNamesIn, idf });
    return { table, idf };
  }
}

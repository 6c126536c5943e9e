import type { FittedBase } from "../base/estimator.js";
import { boolean, integer, type ParamSpecs } from "../base/params.js";
import type { CsrMatrix } from "../data/csr-matrix.js";
import type { DocumentsLike } from "../data/documents.js";
import type { RunOptions } from "../native/job.js";
import { analyzerOf, warnOfParams } from "./analyzer.js";
import { murmurHash3 } from "./murmur-hash.js";
import { readTerms, TermCounter } from "./term-counter.js";
import { TextEstimator } from "./text-estimator.js";
import { TEXT_SPECS, type TextParams } from "./text-params.js";
import { normalizeRows, normSpec, type Norm } from "./tfidf.js";

/** Parameters of HashingVectorizer. */
export interface HashingVectorizerParams extends TextParams {
  /** Columns. Default 2^20. */
  nFeatures: number;
  /** What becomes 1 in every row: the sum of squares "l2" (default) or of absolute values "l1"; null: rows stay. */
  norm: Norm;
  /** Half of the terms count down, so that those of one column cancel out on average. Default true. */
  alternateSign: boolean;
}

const SPECS: ParamSpecs<HashingVectorizerParams> = {
  ...TEXT_SPECS,
  nFeatures: integer(2 ** 20, { min: 1, max: 2 ** 31 - 1 }),
  norm: normSpec(),
  alternateSign: boolean(true),
};

/**
 * Counts of terms by document in columns that a hash of the term says: scikit-learn's HashingVectorizer. There is nothing to
 * learn, to keep or to merge, and no way back to the terms; different terms may share a column. transform needs no fit.
 *
 * @example
 * const hashed = await new HashingVectorizer({ nFeatures: 2 ** 18 }).transform(["The cat sat.", "The cat sat on the mat."]);
 */
export class HashingVectorizer extends TextEstimator<HashingVectorizerParams, FittedBase> {
  constructor(params: Partial<HashingVectorizerParams> = {}) {
    super("HashingVectorizer", SPECS, params);
  }

  /** Checks the parameters; the documents are not read. @throws TreelineError ERR_INVALID_ARGUMENT */
  async fit(_X?: DocumentsLike, _y?: unknown, { signal }: RunOptions = {}): Promise<this> {
    this.checkParams();
    signal?.throwIfAborted();
    analyzerOf(this.params, "HashingVectorizer.fit");
    warnOfParams(this.params, "HashingVectorizer.fit");
    this.setFitted({ nFeaturesIn: 1, featureNamesIn: undefined });
    return Promise.resolve(this);
  }

  /** fit: there is nothing to learn. @throws TreelineError ERR_INVALID_ARGUMENT */
  async partialFit(X?: DocumentsLike, y?: unknown, options: RunOptions = {}): Promise<this> {
    return this.fit(X, y, options);
  }

  /** The hashed counts: nDocuments × nFeatures. @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA */
  async transform(X: DocumentsLike, { signal }: RunOptions = {}): Promise<CsrMatrix> {
    this.checkParams();
    const { nFeatures, norm, alternateSign, binary, dtype } = this.params;
    const where = "HashingVectorizer.transform";
    let hash = 0;
    const columnOf = (term: string): number => Math.abs((hash = murmurHash3(term))) % nFeatures;
    const counter = new TermCounter(columnOf, binary, () => (alternateSign && hash < 0 ? -1 : 1));
    await readTerms(X, analyzerOf(this.params, where), counter, where, signal);
    const counts = await counter.matrix(nFeatures, dtype, undefined, signal);
    return normalizeRows(counts, norm, signal);
  }

  /** fit, then transform of the same X, which is read once. @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA */
  async fitTransform(X: DocumentsLike, y?: unknown, options: RunOptions = {}): Promise<CsrMatrix> {
    return (await this.fit(X, y, options)).transform(X, options);
  }
}

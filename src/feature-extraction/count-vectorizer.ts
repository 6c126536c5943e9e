import type { CsrMatrix } from "../data/csr-matrix.js";
import type { DocumentsLike } from "../data/documents.js";
import type { RunOptions } from "../native/job.js";
import {
  COUNT_SPECS,
  VocabularyVectorizer,
  type VocabularyFitted,
  type VocabularyParams,
} from "./vocabulary-vectorizer.js";

/** Parameters of CountVectorizer. */
export type CountVectorizerParams = VocabularyParams;

/**
 * Counts of terms (words, n-grams of words or of characters) by document: scikit-learn's CountVectorizer. Documents are an array
 * of strings, an Arrow vector, a Frame's column, a table of one column, or any iterable of strings, which is read once.
 * Columns are the terms of fit's documents, sorted as Python sorts strings.
 *
 * Unlike there, maxDf: 1 is all documents and minDf: 1 is one document: JavaScript does not tell 1 from 1.0. Functions among the
 * parameters cannot be saved.
 *
 * @example
 * const texts = ["The cat sat.", "The cat sat on the mat."];
 * const counts = await new CountVectorizer().fitTransform(texts); // 2 × 5: cat, mat, on, sat, the
 */
export class CountVectorizer extends VocabularyVectorizer<CountVectorizerParams, VocabularyFitted> {
  constructor(params: Partial<CountVectorizerParams> = {}) {
    super("CountVectorizer", COUNT_SPECS, params);
  }

  /**
   * Learns the vocabulary.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT; ERR_INVALID_DATA for a document that is no string, and where no term is found or left.
   */
  async fit(X: DocumentsLike, _y?: unknown, options: RunOptions = {}): Promise<this> {
    await this.#fit(X, "fit", options);
    return this;
  }

  /** Learns the vocabulary and gives the counts: nDocuments × nTerms. The documents are read once. @throws TreelineError as fit */
  async fitTransform(X: DocumentsLike, _y?: unknown, options: RunOptions = {}): Promise<CsrMatrix> {
    return this.#fit(X, "fitTransform", options);
  }

  /** Counts of the known terms: nDocuments × nTerms. A given vocabulary needs no fit. @throws TreelineError ERR_NOT_FITTED, ERR_INVALID_DATA */
  async transform(X: DocumentsLike, options: RunOptions = {}): Promise<CsrMatrix> {
    return this.countKnown(X, "transform", options);
  }

  async #fit(X: DocumentsLike, method: string, options: RunOptions): Promise<CsrMatrix> {
    const { terms, counts } = await this.learnCounts(X, method, options);
    this.setFitted({ nFeaturesIn: 1, featureNamesIn: undefined, terms });
    return counts;
  }
}

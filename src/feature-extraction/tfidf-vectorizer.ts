import type { ParamSpecs } from "../base/params.js";
import type { CsrMatrix } from "../data/csr-matrix.js";
import type { DocumentsLike } from "../data/documents.js";
import type { FloatArray } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import { idfOf, TFIDF_SPECS, weighted, type TfidfParams } from "./tfidf.js";
import {
  COUNT_SPECS,
  VocabularyVectorizer,
  type VocabularyFitted,
  type VocabularyParams,
} from "./vocabulary-vectorizer.js";

/** Parameters of TfidfVectorizer. */
export interface TfidfVectorizerParams extends VocabularyParams, TfidfParams {}

const SPECS: ParamSpecs<TfidfVectorizerParams> = { ...COUNT_SPECS, ...TFIDF_SPECS };

interface Fitted extends VocabularyFitted {
  readonly idf: FloatArray | undefined;
}

/**
 * Documents as weights of their terms: CountVectorizer, then TfidfTransformer, in one; scikit-learn's TfidfVectorizer.
 *
 * @example
 * const spam = makePipeline(new TfidfVectorizer({ stopWords: "english" }), new LogisticRegression());
 * await spam.fit(["cheap pills now", "lunch at noon?"], ["spam", "ham"]);
 */
export class TfidfVectorizer extends VocabularyVectorizer<TfidfVectorizerParams, Fitted> {
  constructor(params: Partial<TfidfVectorizerParams> = {}) {
    super("TfidfVectorizer", SPECS, params);
  }

  /** Learns the vocabulary and how rare its terms are. @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA */
  async fit(X: DocumentsLike, _y?: unknown, options: RunOptions = {}): Promise<this> {
    this.setFitted((await this.#learn(X, "fit", options)).fitted);
    return this;
  }

  /** fit, then the weights of the same documents, which are read once: nDocuments × nTerms. */
  async fitTransform(X: DocumentsLike, _y?: unknown, options: RunOptions = {}): Promise<CsrMatrix> {
    const { fitted, counts } = await this.#learn(X, "fitTransform", options);
    const weights = await weighted(counts, fitted.idf, this.params, "TfidfVectorizer.fitTransform", options.signal);
    this.setFitted(fitted);
    return weights;
  }

  /** The weights of the known terms: nDocuments × nTerms. @throws TreelineError ERR_NOT_FITTED, ERR_INVALID_DATA */
  async transform(X: DocumentsLike, options: RunOptions = {}): Promise<CsrMatrix> {
    const { idf } = this.fitted("transform");
    const counts = await this.countKnown(X, "transform", options);
    return weighted(counts, idf, this.params, "TfidfVectorizer.transform", options.signal);
  }

  /** 1 + log(documents / documents with the term) by column; undefined where useIdf was false. */
  get idf_(): FloatArray | undefined {
    return this.fitted("idf_").idf;
  }

  async #learn(
    X: DocumentsLike,
    method: string,
    options: RunOptions,
  ): Promise<{ readonly fitted: Fitted; readonly counts: CsrMatrix }> {
    const { terms, counts } = await this.learnCounts(X, method, options);
    const { useIdf, smoothIdf } = this.params;
    const idf = useIdf ? await idfOf(counts, smoothIdf, options.signal) : undefined;
    options.signal?.throwIfAborted();
    return { fitted: { nFeaturesIn: 1, featureNamesIn: undefined, terms, idf }, counts };
  }
}

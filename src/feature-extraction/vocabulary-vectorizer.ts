import { invalidData, notFitted } from "../base/errors.js";
import type { FittedBase } from "../base/estimator.js";
import type { ParamSpecs } from "../base/params.js";
import type { CsrMatrix } from "../data/csr-matrix.js";
import type { DocumentsLike } from "../data/documents.js";
import type { MatrixLike } from "../data/row-source-of.js";
import type { RunOptions } from "../native/job.js";
import { analyzerOf, warnOfParams } from "./analyzer.js";
import { csrOf } from "./csr-of.js";
import { readTerms, TermCounter } from "./term-counter.js";
import { TextEstimator } from "./text-estimator.js";
import { TEXT_SPECS, type TextParams } from "./text-params.js";
import { givenTerms, limited, VOCABULARY_SPECS, warnOfUppercase, type Limits, type Vocabulary } from "./vocabulary.js";

/** Parameters of the vectorizers that learn a vocabulary. */
export interface VocabularyParams extends TextParams, Limits {
  /** Leave out terms of more documents than this: a share of them up to 1, a number of them above. Default 1: none. */
  maxDf: number;
  /** Leave out terms of fewer documents than this: a share of them below 1, a number of them from 1 on. Default 1: none. */
  minDf: number;
  /** Keep so many terms, the most frequent ones. Default null: all. */
  maxFeatures: number | null;
  /** The terms, in place of those of fit's documents; they are not limited. Default null. */
  vocabulary: Vocabulary | null;
}

/** The rules of their parameters. */
export const COUNT_SPECS: ParamSpecs<VocabularyParams> = { ...TEXT_SPECS, ...VOCABULARY_SPECS };

/** What they learn. */
export interface VocabularyFitted extends FittedBase {
  /** Terms by column. */
  readonly terms: readonly string[];
}

/** Vectorizers with a vocabulary: counts of terms by document, and the way back. */
export abstract class VocabularyVectorizer<
  P extends VocabularyParams,
  F extends VocabularyFitted,
> extends TextEstimator<P, F> {
  /** Columns by term, of the terms they were made from. */
  #columns: { readonly terms: readonly string[]; readonly byTerm: ReadonlyMap<string, number> } | undefined;

  /** The way back: the terms of every row, in the order of their columns; how often they occur is lost. */
  async inverseTransform(X: MatrixLike, options: RunOptions = {}): Promise<string[][]> {
    const { terms } = this.knownTerms("inverseTransform");
    const where = `${this.className}.inverseTransform`;
    const table = await csrOf(X, where, options.signal);
    if (table.cols !== terms.length) {
      throw invalidData(`${where}: X has ${table.cols} columns, but there are ${terms.length} terms`);
    }
    return Array.from({ length: table.rows }, (_, i) => {
      const { indices, values } = table.row(i);
      return Array.from(
        indices.filter((_, k) => values[k] !== 0),
        (column) => column,
      ).map((j) => terms[j] as string);
    });
  }

  /** The terms, in the order of their columns. @throws TreelineError ERR_NOT_FITTED */
  getFeatureNamesOut(_inputFeatures?: readonly string[]): readonly string[] {
    return this.knownTerms("getFeatureNamesOut").terms;
  }

  /** The column of every term. @throws TreelineError ERR_NOT_FITTED */
  get vocabulary_(): ReadonlyMap<string, number> {
    return this.#byTerm(this.knownTerms("vocabulary_").terms);
  }

  /** Whether the vocabulary was given. @throws TreelineError ERR_NOT_FITTED */
  get fixedVocabulary_(): boolean {
    this.knownTerms("fixedVocabulary_");
    return this.params.vocabulary !== null;
  }

  /** The terms of fit, or given ones, which need no fit. */
  protected knownTerms(what: string): { readonly terms: readonly string[] } {
    const fitted = this.fittedOrUndefined;
    if (fitted !== undefined) return fitted;
    if (this.params.vocabulary === null) throw notFitted(this.className, what);
    this.checkParams();
    return { terms: givenTerms(this.params.vocabulary, `${this.className}.${what}`) };
  }

  /** The vocabulary of documents, and how often its terms occur in them. The first thing that a fit does. */
  protected async learnCounts(
    X: DocumentsLike,
    method: string,
    { signal }: RunOptions,
  ): Promise<{ readonly terms: readonly string[]; readonly counts: CsrMatrix }> {
    this.checkParams();
    const { params } = this;
    const where = `${this.className}.${method}`;
    const analyze = analyzerOf(params, where);
    const given = params.vocabulary === null ? undefined : givenTerms(params.vocabulary, where);
    warnOfParams(params, where);
    if (given !== undefined) {
      if (params.lowercase) warnOfUppercase(given, where);
      return { terms: given, counts: await this.#counts(X, given, where, signal) };
    }
    const byTerm = new Map<string, number>();
    const counter = new TermCounter((term) => {
      let column = byTerm.get(term);
      if (column === undefined) byTerm.set(term, (column = byTerm.size));
      return column;
    }, params.binary);
    await readTerms(X, analyze, counter, where, signal);
    const { columns, counts, rows } = counter;
    const { terms, target } = await limited([...byTerm.keys()], columns, counts, rows, params, where, signal);
    return { terms, counts: await counter.matrix(terms.length, params.dtype, target, signal) };
  }

  /** How often the known terms occur in documents: nDocuments × nTerms. */
  protected async countKnown(X: DocumentsLike, method: string, { signal }: RunOptions): Promise<CsrMatrix> {
    return this.#counts(X, this.knownTerms(method).terms, `${this.className}.${method}`, signal);
  }

  async #counts(
    X: DocumentsLike,
    terms: readonly string[],
    where: string,
    signal: AbortSignal | undefined,
  ): Promise<CsrMatrix> {
    const byTerm = this.#byTerm(terms);
    const counter = new TermCounter((term) => byTerm.get(term) ?? -1, this.params.binary);
    await readTerms(X, analyzerOf(this.params, where), counter, where, signal);
    return counter.matrix(terms.length, this.params.dtype, undefined, signal);
  }

  #byTerm(terms: readonly string[]): ReadonlyMap<string, number> {
    if (this.#columns?.terms !== terms) {
      this.#columns = { terms, byTerm: new Map(terms.map((term, column) => [term, column])) };
    }
    return this.#columns.byTerm;
  }
}

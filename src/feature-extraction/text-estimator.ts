import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { analyzerOf, preprocessorOf, stopWordsOf, wordsOf, type Analyzer } from "./analyzer.js";
import type { TextParams } from "./text-params.js";

/** What all text vectorizers have: X is documents, and how they are read can be asked for. */
export abstract class TextEstimator<P extends TextParams, F extends FittedBase> extends BaseEstimator<P, F> {
  get tags(): EstimatorTags {
    return { kind: "transformer", allowNaN: false, requiresY: false, sampleWeight: false, documents: true };
  }

  /** The function that gives the terms of a document. @throws TreelineError ERR_INVALID_ARGUMENT */
  buildAnalyzer(): Analyzer {
    this.checkParams();
    return analyzerOf(this.params, `${this.className}.buildAnalyzer`);
  }

  /** The function that makes of a document the text in which words are looked for. @throws TreelineError ERR_INVALID_ARGUMENT */
  buildPreprocessor(): (document: string) => string {
    this.checkParams();
    return preprocessorOf(this.params);
  }

  /** The function that gives the words of a text. @throws TreelineError ERR_INVALID_ARGUMENT */
  buildTokenizer(): (text: string) => Iterable<string> {
    this.checkParams();
    return wordsOf(this.params, `${this.className}.buildTokenizer`);
  }

  /** The words that are left out; null: none. @throws TreelineError ERR_INVALID_ARGUMENT */
  getStopWords(): ReadonlySet<string> | null {
    this.checkParams();
    return stopWordsOf(this.params);
  }
}

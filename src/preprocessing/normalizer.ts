import type { FittedBase } from "../base/estimator.js";
import { choice, number, type ParamSpecs } from "../base/params.js";
import type { ChunkedMatrix } from "../chunked/chunked-matrix.js";
import { where } from "../chunked/elementwise.js";
import { ChunkedTransformer } from "./chunked-transformer.js";
import type { EstimatorTags } from "../base/estimator.js";

/** Parameters of Normalizer. */
export interface NormalizerParams {
  /** What becomes 1: the sum of squares "l2" (default), of absolute values "l1", or the largest "max". */
  norm: "l1" | "l2" | "max";
}

const NORMALIZER: ParamSpecs<NormalizerParams> = { norm: choice("l2", ["l1", "l2", "max"]) };

/** Scales every row to a norm of 1: scikit-learn's Normalizer. Rows of zeros stay. There is nothing to learn. */
export class Normalizer extends ChunkedTransformer<NormalizerParams, FittedBase> {
  constructor(params: Partial<NormalizerParams> = {}) {
    super("Normalizer", NORMALIZER, params);
  }

  override get tags(): EstimatorTags {
    return { kind: "transformer", allowNaN: false, requiresY: false, sampleWeight: false };
  }

  protected override learn(): Promise<object> {
    return Promise.resolve({});
  }

  protected override apply(X: ChunkedMatrix): ChunkedMatrix {
    const { norm } = this.params;
    const lengths =
      norm === "l2" ? X.norm({ axis: 1 }) : norm === "l1" ? X.abs().sum({ axis: 1 }) : X.abs().max({ axis: 1 });
    return X.divide(where(lengths.equal(0), 1, lengths));
  }
}

/** Parameters of Binarizer. */
export interface BinarizerParams {
  /** Values above it become 1, others 0. Default 0. */
  threshold: number;
}

/** 1 for values above a threshold, else 0: scikit-learn's Binarizer. There is nothing to learn. */
export class Binarizer extends ChunkedTransformer<BinarizerParams, FittedBase> {
  constructor(params: Partial<BinarizerParams> = {}) {
    super("Binarizer", { threshold: number(0) }, params);
  }

  override get tags(): EstimatorTags {
    return { kind: "transformer", allowNaN: false, requiresY: false, sampleWeight: false };
  }

  protected override learn(): Promise<object> {
    return Promise.resolve({});
  }

  protected override apply(X: ChunkedMatrix): ChunkedMatrix {
    return X.greater(this.params.threshold);
  }
}

import { boolean, custom, integer, nullable, number, type ParamSpecs } from "../base/params.js";

/** Which features hold categories: a mask, indices or names. */
export type FeatureChoice = readonly boolean[] | readonly number[] | readonly string[];

/** What a split may be: parameters that every boosting estimator has. */
export interface SplitParams {
  /**
   * Features that are categories, not quantities: a mask, their indices or names; "fromDtype" (default): the columns of
   * strings (Arrow dictionaries, categories of a Frame); null: none. Names are matched by name when predicting, in whatever
   * order they come; numbers are codes 0, 1, 2, …. Any number of categories is allowed: if there are more than maxBins, the
   * ones with the fewest rows share a bin. A category that fit did not see belongs to that bin or, if there is none, counts
   * as missing.
   */
  categoricalFeatures: "fromDtype" | FeatureChoice | null;
  /**
   * 1: the prediction may only rise with the feature, -1: only fall, 0: free; one number a feature, or { name: number }.
   * For one output and numerical features. Default null.
   */
  monotonicCst: readonly number[] | Readonly<Record<string, number>> | null;
  /**
   * Which features may meet on a path from the root to a leaf: "pairwise": two, "noInteractions": one, or sets of indices or
   * names (features in none of them are one more set). Default null: all.
   */
  interactionCst: "pairwise" | "noInteractions" | readonly (readonly (number | string)[])[] | null;
  /** L1 penalty on leaf values (LightGBM's lambda_l1). Default 0. */
  l1Regularization: number;
  /** Largest absolute value of a leaf before learningRate (LightGBM's max_delta_step); 0: no limit. Default 0. */
  maxDeltaStep: number;
  /** A leaf of so many rows has half its own value, half its parent's (LightGBM's path_smooth). Default 0. */
  pathSmooth: number;
  /** Share of the features, drawn anew, that a node looks at (LightGBM's feature_fraction_bynode). Default 1. */
  maxFeatures: number;
  /** Share of the features, drawn anew, that a tree looks at (LightGBM's feature_fraction); others are not added up. Default 1. */
  maxFeaturesPerTree: number;
  /** Try one random threshold a feature (LightGBM's extra_trees). Default false. */
  extraTrees: boolean;
  /** Categories with fewer rows in a node are not told apart there; also smooths their order. Default 10. */
  catSmooth: number;
  /** L2 penalty besides l2Regularization for splits by sets of categories (LightGBM: 10). Default 0. */
  catL2: number;
  /** Features of up to so many categories are split one against the rest (LightGBM: 4). Default 1: none. */
  maxCatToOnehot: number;
  /** Most categories on the smaller side of a split (LightGBM: 32). Default null: any number. */
  maxCatThreshold: number | null;
  /** Categories are added to a side in groups of at least so many rows (LightGBM: 100). Default 1. */
  minDataPerGroup: number;
}

function isListOf(type: string, value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === type);
}

const share = (): ReturnType<typeof number> => number(1, { min: 0, max: 1, exclusiveMin: true });

/** Defaults and rules of SplitParams. */
export const SPLIT_SPECS: ParamSpecs<SplitParams> = {
  categoricalFeatures: custom<SplitParams["categoricalFeatures"]>(
    "fromDtype",
    '"fromDtype", an array of booleans (one a feature), of indices or of names, or null',
    (value) =>
      value === null ||
      value === "fromDtype" ||
      isListOf("boolean", value) ||
      isListOf("number", value) ||
      isListOf("string", value),
  ),
  monotonicCst: custom<SplitParams["monotonicCst"]>(
    null,
    "an array of -1, 0 and 1 (one a feature), an object { name: -1, 0 or 1 }, or null",
    (value) =>
      value === null ||
      (typeof value === "object" && Object.values(value).every((sign) => sign === -1 || sign === 0 || sign === 1)),
  ),
  interactionCst: custom<SplitParams["interactionCst"]>(
    null,
    '"pairwise", "noInteractions", an array of arrays of indices or names, or null',
    (value) =>
      value === null ||
      value === "pairwise" ||
      value === "noInteractions" ||
      (Array.isArray(value) &&
        value.every(
          (set: unknown) =>
            Array.isArray(set) && set.every((item) => typeof item === "number" || typeof item === "string"),
        )),
  ),
  l1Regularization: number(0, { min: 0 }),
  maxDeltaStep: number(0, { min: 0 }),
  pathSmooth: number(0, { min: 0 }),
  maxFeatures: share(),
  maxFeaturesPerTree: share(),
  extraTrees: boolean(false),
  catSmooth: number(10, { min: 0 }),
  catL2: number(0, { min: 0 }),
  maxCatToOnehot: integer(1, { min: 1 }),
  maxCatThreshold: nullable(integer(1, { min: 1 })),
  minDataPerGroup: integer(1, { min: 1 }),
};

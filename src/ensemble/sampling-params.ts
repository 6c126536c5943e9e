import { boolean, choice, integer, number, type ParamSpecs } from "../base/params.js";
import { invalidArgument } from "../base/errors.js";

/** Which rows and which earlier trees an iteration learns from. Names and meaning are LightGBM's. */
export interface SamplingParams {
  /**
   * "gbdt": every tree corrects all before it. "goss": trees learn from the rows with large gradients and a sample of the
   * others (after the first 1 / learningRate iterations). "dart": earlier trees are dropped at random while the next is
   * fitted, and all weigh less afterwards. Default "gbdt".
   */
  boostingType: "gbdt" | "dart" | "goss";
  /** Share of the rows each tree learns from, drawn row by row. Default 1. */
  subsample: number;
  /** Iterations that share a sample. Default 1. */
  subsampleFreq: number;
  /** GOSS: share of the rows with the largest gradients, all of them used. Default 0.2. */
  topRate: number;
  /** GOSS: share of the rows drawn from the others. Default 0.1. */
  otherRate: number;
  /** DART: share of the earlier iterations that are dropped. Default 0.1. */
  dropRate: number;
  /** DART: most iterations dropped at once; 0: no limit. Default 50. */
  maxDrop: number;
  /** DART: probability that an iteration drops nothing. Default 0.5. */
  skipDrop: number;
  /** DART: drop all iterations alike, not in proportion to what they weigh. Default false. */
  uniformDrop: boolean;
  /** DART: weigh as XGBoost does. Default false. */
  xgboostDartMode: boolean;
}

const share = (fallback: number): ReturnType<typeof number> => number(fallback, { min: 0, max: 1 });

/** Defaults and rules of SamplingParams. */
export const SAMPLING_SPECS: ParamSpecs<SamplingParams> = {
  boostingType: choice("gbdt", ["gbdt", "dart", "goss"]),
  subsample: number(1, { min: 0, max: 1, exclusiveMin: true }),
  subsampleFreq: integer(1, { min: 1 }),
  topRate: share(0.2),
  otherRate: share(0.1),
  dropRate: share(0.1),
  maxDrop: integer(50, { min: 0 }),
  skipDrop: share(0.5),
  uniformDrop: boolean(false),
  xgboostDartMode: boolean(false),
};

/** What of them goes over the seam. @throws TreelineError ERR_INVALID_ARGUMENT for what excludes each other. */
export function samplingOptions(where: string, params: SamplingParams): SamplingParams {
  const { boostingType, subsample, subsampleFreq, topRate, otherRate } = params;
  if (boostingType === "goss" && (subsample < 1 || topRate + otherRate > 1 || topRate + otherRate === 0)) {
    throw invalidArgument(
      `${where}: boostingType "goss" needs subsample 1 and topRate + otherRate above 0 and at most 1, got ${subsample}, ` +
        `${topRate} and ${otherRate}`,
    );
  }
  const { dropRate, maxDrop, skipDrop, uniformDrop, xgboostDartMode } = params;
  const dart = { dropRate, maxDrop, skipDrop, uniformDrop, xgboostDartMode };
  return { boostingType, subsample, subsampleFreq, topRate, otherRate, ...dart };
}

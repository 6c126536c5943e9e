import { invalidArgument, invalidData, show } from "../base/errors.js";
import { refuseUnknown } from "../base/params.js";
import { encodeLabels, readTarget, type Label, type VectorLike } from "../data/vector.js";

/** Options of calibrationCurve. */
export interface CalibrationCurveOptions {
  /** The label that counts as positive. Default: the greater of two. */
  readonly posLabel?: Label | undefined;
  /** Number of bins. Default 5. */
  readonly nBins?: number | undefined;
  /** Bins of equal width ("uniform", default) or of equally many rows ("quantile"). */
  readonly strategy?: "uniform" | "quantile" | undefined;
}

/** What calibrationCurve gives: a point for each bin that has rows. */
export interface CalibrationCurve {
  /** Share of positives. */
  readonly probTrue: Float64Array;
  /** Mean probability. */
  readonly probPred: Float64Array;
}

/**
 * How often what was given a probability came true: scikit-learn's calibration_curve.
 *
 * @example const { probTrue, probPred } = await calibrationCurve(yTest, proba.column(1), { nBins: 10 });
 * @throws TreelineError ERR_INVALID_DATA for probabilities outside of 0 … 1 or more than two labels; ERR_INVALID_ARGUMENT
 */
export async function calibrationCurve(
  yTrue: VectorLike,
  yProb: VectorLike,
  options: CalibrationCurveOptions = {},
): Promise<CalibrationCurve> {
  const where = "calibrationCurve";
  Object.keys(options).forEach((key) => refuseUnknown(where, key, ["posLabel", "nBins", "strategy"], "option"));
  const { nBins = 5, strategy = "uniform", posLabel } = options;
  if (!Number.isInteger(nBins) || nBins < 1) {
    throw invalidArgument(`${where}: nBins must be a positive integer, got ${show(nBins)}`);
  }
  if (strategy !== "uniform" && strategy !== "quantile") {
    throw invalidArgument(`${where}: strategy must be "uniform" or "quantile", got ${show(strategy)}`);
  }
  const { classes, codes } = await encodeLabels(yTrue, `${where}: yTrue`);
  const probabilities = await readTarget(yProb, `${where}: yProb`);
  if (probabilities.length !== codes.length) {
    throw invalidData(`${where}: yProb has ${probabilities.length} values, but yTrue has ${codes.length}`);
  }
  if (classes.length > 2) throw invalidData(`${where}: yTrue has ${classes.length} labels, and at most 2 are possible`);
  const odd = probabilities.findIndex((p) => p < 0 || p > 1);
  if (odd >= 0) throw invalidData(`${where}: yProb must be in 0 … 1, got ${probabilities[odd]} in row ${odd}`);
  const positive = posLabel === undefined ? classes.length - 1 : (classes as unknown[]).indexOf(posLabel);
  if (positive < 0) throw invalidArgument(`${where}: posLabel ${show(posLabel)} is not a label of yTrue`);
  const sorted = strategy === "quantile" ? probabilities.slice().sort() : undefined;
  const inner = Array.from({ length: nBins - 1 }, (_, k) => {
    if (sorted === undefined) return (k + 1) / nBins;
    const at = ((k + 1) / nBins) * (sorted.length - 1);
    const low = sorted[Math.floor(at)] as number;
    return low + ((sorted[Math.ceil(at)] as number) - low) * (at - Math.floor(at));
  });
  const [sums, trues, counts] = [new Float64Array(nBins), new Float64Array(nBins), new Float64Array(nBins)];
  probabilities.forEach((p, i) => {
    let bin = 0;
    while (bin < inner.length && p > (inner[bin] as number)) bin++; // numpy.searchsorted
    sums[bin] = (sums[bin] as number) + p;
    trues[bin] = (trues[bin] as number) + (codes[i] === positive ? 1 : 0);
    counts[bin] = (counts[bin] as number) + 1;
  });
  const filled = Array.from(counts, (_, bin) => bin).filter((bin) => (counts[bin] as number) > 0);
  const share = (of: Float64Array): Float64Array =>
    Float64Array.from(filled, (bin) => (of[bin] as number) / (counts[bin] as number));
  return { probTrue: share(trues), probPred: share(sums) };
}

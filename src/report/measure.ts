/** A number by which models are compared: a column of the table. */
export interface Measure {
  /** Its key in the rows of `results`. */
  readonly key: string;
  readonly label: string;
  /** What it is, for those who hover or listen. */
  readonly meaning: string;
  /** Which end is the better one; undefined: neither. */
  readonly better?: "high" | "low";
  /** Digits behind the point; undefined: four that count. */
  readonly digits?: number;
  /** Lies in 0 … 1: a bar behind the number shows how much of it. */
  readonly share?: boolean;
}

/** How one model did. A measure that it does not have is undefined. */
export interface ModelRow {
  readonly model: string;
  /** Seconds of its fit, where they are known. */
  readonly fitSeconds: number | undefined;
  /** Seconds to score all rows. */
  readonly predictSeconds: number;
  readonly [measure: string]: number | string | undefined;
}

export const SECONDS: readonly Measure[] = [
  { key: "fitSeconds", label: "Fit s", meaning: "Seconds of the fit", better: "low", digits: 2 },
  { key: "predictSeconds", label: "Predict s", meaning: "Seconds to score all rows", better: "low", digits: 3 },
];

export const BINARY: readonly Measure[] = [
  { key: "rocAuc", label: "ROC-AUC", meaning: "Area under the ROC curve", better: "high", digits: 4, share: true },
  {
    key: "averagePrecision",
    label: "Average precision",
    meaning: "Area under the precision-recall curve, as steps",
    better: "high",
    digits: 4,
    share: true,
  },
  {
    key: "f1",
    label: "F1 at 0.5",
    meaning: "F1 of what predict decides: at probability 0.5, or at the threshold that the model has of its own",
    better: "high",
    digits: 3,
    share: true,
  },
  { key: "bestF1", label: "Best F1", meaning: "Best F1 of any threshold", better: "high", digits: 3, share: true },
  { key: "bestThreshold", label: "at", meaning: "The threshold of the best F1" },
  {
    key: "recallAtPrecision90",
    label: "Recall at precision 0.9",
    meaning: "Greatest recall of a threshold whose precision is at least 0.9",
    better: "high",
    digits: 3,
    share: true,
  },
  {
    key: "matthewsCorrcoef",
    label: "MCC",
    meaning: "Matthews correlation coefficient of what predict decides",
    better: "high",
    digits: 3,
  },
  { key: "brierScore", label: "Brier", meaning: "Mean squared error of the probabilities", better: "low" },
  { key: "logLoss", label: "Log loss", meaning: "Mean negative log-likelihood of the probabilities", better: "low" },
];

export const MULTICLASS: readonly Measure[] = [
  { key: "accuracy", label: "Accuracy", meaning: "Share of right answers", better: "high", digits: 4, share: true },
  {
    key: "balancedAccuracy",
    label: "Balanced accuracy",
    meaning: "Mean recall of the classes",
    better: "high",
    digits: 4,
    share: true,
  },
  { key: "f1Macro", label: "F1, macro", meaning: "Mean F1 of the classes", better: "high", digits: 4, share: true },
  {
    key: "rocAucOvr",
    label: "ROC-AUC, one against the rest",
    meaning: "Mean area under the ROC curves of each class against the others",
    better: "high",
    digits: 4,
    share: true,
  },
  {
    key: "matthewsCorrcoef",
    label: "MCC",
    meaning: "Matthews correlation coefficient",
    better: "high",
    digits: 3,
  },
  { key: "logLoss", label: "Log loss", meaning: "Mean negative log-likelihood of the probabilities", better: "low" },
];

export const REGRESSION: readonly Measure[] = [
  { key: "r2", label: "R²", meaning: "Share of the variance that is explained", better: "high", digits: 4 },
  { key: "rmse", label: "RMSE", meaning: "Root of the mean squared error", better: "low" },
  { key: "mae", label: "MAE", meaning: "Mean absolute error", better: "low" },
  { key: "medianAe", label: "Median error", meaning: "Median absolute error", better: "low" },
  { key: "bias", label: "Bias", meaning: "Mean of prediction minus truth" },
];

/** The value as the table shows it. */
export function measureText({ digits }: Measure, value: unknown): string {
  if (typeof value !== "number" || Number.isNaN(value)) return "–";
  if (digits !== undefined) return value.toFixed(digits);
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-4 || size >= 1e6) ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}

/** The best value of a measure; undefined where there is none, or no model differs from the others. */
export function bestOf({ key, better }: Measure, rows: readonly ModelRow[]): number | undefined {
  const values = rows.map((row) => row[key]).filter((value) => typeof value === "number" && !Number.isNaN(value));
  if (better === undefined || rows.length < 2 || new Set(values).size < 2) return undefined;
  return (values as number[]).reduce((a, b) => (better === "high" ? Math.max(a, b) : Math.min(a, b)));
}

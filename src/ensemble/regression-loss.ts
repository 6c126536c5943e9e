import { invalidArgument, invalidData } from "../base/errors.js";

/** The losses a regressor can minimise. */
export type RegressionLoss =
  | "squaredError"
  | "absoluteError"
  | "quantile"
  | "huber"
  | "fair"
  | "mape"
  | "poisson"
  | "gamma"
  | "tweedie"
  | "crossEntropy";

export const REGRESSION_LOSSES: readonly RegressionLoss[] = [
  "squaredError",
  "absoluteError",
  "quantile",
  "huber",
  "fair",
  "mape",
  "poisson",
  "gamma",
  "tweedie",
  "crossEntropy",
];

/** What some of the losses need besides their name. */
export interface RegressionLossParams {
  readonly loss: RegressionLoss;
  readonly quantile: number | null;
  readonly huberDelta: number;
  readonly fairC: number;
  readonly variancePower: number;
}

/** The number that goes with a loss over the seam. @throws TreelineError ERR_INVALID_ARGUMENT for a quantile of null. */
export function lossParameter(where: string, params: RegressionLossParams): number {
  switch (params.loss) {
    case "quantile":
      if (params.quantile === null) {
        throw invalidArgument(`${where}: loss "quantile" needs the parameter quantile, a number from 0 to 1`);
      }
      return params.quantile;
    case "huber":
      return params.huberDelta;
    case "fair":
      return params.fairC;
    case "tweedie":
      return params.variancePower;
    default:
      return 0;
  }
}

interface Domain {
  readonly accepts: (y: number) => boolean;
  readonly expected: string;
  /** All zero has no mean on the log scale. */
  readonly positiveSum: boolean;
}

const NON_NEGATIVE: Domain = { accepts: (y) => y >= 0, expected: "non-negative values", positiveSum: true };
const DOMAINS: Readonly<Partial<Record<RegressionLoss, Domain>>> = {
  poisson: NON_NEGATIVE,
  tweedie: NON_NEGATIVE,
  gamma: { accepts: (y) => y > 0, expected: "positive values", positiveSum: false },
  crossEntropy: { accepts: (y) => y >= 0 && y <= 1, expected: "values from 0 to 1", positiveSum: false },
};

/** Refuses targets that a loss is not defined for. @throws TreelineError ERR_INVALID_DATA */
export function checkTargets(where: string, loss: RegressionLoss, y: Float64Array): void {
  const domain = DOMAINS[loss];
  if (domain === undefined) return;
  const wrong = y.findIndex((value) => !domain.accepts(value));
  if (wrong >= 0) {
    throw invalidData(`${where}: loss "${loss}" needs ${domain.expected}, got ${y[wrong]} in row ${wrong}`);
  }
  if (domain.positiveSum && y.length > 0 && y.every((value) => value === 0)) {
    throw invalidData(`${where}: loss "${loss}" needs a value above 0, but all are 0`);
  }
}

import { invalidArgument } from "../base/errors.js";
import {
  boolean,
  choice,
  custom,
  integer,
  nullable,
  number,
  randomState,
  type ParamSpec,
  type ParamSpecs,
} from "../base/params.js";
import type { SgdLoss, SgdOptions, SgdSchedule } from "../native/addon.js";

/** Penalties of the coefficients. */
export type SgdPenalty = "l2" | "l1" | "elasticnet" | null;

/** What the estimators that learn by stochastic gradient descent have in common. */
export interface SgdParams {
  /** "l2" (default), "l1", "elasticnet"; null: none. */
  penalty: SgdPenalty;
  /** Strength of the penalty; the schedule "optimal" depends on it too. Default 1e-4. */
  alpha: number;
  /** Share of L1 in an elastic net: 0 … 1. Default 0.15. */
  l1Ratio: number;
  /** Add an intercept; it is not penalised. Default true. */
  fitIntercept: boolean;
  /** Most passes over the rows (epochs); partialFit makes one. Default 1000. */
  maxIter: number;
  /**
   * An epoch whose mean loss (plus penalty) is not this much below the best so far brings nothing; null: all maxIter
   * epochs are made. Default 1e-3.
   */
  tol: number | null;
  /** Another order of the rows in every epoch. Default true. */
  shuffle: boolean;
  /** Draw a progress bar on the terminal. Default false. */
  verbose: boolean;
  /** The width of what the epsilon-insensitive losses forgive, or of what the Huber loss squares. Default 0.1. */
  epsilon: number;
  /** Seed of the orders; null (default): a fresh one for every fit. */
  randomState: number | null;
  /**
   * The step of row t: "constant": eta0; "optimal": 1 / (alpha (t0 + t)); "invscaling": eta0 / t^powerT; "adaptive":
   * eta0, a fifth of it when nIterNoChange epochs bring nothing; "pa1", "pa2": passive-aggressive steps of at most, or
   * damped by, eta0.
   */
  learningRate: SgdSchedule;
  /** The first step. Default 0.01. */
  eta0: number;
  /** The exponent of "invscaling". */
  powerT: number;
  /** Stop by the score of held-out rows instead of the loss. Default false. */
  earlyStopping: boolean;
  /** Share of the rows held out for that. Default 0.1. */
  validationFraction: number;
  /** Epochs that bring nothing before the descent ends. Default 5. */
  nIterNoChange: number;
  /** Start from the coefficients of the last fit. Default false. */
  warmStart: boolean;
  /** Average the coefficients over all steps (true), or from this step on. Default false. */
  average: boolean | number;
}

/** The rules of the common parameters. */
export function sgdSpecs(learningRate: SgdSchedule, powerT: number): ParamSpecs<SgdParams> {
  return {
    penalty: penaltySpec("l2"),
    alpha: number(1e-4, { min: 0 }),
    l1Ratio: number(0.15, { min: 0, max: 1 }),
    fitIntercept: boolean(true),
    maxIter: integer(1000, { min: 1 }),
    tol: nullable(number(1e-3, { min: 0 }), 1e-3),
    shuffle: boolean(true),
    verbose: boolean(false),
    epsilon: number(0.1, { min: 0 }),
    randomState: randomState(),
    learningRate: choice(learningRate, ["constant", "optimal", "invscaling", "adaptive", "pa1", "pa2"]),
    eta0: number(0.01, { min: 0, exclusiveMin: true }),
    powerT: number(powerT, { min: 0 }),
    earlyStopping: boolean(false),
    validationFraction: number(0.1, { min: 0, max: 1, exclusiveMin: true, exclusiveMax: true }),
    nIterNoChange: integer(5, { min: 1 }),
    warmStart: boolean(false),
    average: custom<boolean | number>(
      false,
      "true, false, or a positive integer",
      (value) => typeof value === "boolean" || (Number.isInteger(value) && (value as number) > 0),
      0,
    ),
  };
}

export function penaltySpec(fallback: SgdPenalty): ParamSpec<SgdPenalty> {
  return nullable(choice("l2", ["l2", "l1", "elasticnet"]), fallback);
}

/**
 * What the parameters mean together.
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT for those that do not go together.
 */
export function sgdOptions(where: string, params: SgdParams & { readonly loss: SgdLoss }, seed: number): SgdOptions {
  const { loss, learningRate, alpha, penalty, tol, average } = params;
  if (learningRate === "optimal" && alpha === 0) {
    throw invalidArgument(`${where}: alpha must be positive when learningRate is "optimal", which divides by it`);
  }
  if ((learningRate === "pa1" || learningRate === "pa2") && loss !== "hinge" && loss !== "epsilonInsensitive") {
    throw invalidArgument(
      `${where}: learningRate ${JSON.stringify(learningRate)} needs the loss "hinge" or "epsilonInsensitive", got ${JSON.stringify(loss)}`,
    );
  }
  return {
    ...params,
    penalty: penalty ?? "none",
    tol: tol ?? -Infinity,
    average: Number(average),
    seed,
  };
}

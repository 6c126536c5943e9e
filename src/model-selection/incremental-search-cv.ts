import { choice, either, integer, nullable, number, type ParamSpec, type ParamSpecs } from "../base/params.js";
import {
  IncrementalSearch,
  incrementalSpecs,
  patienceSpec,
  someCandidates,
  type IncrementalSearchParams,
  type Plan,
} from "./incremental-search.js";
import { allGoOn, inverseDecay, Schedule, simulate, type Adapt } from "./incremental-schedule.js";
import { ParameterGrid, ParameterSampler, type ParamGrid, type ParamSet } from "./parameter-grid.js";

/** Parameters of IncrementalSearchCV. */
export interface IncrementalSearchCVParams extends IncrementalSearchParams {
  /** How many candidates to draw (default 10); "grid": every combination of `parameters`. */
  nInitialParameters: number | "grid";
  /**
   * null (default): all models go on until patience or maxIter ends. A number: after t calls only the best
   * nInitialParameters / (1 + t) ** decayRate of them (Dask-ML's InverseDecaySearchCV, whose default is 1).
   */
  decayRate: number | null;
  /** Calls without a gain of more than `tol` after which a model rests, at least 2; false (default): none. */
  patience: false | number;
  /** Calls of partialFit from one score to the next. Default 1. */
  fitsPerScore: number;
  /** Calls of partialFit that a model gets at most. Default 100. */
  maxIter: number;
}

const SPECS: ParamSpecs<IncrementalSearchCVParams> = {
  ...incrementalSpecs(),
  nInitialParameters: either(integer(10, { min: 1 }), choice("grid", ["grid"])) as ParamSpec<number | "grid">,
  decayRate: nullable(number(1, { min: 0 })),
  patience: patienceSpec(false),
  fitsPerScore: integer(1, { min: 1 }),
  maxIter: integer(100, { min: 1 }),
};

/**
 * Searches over models that learn by partialFit: all candidates learn from one block of rows, then from the next, and are
 * scored on rows that were held out; those that gain no more rest (patience), or the worst are dropped (decayRate). Dask-ML's
 * IncrementalSearchCV. The table may be larger than memory. Rows that have an order (by class, by time) should be shuffled
 * before, for a block is of neighbouring rows. The best model is the same, bit for bit, for any nJobs and any chunking of X.
 *
 * @example
 * const search = new IncrementalSearchCV({
 *   estimator: new SGDClassifier({ loss: "logLoss", randomState: 0 }),
 *   parameters: { alpha: loguniform(1e-6, 1), penalty: ["l1", "l2"] },
 *   nInitialParameters: 20,
 *   patience: 5,
 *   randomState: 0,
 * });
 * await search.fit(frame.drop("Class"), frame.column("Class"));
 * console.log(search.bestParams_, search.bestScore_);
 */
export class IncrementalSearchCV extends IncrementalSearch<IncrementalSearchCVParams> {
  constructor(params: Partial<IncrementalSearchCVParams> = {}) {
    super("IncrementalSearchCV", SPECS, params);
  }

  protected override plan(seed: number): Plan {
    const { maxIter, tol } = this.params;
    const patience = Number(this.params.patience);
    const candidates = someCandidates(this.#candidates(seed), "IncrementalSearchCV.fit");
    const expected = simulate(
      candidates.length,
      new Schedule(this.#adapt(candidates.length, 0), { patience: 0, tol, maxIter }),
    );
    const schedule = new Schedule(this.#adapt(candidates.length, patience), { patience, tol, maxIter });
    return { brackets: [{ candidates, schedule }], calls: expected.calls.reduce((a, b) => a + b, 0) };
  }

  #adapt(models: number, patience: number): Adapt {
    const { decayRate, fitsPerScore } = this.params;
    return decayRate === null ? allGoOn(fitsPerScore) : inverseDecay({ models, decayRate, fitsPerScore, patience });
  }

  #candidates(seed: number): readonly ParamSet[] {
    const { parameters, nInitialParameters } = this.params;
    const where = "IncrementalSearchCV: parameters";
    if (nInitialParameters === "grid") return [...new ParameterGrid(parameters as ParamGrid, where)];
    return [...new ParameterSampler(parameters, { nIter: nInitialParameters, randomState: seed }, where)];
  }
}

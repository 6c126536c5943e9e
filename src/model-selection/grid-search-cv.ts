import { custom, integer, randomState, type ParamSpec, type ParamSpecs } from "../base/params.js";
import { ParameterGrid, ParameterSampler, type ParamDistributions, type ParamGrid } from "./parameter-grid.js";
import { SearchCV, type SearchContext } from "./search-cv.js";
import { searchSpecs, type SearchParams } from "./search-params.js";

/** Parameters of GridSearchCV. */
export interface GridSearchCVParams extends SearchParams {
  /** Values to try, by parameter ("C", "model__C" inside a pipeline), or several such grids. */
  paramGrid: ParamGrid | readonly ParamGrid[];
}

/** The rule of parameters to try. */
export function gridSpec<G>(expected: string): ParamSpec<G> {
  return custom<G>({} as G, expected, (value) => typeof value === "object" && value !== null, "a grid");
}

const GRID: ParamSpecs<GridSearchCVParams> = {
  ...searchSpecs(),
  paramGrid: gridSpec("an object such as { C: [0.1, 1, 10] }, or an array of such"),
};

/**
 * Tries every combination of some parameter values by cross-validation, and fits the best on all rows: scikit-learn's
 * GridSearchCV. The best one does not depend on nJobs. Candidates that differ in a pipeline's last step only share what the
 * steps before it learned of a fold; the fit times in cvResults_ then tell what was left to do.
 *
 * @example
 * const search = new GridSearchCV({
 *   estimator: makePipeline(new StandardScaler(), new LogisticRegression()),
 *   paramGrid: { logisticRegression__C: [0.01, 0.1, 1, 10] },
 *   scoring: "averagePrecision",
 *   cv: new StratifiedKFold({ nSplits: 3, shuffle: true, randomState: 0 }),
 * });
 * await search.fit(X, y, { onProgress: ({ done, total }) => console.log(`${done} of ${total} fits`) });
 * console.log(search.bestParams_, search.bestScore_);
 */
export class GridSearchCV extends SearchCV<GridSearchCVParams> {
  constructor(params: Partial<GridSearchCVParams> = {}) {
    super("GridSearchCV", GRID, params);
  }

  protected override async search({ run }: SearchContext): Promise<undefined> {
    await run.evaluate([...this.#grid()]);
  }

  #grid(): ParameterGrid {
    return new ParameterGrid(this.params.paramGrid, "GridSearchCV: paramGrid");
  }
}

/** Parameters of RandomizedSearchCV. */
export interface RandomizedSearchCVParams extends SearchParams {
  /** Values or distributions to draw from, by parameter, or several such objects. */
  paramDistributions: ParamDistributions | readonly ParamDistributions[];
  /** How many candidates to draw. Default 10. */
  nIter: number;
  /** Seed of the draws; null (default): a new one for every fit. */
  randomState: number | null;
}

const RANDOMIZED: ParamSpecs<RandomizedSearchCVParams> = {
  ...searchSpecs(),
  paramDistributions: gridSpec("an object such as { C: loguniform(0.01, 100) }, or an array of such"),
  nIter: integer(10, { min: 1 }),
  randomState: randomState(),
};

/**
 * Tries candidates drawn at random by cross-validation, and fits the best on all rows: scikit-learn's RandomizedSearchCV.
 *
 * @example
 * const search = new RandomizedSearchCV({
 *   estimator: new HistGradientBoostingClassifier({ randomState: 0 }),
 *   paramDistributions: { learningRate: loguniform(0.01, 0.3), maxLeafNodes: [15, 31, 63] },
 *   nIter: 20,
 *   randomState: 0,
 * });
 * await search.fit(X, y);
 */
export class RandomizedSearchCV extends SearchCV<RandomizedSearchCVParams> {
  constructor(params: Partial<RandomizedSearchCVParams> = {}) {
    super("RandomizedSearchCV", RANDOMIZED, params);
  }

  protected override async search({ run }: SearchContext): Promise<undefined> {
    await run.evaluate([...this.#sampler()]);
  }

  #sampler(): ParameterSampler {
    const { paramDistributions, nIter, randomState } = this.params;
    return new ParameterSampler(paramDistributions, { nIter, randomState }, "RandomizedSearchCV: paramDistributions");
  }
}

import { invalidArgument, show } from "../base/errors.js";
import { boolean, choice, custom, either, integer, number, randomState } from "../base/params.js";
import type { ParamSpec, ParamSpecs } from "../base/params.js";
import type { State } from "../base/persistence.js";
import { seedOf } from "../base/random.js";
import type { RowMask } from "../data/row-mask.js";
import { encodeLabels } from "../data/vector.js";
import { tagsOf } from "../wrappers/wrapped.js";
import { permutation } from "./assignments.js";
import { cvSpec } from "./check-cv.js";
import type { Problem } from "./evaluate.js";
import { maskOf } from "./fold.js";
import { gridSpec } from "./grid-search-cv.js";
import { checkResources, halvingSchedule, topK, type HalvingSchedule } from "./halving-schedule.js";
import { ParameterGrid, ParameterSampler } from "./parameter-grid.js";
import type { ParamDistributions, ParamGrid, ParamSet } from "./parameter-grid.js";
import { resultKey, SINGLE } from "./scoring.js";
import { SearchCV, type SearchContext } from "./search-cv.js";
import { searchSpecs, type SearchParams } from "./search-params.js";
import type { CvResults } from "./search-results.js";

/** Parameters of both halving searches. One metric only; cv is 5 folds and training rows are scored by default. */
export interface HalvingParams extends SearchParams {
  /** In every iteration one candidate of `factor` stays, and gets `factor` times as much. More than 1; default 3. */
  factor: number;
  /** What there is more of in every iteration: "nSamples" (default), or a parameter of the estimator such as "maxIter". */
  resource: string;
  /** The most a candidate gets; "auto" (default): all rows. */
  maxResources: "auto" | number;
  /**
   * What candidates begin with: a number; "smallest": twice the folds times the classes, or 1 of a parameter; "exhaust": so much
   * that the last iteration uses all there is. Default "exhaust", of the random search "smallest".
   */
  minResources: "exhaust" | "smallest" | number;
  /** Repeat the first iteration while there are too many candidates for what there is. Default false. */
  aggressiveElimination: boolean;
  /** Seed of the drawn rows and candidates; null (default): a new one for every fit. */
  randomState: number | null;
}

const RESOURCE: ParamSpec<string> = custom(
  "nSamples",
  '"nSamples" or the name of a parameter of the estimator',
  (value) => typeof value === "string" && value !== "" && value !== "n_samples",
  1,
);

function halvingSpecs(minResources: "exhaust" | "smallest"): ParamSpecs<HalvingParams> {
  const positive = integer(1, { min: 1 });
  return {
    ...searchSpecs(),
    cv: { ...cvSpec(), default: 5 },
    returnTrainScore: boolean(true),
    factor: number(3, { min: 1, exclusiveMin: true }),
    resource: RESOURCE,
    maxResources: either(positive, choice("auto", ["auto"]), "auto") as ParamSpec<"auto" | number>,
    minResources: either(positive, choice(minResources, ["exhaust", "smallest"]), minResources) as ParamSpec<
      "exhaust" | "smallest" | number
    >,
    aggressiveElimination: boolean(false),
    randomState: randomState(),
  };
}

/** What a halving search tells of itself. */
interface Told extends HalvingSchedule {
  readonly maxResources: number;
}

/** Successive halving: what both searches share. */
abstract class HalvingSearchCV<P extends HalvingParams> extends SearchCV<P> {
  /** The candidates of the first iteration; `seed` draws them. @throws TreelineError ERR_INVALID_ARGUMENT */
  protected abstract firstCandidates(
    resources: { readonly min: number; readonly max: number },
    seed: number,
  ): readonly ParamSet[];

  protected override async search({ problem, estimator, run, where }: SearchContext): Promise<State> {
    const { factor, resource, aggressiveElimination, randomState } = this.params;
    if (resource !== "nSamples" && !(resource in (estimator as { getParams(): object }).getParams())) {
      throw invalidArgument(`${where}: the estimator has no parameter ${show(resource)} to be the resource`);
    }
    const seed = seedOf(randomState);
    const max = this.#maxResources(problem, where);
    const min = await this.#minResources(problem, where);
    checkResources(min, max, where);
    let candidates = this.firstCandidates({ min, max }, seed);
    if (candidates.some((candidate) => resource in candidate)) {
      throw invalidArgument(`${where}: ${show(resource)} is the resource, and cannot be searched as well`);
    }
    const exhaust = this.params.minResources === "exhaust";
    const plan = { candidates: candidates.length, factor, minResources: min, maxResources: max, exhaust };
    const schedule = halvingSchedule({ ...plan, aggressiveElimination });
    run.expect(schedule.nCandidates.reduce((sum, count) => sum + count, 0));
    for (const [iter, nResources] of schedule.nResources.entries()) {
      const isRows = resource === "nSamples";
      const part = isRows ? thinned(problem, nResources / problem.whole.rows, seed) : problem;
      const tried = isRows ? candidates : candidates.map((one) => ({ ...one, [resource]: nResources }));
      const first = run.candidates.length;
      const results = await run.evaluate(tried, { problem: part, more: { iter, nResources } });
      const key = resultKey("meanTest", SINGLE);
      if (!(key in results)) throw invalidArgument(`${where}: scoring must give one number`);
      const scores = (results[key] as Float64Array).slice(first);
      candidates = topK(scores, Math.ceil(tried.length / factor)).map((k) => candidates[k] as ParamSet);
    }
    return { ...schedule, maxResources: max } as unknown as State;
  }

  /** The best of the last iteration: the others have seen less. */
  protected override bestIndexOf(results: CvResults, metric: string): number {
    const iterations = results["iter"] as readonly number[];
    const first = iterations.indexOf(iterations.at(-1) as number);
    const scores = (results[`mean${resultKey("Test", metric)}`] as Float64Array).slice(first);
    return first + scores.reduce((best, score, k) => (better(score, scores[best] as number) ? k : best), 0);
  }

  /** Candidates of every iteration. */
  get nCandidates_(): readonly number[] {
    return this.#told("nCandidates_").nCandidates;
  }

  /** What every iteration gave to each candidate: rows, or values of the parameter that is the resource. */
  get nResources_(): readonly number[] {
    return this.#told("nResources_").nResources;
  }

  /** Candidates that were left after the last iteration. */
  get nRemainingCandidates_(): number {
    return this.#told("nRemainingCandidates_").nRemainingCandidates;
  }

  /** What the first iteration gave. */
  get minResources_(): number {
    return this.#told("minResources_").minResources;
  }

  /** The most that an iteration may give. */
  get maxResources_(): number {
    return this.#told("maxResources_").maxResources;
  }

  /** Number of iterations. */
  get nIterations_(): number {
    return this.#told("nIterations_").nIterations;
  }

  /** How many iterations the resources allow. */
  get nPossibleIterations_(): number {
    return this.#told("nPossibleIterations_").nPossibleIterations;
  }

  /** How many iterations leave less than `factor` candidates for the last. */
  get nRequiredIterations_(): number {
    return this.#told("nRequiredIterations_").nRequiredIterations;
  }

  #told(what: string): Told {
    return this.fitted(what).strategy as unknown as Told;
  }

  #maxResources({ whole }: Problem, where: string): number {
    const { maxResources, resource } = this.params;
    if (maxResources !== "auto") return maxResources;
    if (resource === "nSamples") return whole.rows;
    throw invalidArgument(`${where}: maxResources must say how much ${resource} there is; "auto" is for rows only`);
  }

  /** Twice the folds, times the classes: that each fold may have some rows of each. */
  async #minResources({ whole, folds }: Problem, where: string): Promise<number> {
    const { minResources, resource, estimator } = this.params;
    if (typeof minResources === "number") return minResources;
    if (resource !== "nSamples") return 1;
    if (tagsOf(estimator).kind !== "classifier" || whole.y === undefined) return 2 * folds.length;
    return 2 * folds.length * (await encodeLabels(whole.y, `${where}: y`)).classes.length;
  }
}

function better(score: number, than: number): boolean {
  return score > than || (Number.isNaN(than) && !Number.isNaN(score));
}

/**
 * The folds with a share of their rows, drawn with one seed for all of them: masks, as the folds are. A larger share holds the
 * rows of a smaller one.
 */
function thinned({ whole, folds }: Problem, fraction: number, seed: number): Problem {
  if (fraction >= 1) return { whole, folds };
  const thin = (mask: RowMask): RowMask => {
    const rows = mask.indices();
    const order = permutation(rows.length, seed).subarray(0, Math.floor(fraction * rows.length));
    return maskOf(
      whole.rows,
      order.map((k) => rows[k] as number),
    );
  };
  return { whole, folds: folds.map(({ train, test }) => ({ train: thin(train), test: thin(test) })) };
}

/** Parameters of HalvingGridSearchCV. */
export interface HalvingGridSearchCVParams extends HalvingParams {
  /** Values to try, by parameter ("C", "model__C" inside a pipeline), or several such grids. */
  paramGrid: ParamGrid | readonly ParamGrid[];
}

const GRID: ParamSpecs<HalvingGridSearchCVParams> = {
  ...halvingSpecs("exhaust"),
  paramGrid: gridSpec("an object such as { C: [0.1, 1, 10] }, or an array of such"),
};

/**
 * A grid of candidates by successive halving: all are tried on few rows (or few iterations of boosting: `resource`), the better
 * third on three times as many, and so on; the best of the last iteration wins. scikit-learn's HalvingGridSearchCV (Jamieson and
 * Talwalkar 2016). The best one does not depend on nJobs.
 *
 * @example
 * const search = new HalvingGridSearchCV({
 *   estimator: new HistGradientBoostingClassifier({ randomState: 0 }),
 *   paramGrid: { learningRate: [0.03, 0.1, 0.3], maxLeafNodes: [7, 15, 31] },
 *   scoring: "averagePrecision",
 *   randomState: 0,
 * });
 * await search.fit(X, y);
 * console.log(search.nCandidates_, search.nResources_, search.bestParams_);
 */
export class HalvingGridSearchCV extends HalvingSearchCV<HalvingGridSearchCVParams> {
  constructor(params: Partial<HalvingGridSearchCVParams> = {}) {
    super("HalvingGridSearchCV", GRID, params);
  }

  protected override firstCandidates(): readonly ParamSet[] {
    return [...new ParameterGrid(this.params.paramGrid, "HalvingGridSearchCV: paramGrid")];
  }
}

/** Parameters of HalvingRandomSearchCV. */
export interface HalvingRandomSearchCVParams extends HalvingParams {
  /** Values or distributions to draw from, by parameter, or several such objects. */
  paramDistributions: ParamDistributions | readonly ParamDistributions[];
  /** How many candidates to begin with; "exhaust" (default): so many that the last iteration uses all there is. */
  nCandidates: "exhaust" | number;
}

const RANDOM: ParamSpecs<HalvingRandomSearchCVParams> = {
  ...halvingSpecs("smallest"),
  paramDistributions: gridSpec("an object such as { C: loguniform(0.01, 100) }, or an array of such"),
  nCandidates: either(integer(1, { min: 1 }), choice("exhaust", ["exhaust"]), "exhaust") as ParamSpec<
    "exhaust" | number
  >,
};

/**
 * Candidates drawn at random, by successive halving: scikit-learn's HalvingRandomSearchCV. See HalvingGridSearchCV.
 *
 * @example
 * const search = new HalvingRandomSearchCV({
 *   estimator: new LogisticRegression(),
 *   paramDistributions: { C: loguniform(0.001, 100) },
 *   factor: 2,
 *   randomState: 0,
 * });
 * await search.fit(X, y);
 */
export class HalvingRandomSearchCV extends HalvingSearchCV<HalvingRandomSearchCVParams> {
  constructor(params: Partial<HalvingRandomSearchCVParams> = {}) {
    super("HalvingRandomSearchCV", RANDOM, params);
  }

  protected override firstCandidates(
    { min, max }: { readonly min: number; readonly max: number },
    seed: number,
  ): readonly ParamSet[] {
    const { paramDistributions, nCandidates, minResources } = this.params;
    if (nCandidates === "exhaust" && minResources === "exhaust") {
      throw invalidArgument(
        'HalvingRandomSearchCV.fit: nCandidates and minResources cannot both be "exhaust": one follows from the other',
      );
    }
    const nIter = nCandidates === "exhaust" ? Math.floor(max / min) : nCandidates;
    const on = { nIter, randomState: seed };
    return [...new ParameterSampler(paramDistributions, on, "HalvingRandomSearchCV: paramDistributions")];
  }
}

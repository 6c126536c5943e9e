import { invalidArgument, show } from "../base/errors.js";
import { randomUniform, seedOf } from "../base/random.js";
import { permutation } from "./assignments.js";
import { drawFrom, isDistribution, type Distribution, type Draw } from "./distributions.js";

/** Parameters of one candidate. */
export type ParamSet = Readonly<Record<string, unknown>>;

/** Values to try, by parameter: every combination. Several grids: the combinations of each. */
export type ParamGrid = Readonly<Record<string, readonly unknown[]>>;

/** Values, distributions or functions to draw from, by parameter. */
export type ParamDistributions = Readonly<Record<string, readonly unknown[] | Distribution | Draw>>;

/** @throws TreelineError ERR_INVALID_ARGUMENT */
function checkGrid(grid: unknown, where: string, drawn: boolean): void {
  if (typeof grid !== "object" || grid === null || Array.isArray(grid)) {
    throw invalidArgument(
      `${where}: expected an object such as { C: [0.1, 1, 10] }, or an array of such, got ${show(grid)}`,
    );
  }
  for (const [name, values] of Object.entries(grid as Record<string, unknown>)) {
    if (drawn && (typeof values === "function" || isDistribution(values))) continue;
    if (!Array.isArray(values) && !ArrayBuffer.isView(values)) {
      throw invalidArgument(
        `${where}: the values of ${name} must be an array${drawn ? ", a distribution or a function" : ""}, got ${show(values)}`,
      );
    }
    if ((values as ArrayLike<unknown>).length === 0) throw invalidArgument(`${where}: ${name} has no values to try`);
  }
}

/**
 * Every combination of some values: scikit-learn's ParameterGrid. Names are in alphabetical order, the last one's values
 * change fastest.
 *
 * @example [...new ParameterGrid({ C: [1, 10], l1Ratio: [0, 1] })]; // 4 objects
 */
export class ParameterGrid {
  readonly #grids: readonly (readonly (readonly [string, readonly unknown[]])[])[];

  /** @throws TreelineError ERR_INVALID_ARGUMENT for something else than arrays of values. */
  constructor(grid: ParamGrid | readonly ParamGrid[], where = "ParameterGrid") {
    const grids = (Array.isArray(grid) ? grid : [grid]) as readonly ParamGrid[];
    for (const one of grids) checkGrid(one, where, false);
    this.#grids = grids.map((one) =>
      Object.entries(one)
        .map(([name, values]) => [name, Array.from(values)] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }

  /** Number of combinations. */
  get length(): number {
    return this.#grids.reduce((sum, grid) => sum + sizeOf(grid), 0);
  }

  /** Combination i, in the order of iteration. */
  at(i: number): ParamSet {
    let k = i;
    for (const grid of this.#grids) {
      const size = sizeOf(grid);
      if (k >= 0 && k < size) return combination(grid, k);
      k -= size;
    }
    throw invalidArgument(`ParameterGrid: there is no combination ${show(i)}, there are ${this.length}`);
  }

  *[Symbol.iterator](): Generator<ParamSet, void, undefined> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }
}

type Grid = readonly (readonly [string, readonly unknown[]])[];

function sizeOf(grid: Grid): number {
  return grid.reduce((product, [, values]) => product * values.length, 1);
}

function combination(grid: Grid, k: number): ParamSet {
  const entries: [string, unknown][] = [];
  let rest = k;
  for (const [name, values] of [...grid].reverse()) {
    entries.push([name, values[rest % values.length]]);
    rest = Math.floor(rest / values.length);
  }
  return Object.fromEntries(entries.reverse());
}

/** Options of ParameterSampler. */
export interface ParameterSamplerOptions {
  /** How many candidates to draw. */
  readonly nIter: number;
  /** Seed; null (default): a new one in every iteration over the sampler. */
  readonly randomState?: number | null | undefined;
}

/**
 * Candidates drawn at random: scikit-learn's ParameterSampler. Where all parameters are arrays, without drawing a candidate
 * twice.
 *
 * @example [...new ParameterSampler({ C: loguniform(1e-3, 1e3) }, { nIter: 5, randomState: 0 })];
 */
export class ParameterSampler {
  readonly #grids: readonly ParamDistributions[];
  readonly #options: ParameterSamplerOptions;

  /** @throws TreelineError ERR_INVALID_ARGUMENT */
  constructor(
    distributions: ParamDistributions | readonly ParamDistributions[],
    options: ParameterSamplerOptions,
    where = "ParameterSampler",
  ) {
    this.#grids = (Array.isArray(distributions) ? distributions : [distributions]) as readonly ParamDistributions[];
    for (const one of this.#grids) checkGrid(one, where, true);
    if (!Number.isInteger(options.nIter) || options.nIter < 1) {
      throw invalidArgument(`${where}: nIter must be a positive integer, got ${show(options.nIter)}`);
    }
    this.#options = options;
  }

  /** Number of candidates. */
  get length(): number {
    const size = this.#isGrid() ? this.#grid().length : Infinity;
    return Math.min(this.#options.nIter, size);
  }

  *[Symbol.iterator](): Generator<ParamSet, void, undefined> {
    const seed = seedOf(this.#options.randomState ?? null);
    if (this.#isGrid()) {
      const grid = this.#grid();
      for (const i of chosen(grid.length, this.length, seed)) yield grid.at(i);
      return;
    }
    for (let k = 0; k < this.#options.nIter; k++) {
      let drawn = 0;
      const random = (): number => randomUniform(seed, k + 1, drawn++);
      const grid = this.#grids[Math.floor(random() * this.#grids.length)] as ParamDistributions;
      yield Object.fromEntries(
        Object.entries(grid)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, values]) => [name, draw(values, random)]),
      );
    }
  }

  #isGrid(): boolean {
    return this.#grids.every((grid) => Object.values(grid).every((values) => Array.isArray(values)));
  }

  #grid(): ParameterGrid {
    return new ParameterGrid(this.#grids as readonly ParamGrid[]);
  }
}

/** `count` of the numbers 0 … n - 1, at random, none twice. */
function chosen(n: number, count: number, seed: number): Iterable<number> {
  if (n <= 1_000_000) return permutation(n, seed).subarray(0, count);
  const seen = new Set<number>();
  for (let k = 0; seen.size < count; k++) seen.add(Math.floor(randomUniform(seed, 0, k) * n));
  return seen;
}

function draw(values: readonly unknown[] | Distribution | Draw, random: () => number): unknown {
  if (typeof values === "function") return values(random);
  if (isDistribution(values)) return drawFrom(values, random);
  return values[Math.floor(random() * values.length)];
}

import { invalidData, show } from "../base/errors.js";
import { Matrix } from "../data/matrix.js";
import type { VectorLike } from "../data/vector.js";
import type { Scorable, Scorer } from "../metrics/scorer.js";
import type { BoosterHandle, GivenGradients, JobOptions } from "../native/addon.js";
import { addon } from "../native/load.js";
import type { CustomLoss } from "./custom-loss.js";

/** What a callback is told after every iteration. */
export interface BoostingIteration {
  /** Iterations done, from 1. */
  readonly iteration: number;
  readonly maxIter: number;
  /** The latest scores of early stopping; undefined without it. */
  readonly trainScore: number | undefined;
  readonly validationScore: number | undefined;
  /** The latest metrics by set and name, as evalResults_ collects them. */
  readonly evalResults: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/**
 * Called after every iteration, and awaited. If it returns (or resolves to) false, the fit ends with the iterations there
 * are.
 */
export type BoostingCallback = (state: BoostingIteration) => unknown;

/** Metrics by set, metric and iteration. "loss" is better when lower, scorers are better when higher. */
export type EvalResults = Readonly<Record<string, Readonly<Record<string, Float64Array>>>>;

/** Rows whose predictions are scored during a fit. */
export interface ScoredRows {
  /** -1: training rows; else the index of a watched set. */
  readonly set: number;
  readonly y: VectorLike;
  readonly weights: Float64Array | undefined;
  /** Which rows of the set; undefined: all. */
  readonly rows: Uint32Array | undefined;
}

/** What is done around the native iterations. */
export interface RunPlan {
  readonly where: string;
  readonly maxIter: number;
  /** Predictions as an estimator gives them. */
  readonly scorable: (raw: Float64Array) => Scorable;
  readonly nOutputs: number;
  /** Early stopping by a scorer: what it scores; undefined: no early stopping, or by the loss. */
  readonly stopping:
    { readonly scorer: Scorer; readonly train: ScoredRows; readonly validation: ScoredRows | undefined } | undefined;
  readonly hasScores: boolean;
  /** Sets by name, and what is recorded of them. */
  readonly evalSets: ReadonlyMap<string, ScoredRows>;
  readonly recordsLoss: boolean;
  /** Of a ranker: the metrics whose negatives its losses are, one after another; undefined: there is one loss. */
  readonly rankingMetrics: readonly string[] | undefined;
  readonly metrics: ReadonlyMap<string, Scorer>;
  readonly callbacks: readonly BoostingCallback[];
  readonly custom:
    { readonly loss: CustomLoss; readonly y: Float64Array; readonly weights: Float64Array | undefined } | undefined;
}

/** Runs a booster to its end: in one native call if nothing is wanted in between. Returns the metrics. */
export async function runBooster(booster: BoosterHandle, plan: RunPlan, job: JobOptions): Promise<EvalResults> {
  const scored = plan.evalSets.size > 0 && plan.metrics.size > 0;
  const recorder = new Recorder(plan);
  if (!scored && plan.stopping === undefined && plan.callbacks.length === 0 && plan.custom === undefined) {
    await addon().boosterRun(booster, plan.maxIter, undefined, job);
    return recorder.results(booster);
  }
  const steps = new Steps(booster, plan, recorder, { nJobs: job.nJobs, cancel: job.cancel });
  let done = await addon().boosterRun(booster, 0, undefined, job);
  await steps.score(!plan.hasScores);
  while (!done) {
    done = await addon().boosterRun(booster, 1, await steps.slopes(), job);
    const stop = await steps.score(true);
    const goOn = await steps.callBack();
    done ||= stop || !goOn;
  }
  return recorder.results(booster);
}

/** What JavaScript does between native iterations. */
class Steps {
  readonly #booster: BoosterHandle;
  readonly #plan: RunPlan;
  readonly #recorder: Recorder;
  readonly #job: JobOptions;

  constructor(booster: BoosterHandle, plan: RunPlan, recorder: Recorder, job: JobOptions) {
    this.#booster = booster;
    this.#plan = plan;
    this.#recorder = recorder;
    this.#job = job;
  }

  /** The custom loss's gradients at the raw predictions of now. */
  async slopes(): Promise<GivenGradients | undefined> {
    const { custom, where } = this.#plan;
    if (custom === undefined) return undefined;
    const raw = await addon().boosterRaw(this.#booster, -1, this.#job);
    const given: unknown = await custom.loss(raw, custom.y, custom.weights);
    const { gradient, hessian } = (given ?? {}) as Partial<GivenGradients>;
    return {
      gradient: numbers(gradient, raw.length, `${where}: the loss's gradient`),
      hessian: numbers(hessian, raw.length, `${where}: the loss's hessian`),
    };
  }

  /** Scores all that is to be scored; whether early stopping says to stop. */
  async score(records: boolean): Promise<boolean> {
    const { stopping, evalSets, metrics } = this.#plan;
    for (const [name, rows] of evalSets) {
      for (const [metric, scorer] of metrics) this.#recorder.add(name, metric, await this.#scoreOf(scorer, rows));
    }
    if (stopping === undefined || !records) return false;
    const train = await this.#scoreOf(stopping.scorer, stopping.train);
    const validation = stopping.validation && (await this.#scoreOf(stopping.scorer, stopping.validation));
    return addon().boosterRecord(this.#booster, train, validation);
  }

  /** Whether all callbacks let the fit go on. */
  async callBack(): Promise<boolean> {
    const { callbacks, maxIter } = this.#plan;
    if (callbacks.length === 0) return true;
    const { nIterations, trainScore, validationScore } = addon().boosterState(this.#booster);
    const state: BoostingIteration = {
      iteration: nIterations,
      maxIter,
      trainScore,
      validationScore,
      evalResults: this.#recorder.latest(this.#booster),
    };
    let goOn = true;
    for (const callback of callbacks) goOn = (await callback(state)) !== false && goOn;
    return goOn;
  }

  async #scoreOf(scorer: Scorer, { set, rows, y, weights }: ScoredRows): Promise<number> {
    const all = await addon().boosterRaw(this.#booster, set, this.#job);
    const { nOutputs, scorable, where } = this.#plan;
    const raw = rows ? rowsOf(all, rows, nOutputs) : all;
    // The predictions are there already: X only says how many rows there are.
    const X = new Matrix(new Float64Array(0), [raw.length / nOutputs, 0]);
    const score: unknown = await scorer(scorable(raw), X, y, { sampleWeight: weights });
    if (typeof score !== "number") throw invalidData(`${where}: a scorer must return a number, got ${show(score)}`);
    return score;
  }
}

/** Collects the metrics of the sets. */
class Recorder {
  readonly #plan: RunPlan;
  readonly #values = new Map<string, Map<string, number[]>>();

  constructor(plan: RunPlan) {
    this.#plan = plan;
    for (const name of plan.evalSets.keys()) this.#values.set(name, new Map());
  }

  add(set: string, metric: string, value: number): void {
    const metrics = this.#values.get(set) as Map<string, number[]>;
    const values = metrics.get(metric);
    if (values) values.push(value);
    else metrics.set(metric, [value]);
  }

  results(booster: BoosterHandle): EvalResults {
    const losses = this.#plan.recordsLoss ? addon().boosterLosses(booster) : [];
    return Object.fromEntries(
      Array.from(this.#values, ([name, metrics]) => {
        const { set } = this.#plan.evalSets.get(name) as ScoredRows;
        const scores = Array.from(metrics, ([metric, values]) => [metric, Float64Array.from(values)] as const);
        return [name, Object.fromEntries<Float64Array>([...this.#named(losses[set]), ...scores])];
      }),
    );
  }

  #named(losses: Float64Array | undefined): (readonly [string, Float64Array])[] {
    const { rankingMetrics } = this.#plan;
    if (losses === undefined) return [];
    if (rankingMetrics === undefined) return [["loss", losses]];
    const n = rankingMetrics.length;
    return rankingMetrics.map((metric, i) => [metric, losses.filter((_, at) => at % n === i).map((loss) => -loss)]);
  }

  latest(booster: BoosterHandle): Record<string, Record<string, number>> {
    return Object.fromEntries(
      Object.entries(this.results(booster)).map(([name, metrics]) => [
        name,
        Object.fromEntries(Object.entries(metrics).map(([metric, values]) => [metric, values.at(-1) as number])),
      ]),
    );
  }
}

function rowsOf(raw: Float64Array, rows: Uint32Array, nOutputs: number): Float64Array {
  const out = new Float64Array(rows.length * nOutputs);
  rows.forEach((row, i) => out.set(raw.subarray(row * nOutputs, (row + 1) * nOutputs), i * nOutputs));
  return out;
}

function numbers(values: unknown, length: number, what: string): Float64Array {
  const array = ArrayBuffer.isView(values) || Array.isArray(values) ? (values as ArrayLike<number>) : undefined;
  if (array === undefined || array.length !== length) {
    throw invalidData(`${what} must be an array of ${length} numbers, got ${show(array ? array.length : values)}`);
  }
  return array instanceof Float64Array ? array : Float64Array.from(array, Number);
}

import { performance } from "node:perf_hooks";
import { TreelineError, invalidArgument, warnFit } from "../base/errors.js";
import { clone } from "../base/estimator.js";
import { parallelStream } from "../base/parallel.js";
import type { RunOptions } from "../native/job.js";
import type { Methods, Wrappable } from "../wrappers/wrapped.js";
import { clonedValues } from "./fit-and-score.js";
import type { HeldOutBlocks } from "./held-out-blocks.js";
import { bestModels, type Schedule } from "./incremental-schedule.js";
import type { ParamSet } from "./parameter-grid.js";
import { SINGLE, type Measures } from "./scoring.js";

/** A model as it was when it was scored. */
export interface ModelRecord {
  /** A number; of Hyperband's models "bracket=1-7". */
  readonly modelId: number | string;
  readonly params: ParamSet;
  /** Calls of partialFit so far, in all. */
  readonly partialFitCalls: number;
  /** Seconds of the last call. */
  readonly partialFitTime: number;
  /** Score on the rows that were held out. */
  readonly score: number;
  /** Seconds of scoring. */
  readonly scoreTime: number;
  /** Seconds since the first model began. */
  readonly elapsedWallTime: number;
  /** Hyperband's bracket. */
  readonly bracket?: number;
}

/** Models that compete with one another. */
export interface Bracket {
  /** Hyperband's number of it. */
  readonly bracket?: number | undefined;
  readonly candidates: readonly ParamSet[];
  readonly schedule: Schedule;
}

export interface IncrementalRunOptions extends RunOptions {
  readonly measures: Measures;
  readonly nJobs: number | null;
  readonly errorScore: number | "raise";
  /** Calls that there will be, for progress. */
  readonly expected: number;
  readonly onResult: ((record: ModelRecord) => void) | undefined;
}

/** A bracket under way. */
interface Race {
  readonly plan: Bracket;
  /** The models that are still in. */
  readonly models: Map<number, Wrappable>;
  readonly histories: ModelRecord[][];
  isOver: boolean;
}

/** So many more calls for a model. */
interface Step {
  readonly race: Race;
  readonly id: number;
  readonly calls: number;
}

interface Outcome {
  readonly record: ModelRecord;
  /** Why the model is out. */
  readonly failure: { readonly error: unknown } | undefined;
}

/** The model that won. */
export interface Winner {
  readonly estimator: Wrappable;
  /** Its place among all candidates, bracket after bracket. */
  readonly index: number;
}

/**
 * Models under way: rounds of calls of partialFit, after each of which the schedules decide by the scores. The models of a
 * round, of all brackets, learn at the same time; the records are in the same order for any nJobs.
 */
export class IncrementalRun {
  /** Every score, in order of the rounds, the brackets, and the models. */
  readonly history: ModelRecord[] = [];
  readonly #blocks: HeldOutBlocks;
  readonly #options: IncrementalRunOptions;
  readonly #where: string;
  readonly #races: readonly Race[];
  #firstFailure: { readonly error: unknown } | undefined;
  #begin = 0;
  #done = 0;

  constructor(
    blocks: HeldOutBlocks,
    brackets: readonly Bracket[],
    estimator: Wrappable,
    options: IncrementalRunOptions,
    where: string,
  ) {
    this.#blocks = blocks;
    this.#options = options;
    this.#where = where;
    this.#races = brackets.map((plan) => ({
      plan,
      models: new Map(plan.candidates.map((params, id) => [id, modelOf(estimator, params)])),
      histories: plan.candidates.map(() => []),
      isOver: false,
    }));
  }

  /** Runs to the end. @throws TreelineError where no model is left; what a model throws, where errorScore is "raise". */
  async finish(): Promise<Winner> {
    this.#begin = performance.now();
    this.#report(NaN);
    let steps = this.#races.flatMap((race) => [...race.models.keys()].map((id) => ({ race, id, calls: 1 })));
    while (steps.length > 0) {
      const outcomes = await this.#round(steps);
      steps.forEach(({ race, id }, k) => {
        const { record, failure } = outcomes[k] as Outcome;
        this.history.push(record);
        (race.histories[id] as ModelRecord[]).push(record);
        if (failure !== undefined) race.models.delete(id);
        this.#firstFailure ??= failure;
      });
      steps = this.#races.flatMap((race) => nextSteps(race));
    }
    return this.#winner();
  }

  /** The records of every model, bracket after bracket. */
  get histories(): readonly (readonly ModelRecord[])[] {
    return this.#races.flatMap(({ histories }) => histories);
  }

  /** What every step came to, in order; those of many calls begin first. */
  async #round(steps: readonly Step[]): Promise<Outcome[]> {
    const { nJobs, signal, onResult } = this.#options;
    const order = steps.map((_, k) => k).sort((a, b) => (steps[b] as Step).calls - (steps[a] as Step).calls || a - b);
    const tasks = order.map((k) => (stop: AbortSignal) => this.#step(steps[k] as Step, stop));
    const outcomes: Outcome[] = [];
    for await (const { index, value } of parallelStream(tasks, { nJobs: nJobs ?? undefined, ordered: false, signal })) {
      outcomes[order[index] as number] = value;
      onResult?.(value.record);
      this.#report(value.record.score);
    }
    return outcomes;
  }

  async #step({ race, id, calls }: Step, signal: AbortSignal): Promise<Outcome> {
    const { measures, errorScore } = this.#options;
    const { bracket, candidates } = race.plan;
    const model = race.models.get(id) as Wrappable & Required<Methods>;
    let partialFitCalls = race.histories[id]?.at(-1)?.partialFitCalls ?? 0;
    let [begin, learned] = [performance.now(), performance.now()];
    const record = (score: number): ModelRecord => ({
      modelId: bracket === undefined ? id : `bracket=${bracket}-${id}`,
      params: candidates[id] as ParamSet,
      partialFitCalls,
      partialFitTime: (learned - begin) / 1000,
      score,
      scoreTime: (performance.now() - learned) / 1000,
      elapsedWallTime: (performance.now() - this.#begin) / 1000,
      ...(bracket === undefined ? {} : { bracket }),
    });
    try {
      for (let k = 0; k < calls; k++) {
        signal.throwIfAborted();
        begin = performance.now();
        await this.#learn(model, partialFitCalls, signal);
        learned = performance.now();
        partialFitCalls++;
        this.#done++;
      }
      const { X, y } = this.#blocks.test;
      const score = (await measures.score(model, X, y))[SINGLE];
      if (typeof score !== "number") throw invalidArgument(`${this.#where}: scoring must give one number`);
      return { record: record(score), failure: undefined };
    } catch (error) {
      if (errorScore === "raise" || signal.aborted) throw error;
      warnFit(`${this.#where}: a model failed and is out; its score is ${errorScore}. ${messageOf(error)}`);
      return { record: record(errorScore), failure: { error } };
    }
  }

  async #learn(model: Required<Methods>, call: number, signal: AbortSignal): Promise<void> {
    const { X, y, sampleWeight } = this.#blocks.block(call);
    const { classes } = this.#blocks;
    const options = { ...(classes && { classes }), ...(sampleWeight && { sampleWeight }), signal };
    await model.partialFit(X, y, options);
  }

  #report(score: number): void {
    const total = Math.max(this.#options.expected, this.#done) + 1; // the end is one more
    this.#options.onProgress?.({ fraction: this.#done / total, done: this.#done, total, score });
  }

  /** The best of each bracket's last models, and of those the best; of equal ones the first. */
  #winner(): Winner {
    let best: (Winner & { readonly score: number }) | undefined;
    let before = 0;
    for (const { models, histories } of this.#races) {
      const left = new Map(Array.from(models.keys(), (id) => [id, histories[id] as ModelRecord[]]));
      const [id] = bestModels(left, 1);
      if (id !== undefined) {
        const score = histories[id]?.at(-1)?.score ?? NaN;
        const isBetter = best === undefined || score > best.score || (Number.isNaN(best.score) && !Number.isNaN(score));
        if (isBetter) best = { estimator: models.get(id) as Wrappable, index: before + id, score };
      }
      before += histories.length;
    }
    if (best !== undefined) return best;
    const error = this.#firstFailure?.error;
    const code = error instanceof TreelineError ? error.code : "ERR_INVALID_DATA";
    throw new TreelineError(code, `${this.#where}: all models failed; the first: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** What a bracket does next; nothing once no model goes on. Models that its schedule does not name are out. */
function nextSteps(race: Race): Step[] {
  if (race.isOver || race.models.size === 0) return [];
  const { models, histories } = race;
  const instructions = race.plan.schedule.next(
    new Map(Array.from(models.keys(), (id) => [id, histories[id] as ModelRecord[]])),
  );
  for (const id of [...models.keys()]) if (!instructions.has(id)) models.delete(id);
  const steps = [...instructions].filter(([, calls]) => calls > 0).map(([id, calls]) => ({ race, id, calls }));
  race.isOver = steps.length === 0;
  return steps.sort((a, b) => a.id - b.id);
}

function modelOf(estimator: Wrappable, params: ParamSet): Wrappable {
  const model = clone(estimator);
  (model as { setParams(params: object): unknown }).setParams(clonedValues(params));
  return model;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import { effectiveNJobs } from "../base/config.js";
import { invalidArgument, show } from "../base/errors.js";
import { runJob, type RunOptions } from "../native/job.js";
import { explainPass } from "./explain.js";
import { runRequests, type Request } from "./requests.js";

/** A pass that a result needs, and what is made of what it gave: the result, or the next pass. */
export interface Step<T> {
  readonly requests: readonly Request[];
  readonly then: (answers: readonly (readonly Float64Array[])[]) => T | Step<T>;
}

/**
 * A number or array that a pass over a ChunkedMatrix will give: nothing is read until it is awaited, or computed together
 * with others by `compute`, which shares passes.
 *
 * @example
 * const mean = await X.mean();                        // one pass
 * const [low, high] = await compute(X.min(), X.max()); // one pass for both
 */
export class Reduction<T> implements PromiseLike<T> {
  readonly #name: string;
  readonly #rows: number;
  readonly #first: () => Step<T>;
  #result: Promise<T> | undefined;

  /** @internal */
  constructor(name: string, rows: number, first: () => Step<T>) {
    this.#name = name;
    this.#rows = rows;
    this.#first = first;
  }

  /** What it computes, for messages: "ChunkedMatrix.mean". */
  get name(): string {
    return this.#name;
  }

  /** Rows of the matrix it reads. */
  get rows(): number {
    return this.#rows;
  }

  /** The first pass it needs. @internal */
  start(): Step<T> {
    return this.#first();
  }

  /** How its first pass will be computed, in words. */
  explain(): string {
    const nodes = this.#first().requests.map(({ node }) => node);
    return explainPass([...new Set(nodes)], `${this.#name}, of a matrix of ${this.#rows} rows`);
  }

  /** Runs the passes it needs. Awaiting a Reduction does this without options, once. */
  async run(options: RunOptions = {}): Promise<T> {
    const [result] = await computeAll([this], options);
    return result as T;
  }

  then<A = T, B = never>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#result ??= this.run();
    return this.#result.then(fulfilled, rejected);
  }
}

/**
 * Computes several reductions in as few passes as possible, as dask.compute: those over matrices of equally many rows share
 * each pass, and what their expressions have in common is computed once.
 *
 * @example const [mean, deviation, low] = await compute(X.mean({ axis: 0 }), X.std({ axis: 0 }), X.log().min());
 * @throws TreelineError ERR_INVALID_ARGUMENT for something that is no Reduction, ERR_IO when a spill file cannot be written.
 */
export async function compute<T extends readonly Reduction<unknown>[]>(
  ...reductions: T
): Promise<{ -readonly [K in keyof T]: T[K] extends Reduction<infer R> ? R : never }> {
  return (await computeAll(reductions, {})) as never;
}

/** As compute, with options. */
export async function computeAll(reductions: readonly Reduction<unknown>[], options: RunOptions): Promise<unknown[]> {
  reductions.forEach((reduction, i) => {
    if (reduction instanceof Reduction) return;
    throw invalidArgument(`compute: argument ${i} must be a reduction such as X.sum(), got ${show(reduction)}`);
  });
  const results: unknown[] = reductions.map(() => undefined);
  let waiting = reductions.map((reduction, i) => ({ i, name: reduction.name, step: reduction.start() }));
  await runJob(effectiveNJobs(), options, async (job) => {
    while (waiting.length > 0) {
      const where = waiting.length === 1 ? (waiting[0]?.name as string) : "compute";
      const answers = await runRequests(
        waiting.flatMap(({ step }) => step.requests),
        where,
        job,
        options.signal,
      );
      let at = 0;
      waiting = waiting.flatMap(({ i, name, step }) => {
        const mine = answers.slice(at, at + step.requests.length);
        at += step.requests.length;
        const next = step.then(mine);
        if (isStep(next)) return [{ i, name, step: next }];
        results[i] = next;
        return [];
      });
    }
  });
  return results;
}

function isStep(value: unknown): value is Step<unknown> {
  return typeof value === "object" && value !== null && "requests" in value && "then" in value;
}

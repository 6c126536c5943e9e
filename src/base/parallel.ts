import { effectiveNJobs, withThreads } from "./config.js";
import { invalidArgument, show } from "./errors.js";

/** A piece of work: called when its turn comes. Hand the signal to what it calls: it tells that the result is not wanted. */
export type Task<T> = (signal: AbortSignal) => Promise<T> | T;

/** A task by what it returns, so that tasks of several kinds may go together. */
type Work<R> = (signal: AbortSignal) => R;
type Tasks<R> = Iterable<Work<R>> | AsyncIterable<Work<R>>;

/** How far a parallel run is. */
export interface ParallelProgress {
  /** Tasks finished. */
  readonly done: number;
  /** Tasks in all; undefined where the tasks come from an iterator. */
  readonly total: number | undefined;
  /** 0 … 1; NaN where total is not known. */
  readonly fraction: number;
  readonly elapsedMs: number;
}

export interface ParallelOptions {
  /** Tasks that run at once; undefined: the ambient setting, else all cores; -1 all, -2 all but one, …; 1: one by one. */
  readonly nJobs?: number | undefined;
  /** Called once at the start and after every task. What it throws stops the run. */
  readonly onProgress?: ((progress: ParallelProgress) => void) | undefined;
  /** Stops the run; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface ParallelStreamOptions extends ParallelOptions {
  /** Give results in the order of the tasks (default), or as they come. */
  readonly ordered?: boolean | undefined;
}

/** A result and the place of its task. */
export interface Indexed<T> {
  readonly index: number;
  readonly value: T;
}

/**
 * Runs tasks a few at a time and resolves to their results, in the order of the tasks: joblib's Parallel for asynchronous
 * functions. Tasks are pulled from the iterable as slots fall free. The threads are shared out: inside a task its share is the
 * ambient nJobs and the most that anything gets, an estimator whose nJobs asks for more and a `parallel` within too (joblib's
 * nested workers do not multiply either). So no nesting oversubscribes the machine, and results are the same. The first error aborts the other tasks; the
 * promise rejects with it once they have ended.
 *
 * @example
 * const models = [new LogisticRegression(), new HistGradientBoostingClassifier()];
 * await parallel(models.map((model) => (signal) => model.fit(X, y, { signal })));
 * @throws TreelineError ERR_INVALID_ARGUMENT for anything but functions, or nJobs 0.
 */
export async function parallel<R>(tasks: Tasks<R>, options: ParallelOptions = {}): Promise<Awaited<R>[]> {
  const results: Awaited<R>[] = [];
  const run = new Run(tasks, options, Infinity);
  for await (const { index, value } of run.results(false)) results[index] = value;
  return results;
}

/**
 * Runs tasks as parallel does, but gives every result as soon as it is there (joblib's return_as generator). At most
 * 2 × nJobs results wait to be taken: a slow consumer holds the tasks back. Leaving the loop aborts what still runs.
 *
 * @example for await (const { index, value } of parallelStream(tasks, { nJobs: 4, ordered: false })) console.log(index, value);
 * @throws TreelineError ERR_INVALID_ARGUMENT for anything but functions, or nJobs 0.
 */
export function parallelStream<R>(
  tasks: Tasks<R>,
  options: ParallelStreamOptions = {},
): AsyncGenerator<Indexed<Awaited<R>>, void, undefined> {
  const { ordered = true, ...rest } = options;
  return new Run(tasks, rest, 2).results(ordered);
}

/** One run: lanes pull tasks and leave results; the consumer takes them. */
class Run<R> {
  readonly #nJobs: number;
  readonly #share: number;
  readonly #total: number | undefined;
  readonly #maxWaiting: number;
  readonly #iterator: Iterator<Work<R>> | AsyncIterator<Work<R>>;
  readonly #options: ParallelOptions;
  readonly #abort = new AbortController();
  readonly #started = performance.now();
  readonly #waiting = new Map<number, Awaited<R>>();
  #pulling: Promise<unknown> = Promise.resolve();
  #pulled = 0;
  #done = 0;
  #given = 0;
  #failure: { readonly error: unknown } | undefined;
  #changed: () => void = () => undefined;
  #change = Promise.resolve();

  constructor(tasks: Tasks<R>, options: ParallelOptions, waitingPerJob: number) {
    const budget = effectiveNJobs();
    const wanted = effectiveNJobs(options.nJobs, "parallel: nJobs");
    this.#total = Array.isArray(tasks) ? tasks.length : undefined;
    this.#nJobs = Math.max(1, Math.min(wanted, this.#total ?? wanted));
    this.#share = Math.max(1, Math.floor(budget / this.#nJobs));
    this.#maxWaiting = waitingPerJob * this.#nJobs;
    this.#iterator = iteratorOf(tasks);
    this.#options = options;
    this.#nextChange();
  }

  async *results(ordered: boolean): AsyncGenerator<Indexed<Awaited<R>>, void, undefined> {
    const { signal } = this.#options;
    const stop = (): void => this.#fail(signal?.reason);
    signal?.throwIfAborted();
    signal?.addEventListener("abort", stop, { once: true });
    this.#report();
    let lanesLeft = this.#nJobs;
    const lanes = withThreads(this.#share, () =>
      Array.from({ length: this.#nJobs }, async () => {
        await this.#lane();
        lanesLeft--;
        this.#tell();
      }),
    );
    try {
      while (this.#failure === undefined) {
        const index = ordered ? this.#given : (this.#waiting.keys().next().value ?? -1);
        if (this.#waiting.has(index)) {
          const value = this.#waiting.get(index) as Awaited<R>;
          this.#waiting.delete(index);
          this.#given++;
          this.#tell(); // there is room again
          yield { index, value };
        } else if (lanesLeft === 0) {
          return;
        } else {
          await this.#change;
        }
      }
      throw this.#failure.error;
    } finally {
      signal?.removeEventListener("abort", stop);
      this.#abort.abort(this.#failure?.error ?? new DOMException("The results are no longer wanted", "AbortError"));
      this.#tell();
      await Promise.all(lanes); // nothing is left running behind
      await this.#iterator.return?.();
    }
  }

  /** Pulls and runs tasks one after another until there are no more. Never rejects. */
  async #lane(): Promise<void> {
    try {
      while (!this.#abort.signal.aborted) {
        if (this.#waiting.size >= this.#maxWaiting) {
          await this.#change;
          continue;
        }
        const next = await this.#pull();
        if (next === undefined || this.#abort.signal.aborted) return;
        const value = await next.task(this.#abort.signal);
        if (this.#failure !== undefined) return;
        this.#waiting.set(next.index, value);
        this.#done++;
        this.#tell();
        this.#report();
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The next task; one pull at a time. */
  async #pull(): Promise<{ index: number; task: Work<R> } | undefined> {
    const pulling = this.#pulling.then(() => this.#iterator.next());
    this.#pulling = pulling.catch(() => undefined);
    const { done, value } = (await pulling) as IteratorResult<Work<R>, unknown>;
    if (done === true) return undefined;
    const index = this.#pulled++;
    if (typeof value !== "function") {
      throw invalidArgument(`parallel: task ${index} must be a function (signal) => …, got ${show(value)}`);
    }
    return { index, task: value };
  }

  #report(): void {
    const total = this.#total;
    const fraction = total === undefined ? NaN : total === 0 ? 1 : this.#done / total;
    this.#options.onProgress?.({ done: this.#done, total, fraction, elapsedMs: performance.now() - this.#started });
  }

  /** The first error counts; the others follow from the abort. */
  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#abort.abort(error);
    this.#tell();
  }

  #tell(): void {
    this.#changed();
    this.#nextChange();
  }

  #nextChange(): void {
    this.#change = new Promise((resolve) => (this.#changed = resolve));
  }
}

function iteratorOf<T>(tasks: Iterable<T> | AsyncIterable<T>): Iterator<T> | AsyncIterator<T> {
  const { [Symbol.asyncIterator]: later, [Symbol.iterator]: now } = (tasks ?? {}) as Partial<
    AsyncIterable<T> & Iterable<T>
  >;
  if (later !== undefined) return later.call(tasks as AsyncIterable<T>);
  if (now !== undefined) return now.call(tasks as Iterable<T>);
  throw invalidArgument(`parallel: expected an iterable of functions, got ${show(tasks)}`);
}

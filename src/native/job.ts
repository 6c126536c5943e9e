import { AsyncResource } from "node:async_hooks";
import { TreelineError, type ErrorCode } from "../base/errors.js";
import { addon } from "./load.js";
import type { JobOptions } from "./addon.js";

/** How far a fit is. */
export interface Progress {
  /** 0 … 1. */
  readonly fraction: number;
  /** Units done, of `total`: trees, iterations or rows, as the estimator documents. */
  readonly done: number;
  readonly total: number;
  /** Current value of the objective; NaN where there is none. */
  readonly score: number;
}

/** What every asynchronous public method takes. */
export interface RunOptions {
  /** Aborts the work; the promise rejects with the signal's reason and nothing is changed. */
  readonly signal?: AbortSignal | undefined;
  /** Called now and then on the JavaScript thread. What it throws aborts the work and rejects the promise. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/**
 * Runs a piece of asynchronous native work under a signal: `body` gets the JobOptions to hand to every addon call it
 * makes. Abort, a failure of one of the calls, and whatever onProgress throws, cancel them all. onProgress is called in
 * the asynchronous context of the caller and not after an abort.
 */
export async function runJob<T>(
  nJobs: number,
  options: RunOptions | undefined,
  body: (job: JobOptions) => Promise<T>,
): Promise<T> {
  const { signal, onProgress } = options ?? {};
  signal?.throwIfAborted();
  const cancel = addon().createCancelToken();
  const abort = (): void => addon().cancel(cancel);
  let thrown: { error: unknown } | undefined;
  const report = (done: number, total: number, score: number): void => {
    if (thrown || signal?.aborted) return;
    try {
      onProgress?.({ fraction: total > 0 ? done / total : 0, done, total, score });
    } catch (error) {
      thrown = { error };
      abort();
    }
  };
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const result = await body({ nJobs, cancel, onProgress: onProgress ? AsyncResource.bind(report) : undefined });
    if (thrown) throw thrown.error;
    signal?.throwIfAborted();
    return result;
  } catch (error) {
    abort();
    if (thrown) throw thrown.error;
    if (signal?.aborted) throw signal.reason;
    throw fromNative(error);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

const CODES: ReadonlySet<string> = new Set<ErrorCode>([
  "ERR_INVALID_ARGUMENT",
  "ERR_INVALID_DATA",
  "ERR_MEMORY_LIMIT",
  "ERR_IO",
  "ERR_NATIVE",
]);

/** An error thrown by the addon as a TreelineError; anything else as it is. */
export function fromNative(error: unknown): unknown {
  if (error instanceof TreelineError || !(error instanceof Error)) return error;
  const code = (error as { code?: unknown }).code;
  return typeof code === "string" && CODES.has(code)
    ? new TreelineError(code as ErrorCode, error.message, { cause: error })
    : error;
}

import { bytesOf } from "./base/config.js";
import { invalidArgument, show } from "./base/errors.js";
import { StepCache } from "./pipeline/step-cache.js";
import { construct } from "./registry.js";

/** Options of withCache. */
export interface CacheOptions {
  /** Most that the directory may hold, in bytes or for example "2GB": what was not used for longest goes first. Default: no limit. */
  readonly limit?: number | string | null | undefined;
}

/**
 * Runs `body` with a directory in which the transformers of every Pipeline, and of pipelines in searches and validations, keep
 * what they learned and what they made of their rows: the same step, with the same parameters, on the same data is read
 * instead of fitted, with the same answers bit for bit. The place of joblib's Memory (scikit-learn's `memory` of a Pipeline).
 *
 * Entries are found by what X, y and the parameters hold, so that nothing stale is ever read; hashing X costs a pass over
 * it. Kept are steps that give a Matrix or a CsrMatrix and are the same in every fit (randomState set, no functions among the
 * parameters). Processes may share the directory; a full disk or a damaged file costs a warning, not the fit.
 *
 * @param directory is made where it does not exist.
 * @example
 * const model = makePipeline(new KNNImputer(), new LogisticRegression());
 * await withCache(".cache", () => model.fit(X, y)); // the second time the imputer is read
 * @throws TreelineError ERR_INVALID_ARGUMENT
 */
export function withCache<T>(directory: string, body: () => T, options: CacheOptions = {}): T {
  if (typeof directory !== "string" || directory === "") {
    throw invalidArgument(`withCache: directory must be the path of a directory, got ${show(directory)}`);
  }
  if (typeof body !== "function") throw invalidArgument(`withCache: body must be a function, got ${show(body)}`);
  const odd = Object.keys(options).find((name) => name !== "limit");
  if (odd !== undefined) throw invalidArgument(`withCache: unknown option ${show(odd)}; there is limit`);
  const limit = options.limit ?? undefined;
  return new StepCache(directory, construct, limit === undefined ? undefined : bytesOf(limit, "withCache: limit")).run(
    body,
  );
}

import { AsyncLocalStorage } from "node:async_hooks";
import { mkdir, readdir, rm, stat, utimes } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { TreelineError, warnData } from "../base/errors.js";
import { BaseEstimator, clone, type AnyEstimator } from "../base/estimator.js";
import type { Construct } from "../base/persistence.js";
import { TEMPORARY } from "../base/replace-file.js";
import { ContentHash } from "../data/content-hash.js";
import { CsrMatrix } from "../data/csr-matrix.js";
import { isStream, type InputLike } from "../data/documents.js";
import { Matrix } from "../data/matrix.js";
import type { TableLike } from "../data/table-columns.js";
import type { VectorLike } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import { readCached, writeCached, type CachedStep } from "./cache-file.js";

const SUFFIX = ".treeline-cache";
/** What a process that was killed left behind is removed after a day. */
const STALE_MS = 24 * 3600 * 1000;

/** A fit of a transformer: what it depends on besides the version. */
export interface StepFit {
  readonly step: AnyEstimator;
  readonly X: InputLike;
  readonly y: VectorLike | undefined;
  readonly options: RunOptions;
}

const scoped = new AsyncLocalStorage<StepCache>();

/** The cache that holds here. */
export function ambientStepCache(): StepCache | undefined {
  return scoped.getStore();
}

/**
 * Fitted transformers and what they made of their rows, in files of a directory that any number of processes may share: a file
 * is written beside its place and renamed, and read whole or not at all. Names are hashes of everything that decides:
 * version, class, parameters, X, y, options of fit.
 */
export class StepCache {
  readonly #directory: string;
  readonly #construct: Construct;
  readonly #limit: number | undefined;

  /** @param limit bytes that the directory may hold; beyond, what was not used for longest is removed. */
  constructor(directory: string, construct: Construct, limit: number | undefined) {
    this.#directory = directory;
    this.#construct = construct;
    this.#limit = limit;
  }

  /** Runs `body` with this cache for the transformers of the pipelines in it. */
  run<T>(body: () => T): T {
    return scoped.run(this, body);
  }

  /**
   * What there is of a fit, or `make` and what it gave, kept for the next time. The step ends fitted either way. Trouble with
   * the directory is told as a warning and never fails the fit.
   */
  async use(fit: StepFit, make: () => Promise<InputLike>): Promise<InputLike> {
    const path = await this.#pathOf(fit);
    if (path === undefined) return make();
    const found = await this.#read(path);
    if (found !== undefined) {
      fit.options.signal?.throwIfAborted();
      fit.step.loadState(found.fitted.saveState());
      return found.Z;
    }
    const Z = await make();
    if (Z instanceof Matrix || Z instanceof CsrMatrix) await this.#write(path, { fitted: fit.step, Z });
    return Z;
  }

  /** Undefined for a fit that is not the same every time, or whose parameters have no words. */
  async #pathOf({ step, X, y, options }: StepFit): Promise<string | undefined> {
    const description = descriptionOf(step);
    if (description === undefined) return undefined;
    if (isStream(X)) return undefined; // it can be read once
    const hash = new ContentHash(options.signal);
    hash.text(versionOf(), description);
    const rest = Object.entries(options).filter(([name]) => name !== "signal" && name !== "onProgress");
    if (rest.some(([, value]) => typeof value !== "object" || value === null)) return undefined;
    await hash.table(X, "Pipeline.fit: X");
    await hashTargets(hash, y);
    for (const [name, value] of rest) {
      hash.text(name);
      await hash.column(value as VectorLike, `Pipeline.fit: ${name}`);
    }
    return join(this.#directory, `${step.className}-${hash.digest()}${SUFFIX}`);
  }

  async #read(path: string): Promise<CachedStep | undefined> {
    try {
      const found = await readCached(path, this.#construct);
      if (found !== undefined) await utimes(path, new Date(), new Date()).catch(() => undefined); // another removed it
      return found;
    } catch (error) {
      warnData(`withCache: ${path} is computed anew: ${messageOf(error)}`);
      return undefined;
    }
  }

  async #write(path: string, step: CachedStep): Promise<void> {
    try {
      await mkdir(this.#directory, { recursive: true });
      await writeCached(path, step);
      await this.#tidy();
    } catch (error) {
      warnData(`withCache: cannot keep ${step.fitted.className}: ${messageOf(error)}`);
    }
  }

  /** Removes what killed processes left, and the oldest files beyond the limit. */
  async #tidy(): Promise<void> {
    const names = await readdir(this.#directory);
    const files: { readonly path: string; readonly size: number; readonly used: number }[] = [];
    for (const name of names) {
      const path = join(this.#directory, name);
      if (!name.endsWith(SUFFIX) && !name.endsWith(TEMPORARY)) continue;
      const status = await stat(path).catch(() => undefined); // another process tidies too
      if (status === undefined) continue;
      if (name.endsWith(SUFFIX)) files.push({ path, size: status.size, used: status.mtimeMs });
      else if (Date.now() - status.mtimeMs > STALE_MS) await rm(path, { force: true });
    }
    let total = files.reduce((sum, { size }) => sum + size, 0);
    for (const { path, size } of files.sort((a, b) => a.used - b.used)) {
      if (total <= (this.#limit ?? Infinity)) return;
      await rm(path, { force: true });
      total -= size;
    }
  }
}

/** What a transformer is: equal for equal ones, undefined where that cannot be told. */
export function descriptionOf(step: object): string | undefined {
  if (!(step instanceof BaseEstimator)) return undefined;
  const estimator = step as AnyEstimator;
  const params = estimator.getParams() as Readonly<Record<string, unknown>>;
  if (Object.entries(params).some(([name, value]) => name.endsWith("randomState") && value === null)) return undefined;
  try {
    return JSON.stringify(clone(estimator).toJSON());
  } catch {
    return undefined; // a parameter that has no words
  }
}

/** y as what it is: a column, or a table of several targets. */
async function hashTargets(hash: ContentHash, y: VectorLike | undefined): Promise<void> {
  if (y === undefined || y === null) {
    hash.text("no y");
    return;
  }
  const isTable =
    y instanceof Matrix || (Array.isArray(y) ? typeof y[0] === "object" && y[0] !== null : "numCols" in y);
  if (isTable) await hash.table(y as unknown as TableLike, "Pipeline.fit: y");
  else await hash.column(y, "Pipeline.fit: y");
}

let version: string | undefined;

/** The package's: numbers may differ from one to the next. */
function versionOf(): string {
  version ??= (createRequire(import.meta.url)("../../package.json") as { version: string }).version;
  return version;
}

function messageOf(error: unknown): string {
  if (error instanceof TreelineError) return error.message.replace(/^withCache: /, "");
  return error instanceof Error ? error.message : String(error);
}

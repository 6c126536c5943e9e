import { AsyncLocalStorage } from "node:async_hooks";
import { availableParallelism, tmpdir } from "node:os";
import { invalidArgument, show } from "./errors.js";

/** Ambient settings: joblib's `parallel_config` place. A setting that is undefined keeps its value; null: the default. */
export interface Config {
  /** Threads of a fit that names none. Default: all available cores. Same meaning as the nJobs parameter. */
  readonly nJobs?: number | null | undefined;
  /** Bytes of data to keep in memory before spilling, a number or for example "2GB". Default: no limit. */
  readonly memoryLimit?: number | string | null | undefined;
  /** Existing directory for what does not fit in memoryLimit. Default: the system's temporary one (os.tmpdir()). */
  readonly spillDirectory?: string | null | undefined;
  /** Where parallel work runs. "threads" is the one backend there is today. */
  readonly backend?: "threads" | null | undefined;
}

/** What holds inside a body: its settings, and the most threads that anything in it may use. */
interface Scope {
  readonly config: Config;
  readonly mostThreads: number;
}

const scoped = new AsyncLocalStorage<Scope>();
let processWide: Config = {};

/**
 * Sets ambient settings for the whole process; settings left out keep their value.
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT for an unknown or malformed setting.
 */
export function setConfig(config: Config): void {
  checkConfig(config, "setConfig");
  processWide = { ...processWide, ...given(config) };
}

/** The ambient settings in force here. */
export function getConfig(): Config {
  return { ...processWide, ...scoped.getStore()?.config };
}

/**
 * Runs `body` with ambient settings that everything it calls and awaits sees, and nothing else does.
 *
 * @example await withConfig({ nJobs: 4 }, () => model.fit(X, y));
 * @throws TreelineError ERR_INVALID_ARGUMENT for an unknown or malformed setting.
 */
export function withConfig<T>(config: Config, body: () => T): T {
  checkConfig(config, "withConfig");
  const { config: outer, mostThreads = Infinity } = scoped.getStore() ?? {};
  return scoped.run({ config: { ...outer, ...given(config) }, mostThreads }, body);
}

/**
 * Runs `body` with a share of the threads: what names no nJobs uses them all, and what names more gets no more. Shares
 * within shares only become smaller.
 */
export function withThreads<T>(threads: number, body: () => T): T {
  const { config, mostThreads = Infinity } = scoped.getStore() ?? {};
  const most = Math.min(threads, mostThreads);
  return scoped.run({ config: { ...config, nJobs: most }, mostThreads: most }, body);
}

/**
 * The number of threads that `nJobs` means: undefined → the ambient setting, else all available cores; -1 all,
 * -2 all but one, …; at least 1. In a task of `parallel` (a search, an ensemble, …) never more than the task's share of the
 * threads, whatever nJobs asks for.
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT for 0 or a non-integer.
 */
export function effectiveNJobs(nJobs?: number | null, where = "nJobs"): number {
  const cores = availableParallelism();
  const wanted = nJobs ?? getConfig().nJobs ?? cores;
  checkNJobs(wanted, where);
  const threads = wanted > 0 ? wanted : Math.max(1, cores + 1 + wanted);
  return Math.min(threads, scoped.getStore()?.mostThreads ?? Infinity);
}

/** The memory limit in bytes; undefined: none. */
export function memoryLimitBytes(): number | undefined {
  const limit = getConfig().memoryLimit;
  return limit === undefined || limit === null ? undefined : bytesOf(limit, "memoryLimit");
}

/** The directory for spill files. */
export function spillDirectory(): string {
  return getConfig().spillDirectory ?? tmpdir();
}

/** The settings that are not left out. */
function given(config: Config): Config {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined)) as Config;
}

const SETTINGS = ["nJobs", "memoryLimit", "spillDirectory", "backend"];

function checkConfig(config: Config, where: string): void {
  if (typeof config !== "object" || config === null) {
    throw invalidArgument(`${where}: expected settings such as { nJobs: 4 }, got ${show(config)}`);
  }
  for (const key of Object.keys(config)) {
    if (!SETTINGS.includes(key)) {
      throw invalidArgument(
        `${where}: unknown setting ${show(key)}; there are nJobs, memoryLimit, spillDirectory and backend`,
      );
    }
  }
  if (config.nJobs !== undefined && config.nJobs !== null) checkNJobs(config.nJobs, `${where}: nJobs`);
  if (config.memoryLimit !== undefined && config.memoryLimit !== null)
    bytesOf(config.memoryLimit, `${where}: memoryLimit`);
  const { spillDirectory: directory } = config;
  if (directory !== undefined && directory !== null && (typeof directory !== "string" || directory === "")) {
    throw invalidArgument(`${where}: spillDirectory must be the path of a directory, got ${show(directory)}`);
  }
  if (config.backend !== undefined && config.backend !== null && config.backend !== "threads") {
    throw invalidArgument(`${where}: backend must be "threads", got ${show(config.backend)}`);
  }
}

function checkNJobs(nJobs: number, where: string): void {
  if (!Number.isInteger(nJobs) || nJobs === 0) {
    throw invalidArgument(`${where} must be a non-zero integer (-1: all cores), got ${show(nJobs)}`);
  }
}

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
};

/** A size in bytes, or one such as "2GB", as bytes. @throws TreelineError ERR_INVALID_ARGUMENT */
export function bytesOf(limit: number | string, where: string): number {
  if (typeof limit === "number") {
    if (limit > 0 && Number.isFinite(limit)) return limit;
  } else {
    const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(limit);
    const unit = UNITS[(match?.[2] ?? "?").toUpperCase()];
    if (match && unit !== undefined && Number(match[1]) > 0) return Number(match[1]) * unit;
  }
  throw invalidArgument(`${where} must be a positive number of bytes or a size such as "2GB", got ${show(limit)}`);
}

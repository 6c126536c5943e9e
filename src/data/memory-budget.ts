import { memoryLimitBytes, spillDirectory } from "../base/config.js";
import { TreelineError } from "../base/errors.js";
import type { MemoryBudget } from "../native/addon.js";

const INSTEAD_OF_A_TABLE = "estimators read a Frame piece by piece, so fit on the Frame itself, select fewer columns";

/** The settings in force here, as native code takes them; `reserved` bytes of memoryLimit are for something else. */
export function memoryBudget(reserved = 0): MemoryBudget {
  const limit = memoryLimitBytes();
  const memoryLimit = limit === undefined ? 0 : Math.max(1, Math.ceil(limit - reserved)); // 0: none
  return { memoryLimit, spillDirectory: spillDirectory() };
}

/** Throws when `bytes` would not fit in memoryLimit. @param instead what to do but raise the limit. */
export function refuseTooLarge(bytes: number, where: string, instead = INSTEAD_OF_A_TABLE): void {
  const limit = memoryLimitBytes();
  if (limit === undefined || bytes <= limit) return;
  throw new TreelineError(
    "ERR_MEMORY_LIMIT",
    `${where}: needs ${(bytes / 1e6).toFixed(1)} MB or more, but memoryLimit is ${(limit / 1e6).toFixed(1)} MB: ${instead}, or raise memoryLimit`,
  );
}

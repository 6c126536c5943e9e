import { invalidArgument, show } from "../base/errors.js";
import { refuseUnknown } from "../base/params.js";
import type { VectorLike } from "../data/vector.js";

/** What nearly every metric takes. */
export interface WeightedOptions {
  /** Weight of every row: non-negative, not all zero. Default: all 1. */
  readonly sampleWeight?: VectorLike | undefined;
}

/** Throws for an option that `where` does not have, naming the nearest known one. */
export function checkOptions(where: string, options: object, known: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options) || ArrayBuffer.isView(options)) {
    throw invalidArgument(`${where}: options must be an object such as { ${known[0] ?? ""}: … }, got ${show(options)}`);
  }
  for (const name of Object.keys(options)) refuseUnknown(where, name, known, "option");
}

/** Throws unless `value` is one of `choices`. */
export function checkChoice<T>(where: string, name: string, value: T, choices: readonly T[]): void {
  if (choices.includes(value)) return;
  throw invalidArgument(
    `${where}: ${name} must be one of ${choices.map((c) => show(c)).join(", ")}, got ${show(value)}`,
  );
}

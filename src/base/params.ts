import { invalidArgument, show } from "./errors.js";

/** How one constructor parameter is checked. Defaults and rules live in one table per estimator. */
export interface ParamSpec<T> {
  readonly default: T;
  /** True for a value the parameter may take. */
  readonly accepts: (value: unknown) => boolean;
  /** What it must be, for the message: "a positive number". */
  readonly expected: string;
  /** A value it refuses: the contract tests try it. */
  readonly invalid: unknown;
}

export type ParamSpecs<P> = { readonly [K in keyof P]-?: ParamSpec<P[K]> };

export interface NumberRange {
  readonly min?: number;
  readonly max?: number;
  /** The bound itself is refused. */
  readonly exclusiveMin?: boolean;
  readonly exclusiveMax?: boolean;
  /** Infinity is allowed. */
  readonly infinite?: boolean;
}

function inRange(value: unknown, range: NumberRange): boolean {
  if (typeof value !== "number" || Number.isNaN(value)) return false;
  if (!Number.isFinite(value) && !range.infinite) return false;
  const { min = -Infinity, max = Infinity } = range;
  return (range.exclusiveMin ? value > min : value >= min) && (range.exclusiveMax ? value < max : value <= max);
}

function describe(kind: string, range: NumberRange): string {
  if (range.min === 0 && range.exclusiveMin && range.max === undefined) return `a positive ${kind}`;
  if (range.min === 0 && range.max === undefined) return `a non-negative ${kind}`;
  const from = range.min === undefined ? "" : `${range.exclusiveMin ? "> " : ">= "}${range.min}`;
  const to = range.max === undefined ? "" : `${range.exclusiveMax ? "< " : "<= "}${range.max}`;
  const bounds = [from, to].filter((text) => text !== "").join(" and ");
  return bounds === "" ? `a ${kind}` : `a ${kind} ${bounds}`;
}

/** A float in a range. */
export function number(fallback: number, range: NumberRange = {}): ParamSpec<number> {
  return {
    default: fallback,
    accepts: (value) => inRange(value, range),
    expected: describe("number", range),
    invalid: range.min === undefined ? "1" : range.min - 1,
  };
}

/** An integer in a range. */
export function integer(fallback: number, range: NumberRange = {}): ParamSpec<number> {
  return {
    default: fallback,
    accepts: (value) => Number.isInteger(value) && inRange(value, range),
    expected: describe("integer", range).replace("a integer", "an integer"),
    invalid: (range.min ?? 0) + 0.5,
  };
}

export function boolean(fallback: boolean): ParamSpec<boolean> {
  return { default: fallback, accepts: (value) => typeof value === "boolean", expected: "true or false", invalid: 1 };
}

/** One of a few strings. */
export function choice<T extends string>(fallback: T, choices: readonly T[]): ParamSpec<T> {
  return {
    default: fallback,
    accepts: (value) => choices.includes(value as T),
    expected: `one of ${choices.map((c) => JSON.stringify(c)).join(", ")}`,
    invalid: "no such choice",
  };
}

/** A parameter that may also be null (scikit-learn's None). */
export function nullable<T>(spec: ParamSpec<T>, fallback: T | null = null): ParamSpec<T | null> {
  return {
    default: fallback,
    accepts: (value) => value === null || spec.accepts(value),
    expected: `${spec.expected}, or null`,
    invalid: spec.invalid,
  };
}

/** Either of two kinds of value. */
export function either<A, B>(a: ParamSpec<A>, b: ParamSpec<B>, fallback: A | B = a.default): ParamSpec<A | B> {
  return {
    default: fallback,
    accepts: (value) => a.accepts(value) || b.accepts(value),
    expected: `${a.expected}, or ${b.expected}`,
    invalid: Symbol.for("neither"),
  };
}

/** A parameter with a rule of its own. */
export function custom<T>(
  fallback: T,
  expected: string,
  accepts: (value: unknown) => boolean,
  invalid: unknown = Symbol.for("invalid"),
): ParamSpec<T> {
  return { default: fallback, accepts, expected, invalid };
}

/** nJobs: null → the ambient setting. */
export function nJobs(): ParamSpec<number | null> {
  return {
    default: null,
    accepts: (value) => value === null || (Number.isInteger(value) && value !== 0),
    expected: "a non-zero integer (-1: all cores), or null",
    invalid: 0,
  };
}

/** A seed; null → a fresh one for every fit. */
export function randomState(): ParamSpec<number | null> {
  return {
    default: null,
    accepts: (value) => value === null || (Number.isSafeInteger(value) && (value as number) >= 0),
    expected: "a non-negative integer, or null",
    invalid: -1,
  };
}

/**
 * Fills in defaults and refuses unknown names, naming the nearest known one. Values are not checked here but in fit
 * (checkParams), as in scikit-learn: setParams may pass through invalid combinations.
 */
export function withDefaults<P extends object>(className: string, specs: ParamSpecs<P>, given: Partial<P>): P {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw invalidArgument(`${className}: parameters must be an object such as { ${Object.keys(specs)[0] ?? ""}: … }`);
  }
  for (const name of Object.keys(given)) refuseUnknown(className, name, Object.keys(specs));
  const params: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries<ParamSpec<unknown>>(specs)) {
    const value = (given as Record<string, unknown>)[name];
    params[name] = value === undefined ? spec.default : value;
  }
  return params as P;
}

/** Checks every value against its rule. Call it in the first line of fit. */
export function checkParams<P extends object>(className: string, specs: ParamSpecs<P>, params: P): void {
  for (const [name, spec] of Object.entries<ParamSpec<unknown>>(specs)) {
    const value = (params as Record<string, unknown>)[name];
    if (!spec.accepts(value)) {
      throw invalidArgument(`${className}: ${name} must be ${spec.expected}, got ${show(value)}`);
    }
  }
}

/** Throws for an option name that is not among `known`: `n_jobs` → "spelt nJobs here". */
export function refuseUnknown(where: string, name: string, known: readonly string[], kind = "parameter"): void {
  if (known.includes(name)) return;
  const camel = camelCase(name);
  const hint = known.includes(camel) ? `; it is spelt ${camel} here` : nearest(name, known);
  throw invalidArgument(`${where}: unknown ${kind} ${show(name)}${hint}`);
}

/** `n_jobs` → `nJobs`. */
export function camelCase(name: string): string {
  return name.replace(/(?<=.)_+([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
}

/** The end of a message about an unknown name: the nearest known one, else what there is. */
export function nearest(name: string, known: readonly string[]): string {
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (best !== undefined && best.distance <= Math.max(2, name.length / 3)) return `; did you mean ${best.candidate}?`;
  if (known.length > 40) return `; there are ${known.slice(0, 40).join(", ")} and ${known.length - 40} more`;
  return known.length > 0 ? `; there are ${known.join(", ")}` : "; it takes none";
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitution, (previous[j] as number) + 1, (row[j - 1] as number) + 1));
    }
    previous = row;
  }
  return previous[b.length] as number;
}

/** What went wrong, for programs. Abort is not among them: it rejects with the signal's own reason. */
export type ErrorCode =
  "ERR_INVALID_ARGUMENT" | "ERR_INVALID_DATA" | "ERR_NOT_FITTED" | "ERR_MEMORY_LIMIT" | "ERR_IO" | "ERR_NATIVE";

/**
 * Every error Treeline throws on purpose. The message says where, what was expected, what came and what to do; `code`
 * is stable across releases.
 */
export class TreelineError extends Error {
  override readonly name = "TreelineError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** A parameter or argument outside its documented range or type. */
export function invalidArgument(message: string): TreelineError {
  return new TreelineError("ERR_INVALID_ARGUMENT", message);
}

/** Data that cannot be used: wrong shape, NaN where it is not allowed, too few classes. */
export function invalidData(message: string): TreelineError {
  return new TreelineError("ERR_INVALID_DATA", message);
}

/** A method that needs `fit` first. */
export function notFitted(className: string, what: string): TreelineError {
  return new TreelineError("ERR_NOT_FITTED", `${className}: ${what} needs a fitted model; call fit first`);
}

/** How messages show a value: short, and telling strings from numbers. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `a function`;
  if (typeof value === "object" && value !== null) {
    const name = value.constructor?.name ?? "object";
    const length = (value as { length?: unknown }).length;
    return typeof length === "number" ? `${name}(${length})` : `a ${name}`;
  }
  return String(value);
}

/** Tells of a fit that stopped before it converged, through process.emitWarning, as scikit-learn's ConvergenceWarning. */
export function warnConvergence(message: string): void {
  process.emitWarning(message, { type: "ConvergenceWarning", code: "TREELINE_CONVERGENCE" });
}

/** Tells of a fit among many that failed, as scikit-learn's FitFailedWarning. */
export function warnFit(message: string): void {
  process.emitWarning(message, { type: "FitFailedWarning", code: "TREELINE_FIT_FAILED" });
}

/** Tells of data a method can use but the caller should know about. */
export function warnData(message: string): void {
  process.emitWarning(message, { type: "DataWarning", code: "TREELINE_DATA" });
}

/** Tells of a metric that has no value for this data, as scikit-learn's UndefinedMetricWarning. */
export function warnUndefinedMetric(message: string): void {
  process.emitWarning(message, { type: "UndefinedMetricWarning", code: "TREELINE_UNDEFINED_METRIC" });
}

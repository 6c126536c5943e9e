import { invalidArgument, show } from "../base/errors.js";
import { BaseEstimator } from "../base/estimator.js";
import { isArrowVector } from "../data/arrow.js";
import type { InputLike } from "../data/documents.js";
import type { VectorLike } from "../data/vector.js";
import { checkOptions } from "../metrics/options.js";
import type { Scorable } from "../metrics/scorer.js";

/** One thing, or several with names: a line each in one picture. */
export type OneOrNamed<T extends object> = T | readonly T[] | Readonly<Record<string, T>>;

/** Fitted estimators: one, several, or several with names. */
export type Models = OneOrNamed<Scorable>;

/** What a plot was called with: estimators and data, or what estimators predicted. */
export type Call<O> =
  | {
      readonly kind: "models";
      readonly models: readonly Named<Scorable>[];
      readonly X: InputLike;
      readonly y: VectorLike;
      readonly options: O;
    }
  | {
      readonly kind: "predictions";
      readonly yTrue: VectorLike;
      readonly predictions: readonly Named<VectorLike>[];
      readonly options: O;
    };

/** A value and the name that the picture gives it. */
export interface Named<T> {
  readonly name: string;
  readonly value: T;
}

/** Whether it can be asked for predictions. */
export function isModel(value: unknown): value is Scorable {
  if (typeof value !== "object" || value === null) return false;
  const methods = ["predict", "predictProba", "decisionFunction"] as const;
  return methods.some((method) => typeof (value as Scorable)[method] === "function");
}

/** The estimators by name; undefined if it is none and holds none. @throws TreelineError ERR_INVALID_ARGUMENT for a mixture. */
export function namedModels(where: string, value: unknown): Named<Scorable>[] | undefined {
  return namedOf(where, value, isModel, "a fitted estimator", (models) => distinct(models.map(modelName)));
}

/**
 * Values by name: one alone, an array of them, or an object of them. Undefined if the first is of another kind.
 */
export function namedOf<T>(
  where: string,
  value: unknown,
  is: (one: unknown) => one is T,
  expected: string,
  names: (values: readonly T[]) => string[],
): Named<T>[] | undefined {
  if (is(value)) return [{ name: names([value])[0] as string, value }];
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return undefined;
  const plain = Object.getPrototypeOf(value) === Object.prototype;
  if (!plain && !Array.isArray(value)) return undefined;
  const entries = Object.entries(value as Readonly<Record<string, unknown>>);
  if (entries.length === 0 || !is(entries[0]?.[1])) return undefined;
  const odd = entries.find(([, one]) => !is(one));
  if (odd !== undefined) {
    throw invalidArgument(
      `${where}: ${JSON.stringify(odd[0])} must be ${expected}, as the others, got ${show(odd[1])}`,
    );
  }
  const values = entries.map(([, one]) => one as T);
  const given = plain ? entries.map(([name]) => name) : names(values);
  return values.map((one, k) => ({ name: given[k] as string, value: one }));
}

/** The class of an estimator; of a pipeline that of its last step, of a search that of what it searches over. */
export function modelName(model: object): string {
  const { namedSteps } = model as { readonly namedSteps?: Readonly<Record<string, unknown>> };
  const last = namedSteps === undefined ? undefined : Object.values(namedSteps).at(-1);
  if (typeof last === "object" && last !== null) return modelName(last);
  return model instanceof BaseEstimator ? model.className : model.constructor.name;
}

/** Names with a number behind those that come more than once. */
export function distinct(names: readonly string[]): string[] {
  return names.map((name, k) =>
    names.indexOf(name) === names.lastIndexOf(name)
      ? name
      : `${name} ${names.slice(0, k + 1).filter((other) => other === name).length}`,
  );
}

/** Whether it can be y. */
export function isVector(value: unknown): value is VectorLike {
  if (Array.isArray(value)) return typeof value[0] !== "object" || value[0] === null;
  if (ArrayBuffer.isView(value)) return !(value instanceof DataView);
  if (isArrowVector(value)) return true;
  return typeof value === "object" && value !== null && typeof (value as { values?: unknown }).values === "function";
}

/**
 * Reads the two ways to call a plot: (yTrue, predictions, options) and (models, X, y, options), where predictions are one
 * column or an object of columns by name, and models one estimator, an array or an object of them.
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT
 */
export function readCall<O extends object>(
  where: string,
  given: readonly unknown[],
  known: readonly string[],
): Call<O> {
  const [first, second, third, fourth] = given;
  const models = namedModels(where, first);
  const options = ((models === undefined ? third : fourth) ?? {}) as O;
  checkOptions(where, options, known);
  if (models !== undefined) {
    if (second === undefined) throw invalidArgument(`${where}: after the estimators X is missing`);
    if (!isVector(third))
      throw invalidArgument(`${where}: after the estimators and X y is missing, got ${show(third)}`);
    return { kind: "models", models, X: second as InputLike, y: third, options };
  }
  if (!isVector(first)) {
    throw invalidArgument(
      `${where}: expected fitted estimators, X and y, or yTrue and what estimators predicted, got ${show(first)} first`,
    );
  }
  const name = (options as { readonly name?: string }).name ?? "";
  const predictions = namedOf(where, second, isVector, "a column", (all) =>
    all.length === 1 ? [name] : all.map((_, k) => `model ${k + 1}`),
  );
  if (predictions === undefined) {
    throw invalidArgument(
      `${where}: expected a column of predictions, or an object of such columns by name, got ${show(second)}`,
    );
  }
  return { kind: "predictions", yTrue: first, predictions, options };
}

import { inspect, type InspectOptions } from "node:util";
import { invalidArgument, invalidData, notFitted, warnData } from "./errors.js";
import { checkParams, refuseUnknown, withDefaults, type ParamSpecs } from "./params.js";
import { saveEstimator, estimatorToBuffer, type State } from "./persistence.js";

/** What an estimator can do, for generic code: pipelines, searches, the contract tests. */
export interface EstimatorTags {
  readonly kind: "classifier" | "regressor" | "transformer";
  /** NaN in X is a missing value; without it NaN is refused. */
  readonly allowNaN: boolean;
  /** fit needs y. */
  readonly requiresY: boolean;
  /** fit takes { sampleWeight }. */
  readonly sampleWeight: boolean;
  /** The predictions ignore X (dummies): accuracy is not tested. */
  readonly ignoresX?: boolean;
}

/** What every fit learns. Subclasses add their own fields; the whole is replaced at once when a fit succeeds. */
export interface FittedBase {
  readonly nFeaturesIn: number;
  readonly featureNamesIn: readonly string[] | undefined;
}

/**
 * What all estimators share: parameters as scikit-learn keeps them (stored unchanged by the constructor, checked by fit),
 * fitted state that a failed or aborted fit leaves as it was, and saving.
 */
export abstract class BaseEstimator<P extends object, F extends FittedBase> {
  readonly #className: string;
  readonly #specs: ParamSpecs<P>;
  #params: P;
  #fitted: F | undefined;

  /** @throws TreelineError ERR_INVALID_ARGUMENT for a parameter that does not exist. */
  protected constructor(className: string, specs: ParamSpecs<P>, params: Partial<P>) {
    this.#className = className;
    this.#specs = specs;
    this.#params = withDefaults(className, specs, params);
  }

  abstract get tags(): EstimatorTags;

  /** The class's name as it was exported, also in minified programs. */
  get className(): string {
    return this.#className;
  }

  /** The parameters' defaults and rules. */
  get paramSpecs(): ParamSpecs<P> {
    return this.#specs;
  }

  /** The parameters: a copy. */
  getParams(): P {
    return { ...this.#params };
  }

  /**
   * Changes parameters; the next fit checks their values. Nothing changes if a name is unknown.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT for a parameter that does not exist.
   */
  setParams(params: Partial<P>): this {
    for (const name of Object.keys(params)) refuseUnknown(this.#className, name, Object.keys(this.#specs));
    const given = Object.entries(params).filter(([, value]) => value !== undefined);
    this.#params = { ...this.#params, ...Object.fromEntries(given) };
    return this;
  }

  /** Whether fit (or load) has succeeded. */
  get isFitted(): boolean {
    return this.#fitted !== undefined;
  }

  /** Number of features seen in fit. @throws TreelineError ERR_NOT_FITTED */
  get nFeaturesIn_(): number {
    return this.fitted("nFeaturesIn_").nFeaturesIn;
  }

  /** Names of the features seen in fit, where X had names. @throws TreelineError ERR_NOT_FITTED */
  get featureNamesIn_(): readonly string[] | undefined {
    return this.fitted("featureNamesIn_").featureNamesIn;
  }

  /** Everything needed to rebuild the estimator, as JSON-compatible data; binary parts as base64. */
  toJSON(): unknown {
    return JSON.parse(JSON.stringify({ class: this.#className, params: this.#params, fitted: this.isFitted }));
  }

  /**
   * Writes the fitted estimator to a file; `load` brings it back with the same predictions, bit for bit. The file is
   * replaced at once: a failed save leaves the old one.
   *
   * @throws TreelineError ERR_NOT_FITTED, ERR_IO
   */
  async save(path: string): Promise<void> {
    await saveEstimator(this, path);
  }

  /** The bytes `save` would write: for postMessage, databases, object stores. `fromBuffer` reads them. */
  toBuffer(): Uint8Array {
    return estimatorToBuffer(this);
  }

  [inspect.custom](_depth: number, options: InspectOptions): string {
    const changed = Object.entries<unknown>(this.#params as Record<string, unknown>).filter(
      ([name, value]) => !Object.is(value, this.#specs[name as keyof P].default),
    );
    const shown = changed.map(([name, value]) => `${name}: ${inspect(value, { ...options, depth: 1 })}`).join(", ");
    return `${this.#className}(${shown})`;
  }

  /** The fitted state as plain data for saving. Override where a field is a native object. @internal */
  saveState(): State {
    return this.fitted("save") as unknown as State;
  }

  /** Takes back what saveState gave. @internal */
  loadState(state: State): void {
    this.#fitted = state as unknown as F;
  }

  /** Direct read access to the parameters, for subclasses. */
  protected get params(): Readonly<P> {
    return this.#params;
  }

  /** The first line of every fit: all parameters checked. */
  protected checkParams(): void {
    checkParams(this.#className, this.#specs, this.#params);
  }

  /** The fitted state, or ERR_NOT_FITTED naming what asked for it. */
  protected fitted(what: string): F {
    if (this.#fitted === undefined) throw notFitted(this.#className, what);
    return this.#fitted;
  }

  /** The fitted state, if there is one (warm start). */
  protected get fittedOrUndefined(): F | undefined {
    return this.#fitted;
  }

  /** The last line of every fit: replaces the fitted state at once. */
  protected setFitted(fitted: F): void {
    this.#fitted = fitted;
  }

  /**
   * Checks that a table to predict or transform has the features of fit, by number and, where both have names, by name
   * and order.
   */
  protected checkFeatures(
    method: string,
    X: { readonly nFeatures: number; readonly featureNames: readonly string[] | undefined },
  ): void {
    const fitted = this.fitted(method);
    const where = `${this.#className}.${method}`;
    if (X.nFeatures !== fitted.nFeaturesIn) {
      throw invalidData(
        `${where}: X has ${X.nFeatures} features, but ${this.#className} is expecting ${fitted.nFeaturesIn} features as input`,
      );
    }
    const expected = fitted.featureNamesIn;
    if (expected === undefined || X.featureNames === undefined) {
      if (expected !== undefined) {
        warnData(`${where}: X does not have feature names, but ${this.#className} was fitted with feature names`);
      }
      return;
    }
    const wrong = expected.findIndex((name, j) => name !== X.featureNames?.[j]);
    if (wrong >= 0) {
      throw invalidData(
        `${where}: the feature names should match those of fit, in the same order: column ${wrong} is ` +
          `${JSON.stringify(X.featureNames[wrong])}, was ${JSON.stringify(expected[wrong])} in fit`,
      );
    }
  }
}

/** Any estimator, for generic code. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the one place where the parameter types do not matter
export type AnyEstimator = BaseEstimator<any, any>;

/**
 * A new, unfitted estimator with the same parameters; estimators among the parameters are cloned too.
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT when given something else.
 */
export function clone<E extends AnyEstimator>(estimator: E): E {
  if (!(estimator instanceof BaseEstimator)) throw invalidArgument("clone: expected an estimator");
  const params = cloneValue(estimator.getParams()) as object;
  return new (estimator.constructor as new (params: object) => E)(params);
}

function cloneValue(value: unknown): unknown {
  if (value instanceof BaseEstimator) return clone(value as AnyEstimator);
  if (Array.isArray(value)) return value.map(cloneValue);
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cloneValue(inner)]));
  }
  return value;
}

import { inspect, isDeepStrictEqual, type InspectOptions } from "node:util";
import { invalidArgument, invalidData, notFitted, warnData } from "./errors.js";
import { estimatorHtml, type Diagram } from "./estimator-diagram.js";
import { checkParams, refuseUnknown, withDefaults, type ParamSpecs } from "./params.js";
import { estimatorToBuffer, estimatorToJson, saveEstimator, type State } from "./persistence.js";
import { htmlBundle, JUPYTER_DISPLAY, type MimeBundle } from "./rich.js";

/** What an estimator can do, for generic code: pipelines, searches, the contract tests. */
export interface EstimatorTags {
  readonly kind: "classifier" | "clusterer" | "outlierDetector" | "ranker" | "regressor" | "search" | "transformer";
  /** NaN in X is a missing value; without it NaN is refused. */
  readonly allowNaN: boolean;
  /** fit needs y. A ranker's also needs { group } or { groupId }. */
  readonly requiresY: boolean;
  /** fit takes { sampleWeight }. */
  readonly sampleWeight: boolean;
  /** y must be positive (Poisson, Gamma regression). */
  readonly positiveY?: boolean;
  /** The predictions ignore X (dummies): accuracy is not tested. */
  readonly ignoresX?: boolean;
  /** X must not be negative: counts. */
  readonly positiveOnly?: boolean;
  /** X must hold codes of categories: 0, 1, 2, … */
  readonly categoryCodes?: boolean;
  /** X must have one column (IsotonicRegression). */
  readonly oneColumn?: boolean;
  /** y must have two classes. */
  readonly twoClasses?: boolean;
  /** fit and transform take y alone (LabelEncoder). */
  readonly labelsOnly?: boolean;
  /** X is documents: an array of strings, a column of texts (text vectorizers). */
  readonly documents?: boolean;
  /** False: transform must see all rows at once, or fitTransform gives something else than transform after fit. */
  readonly rowwise?: boolean;
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

  /**
   * The parameters: a copy. `deep` (default true) adds those of estimators among them as `step__param`, as scikit-learn's
   * get_params.
   */
  getParams({ deep = true }: { readonly deep?: boolean } = {}): P {
    const params = { ...this.#params } as Record<string, unknown>;
    if (!deep) return params as P;
    for (const [name, inner] of this.nested()) {
      params[name] = inner;
      if (!isConfigurable(inner)) continue;
      for (const [key, value] of Object.entries(inner.getParams({ deep: true }))) params[`${name}__${key}`] = value;
    }
    return params as P;
  }

  /**
   * Changes parameters; the next fit checks their values. `step__param` changes a parameter of an estimator inside this
   * one. Nothing changes if a name is unknown.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT for a parameter that does not exist.
   */
  setParams(params: Partial<P> & Readonly<Record<`${string}__${string}`, unknown>>): this {
    this.checkParamNames(params);
    const given = Object.entries(params as Record<string, unknown>).filter(([, value]) => value !== undefined);
    const own = given.filter(([name]) => Object.hasOwn(this.#specs, name));
    this.#params = { ...this.#params, ...Object.fromEntries(own) };
    for (const [name, value] of given) {
      if (!Object.hasOwn(this.#specs, name) && !name.includes("__")) {
        this.#params = { ...this.#params, ...this.replaceNested(name, value) };
      }
    }
    for (const [name, inner] of groupByStep(given)) (this.nested().get(name) as Configurable).setParams(inner);
    return this;
  }

  /** Throws unless setParams knows all the names. @internal */
  checkParamNames(params: object): void {
    const given = Object.entries(params as Record<string, unknown>);
    // What the estimators inside will be once the plain names are set.
    const inside = new Map<string, unknown>([...this.nested(), ...given.filter(([name]) => !name.includes("__"))]);
    for (const [name] of given) {
      if (name.includes("__") || Object.hasOwn(this.#specs, name) || this.nested().has(name)) continue;
      refuseUnknown(this.#className, name, [...Object.keys(this.#specs), ...this.nested().keys()]);
    }
    for (const [name, inner] of groupByStep(given)) {
      const target = inside.get(name);
      if (target instanceof BaseEstimator) target.checkParamNames(inner);
      else if (isConfigurable(target)) {
        for (const key of Object.keys(inner))
          refuseUnknown(`${this.#className}: ${name}`, key, Object.keys(target.getParams()));
      } else {
        const known = [...inside].filter(([, value]) => isConfigurable(value)).map(([key]) => key);
        refuseUnknown(this.#className, `${name}__${Object.keys(inner)[0] ?? ""}`, known, "nested parameter");
        throw invalidArgument(`${this.#className}: ${name} has no parameters`);
      }
    }
  }

  /** The estimators that `step__param` reaches, by step: those among the parameters. A pipeline adds its steps. */
  protected nested(): ReadonlyMap<string, unknown> {
    return new Map(
      Object.entries<unknown>(this.#params as Record<string, unknown>).filter(([, value]) => isConfigurable(value)),
    );
  }

  /** Whether the estimators inside follow one another, as the steps of a pipeline: how they are drawn. */
  protected get nestedInOrder(): boolean {
    return false;
  }

  /** The parameters after a step that is no parameter of its own is replaced: for pipelines. */
  protected replaceNested(name: string, _value: unknown): Partial<P> {
    throw invalidArgument(`${this.#className}: unknown parameter ${JSON.stringify(name)}`);
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

  /**
   * Everything needed to rebuild the estimator, fitted or not, as JSON-compatible data: parameters and learned state, typed
   * arrays as base64. `fromJSON` reads it; predictions are the same, bit for bit.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT where a parameter is something JSON has no word for (a function).
   */
  toJSON(): unknown {
    return estimatorToJson(this);
  }

  /**
   * Writes the estimator, fitted or not, to a file; `load` brings it back with the same predictions, bit for bit. The file
   * is replaced at once: a failed save leaves the old one.
   *
   * @throws TreelineError ERR_IO; ERR_INVALID_ARGUMENT where a parameter is something that cannot be saved (a function).
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
      ([name, value]) => !this.#isDefault(name, value),
    );
    const shown = changed.map(([name, value]) => `${name}: ${inspect(value, { ...options, depth: 1 })}`).join(", ");
    return `${this.#className}(${shown})`;
  }

  /**
   * The estimator as HTML for notebooks and pages: nested boxes that open to their parameters, as scikit-learn's diagrams.
   * Holds no script and nothing from elsewhere.
   */
  toHTML(): string {
    return estimatorHtml(this.#diagram(), this.isFitted);
  }

  /** For notebooks. */
  [JUPYTER_DISPLAY](): MimeBundle {
    return htmlBundle(this.toHTML(), inspect(this));
  }

  #isDefault(name: string, value: unknown): boolean {
    return isDeepStrictEqual(value, this.#specs[name as keyof P].default);
  }

  #diagram(): Diagram {
    const inside = [...this.nested()].map(([name, inner]) => {
      if (inner instanceof BaseEstimator) return [name, (inner as AnyEstimator).#diagram()] as const;
      if (typeof inner !== "object" || inner === null) return [name, String(inner)] as const;
      return [name, { className: inner.constructor.name, params: [], inside: [], inOrder: false }] as const;
    });
    const params = Object.entries<unknown>(this.#params as Record<string, unknown>).map(([name, value]) => ({
      name,
      value,
      isDefault: this.#isDefault(name, value),
    }));
    return { className: this.#className, params, inside, inOrder: this.nestedInOrder };
  }

  /** The class and the parameters that are not the defaults, as scikit-learn prints an estimator. */
  toString(): string {
    return inspect(this);
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

/** What has parameters that can be read and set: estimators of Treeline and of others. */
interface Configurable {
  getParams(options?: { readonly deep?: boolean }): Record<string, unknown>;
  setParams(params: Readonly<Record<string, unknown>>): unknown;
}

function isConfigurable(value: unknown): value is Configurable {
  if (typeof value !== "object" || value === null) return false;
  const { getParams, setParams } = value as Partial<Configurable>;
  return typeof getParams === "function" && typeof setParams === "function";
}

/** { step: { param: value } } of the entries step__param. */
function groupByStep(given: readonly (readonly [string, unknown])[]): Map<string, Record<string, unknown>> {
  const groups = new Map<string, Record<string, unknown>>();
  for (const [name, value] of given) {
    const at = name.indexOf("__");
    if (at < 0) continue;
    const group = groups.get(name.slice(0, at)) ?? {};
    group[name.slice(at + 2)] = value;
    groups.set(name.slice(0, at), group);
  }
  return groups;
}

/**
 * A new, unfitted estimator with the same parameters; estimators among the parameters are cloned too. An estimator of your
 * own needs getParams(), and a constructor that takes what it gives.
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT when given something else.
 */
export function clone<E extends object>(estimator: E): E {
  if (!isCloneable(estimator)) {
    throw invalidArgument("clone: expected an estimator: an object with getParams() and a constructor that takes them");
  }
  const params = cloneValue(estimator.getParams({ deep: false })) as object;
  return new (estimator.constructor as new (params: object) => E)(params);
}

function isCloneable(value: unknown): value is Pick<Configurable, "getParams"> {
  return typeof (value as Partial<Configurable> | null)?.getParams === "function";
}

function cloneValue(value: unknown): unknown {
  if (isCloneable(value)) return clone(value);
  if (Array.isArray(value)) return value.map(cloneValue);
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cloneValue(inner)]));
  }
  return value;
}

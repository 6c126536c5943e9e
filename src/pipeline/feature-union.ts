import { invalidArgument, show } from "../base/errors.js";
import { BaseEstimator, clone, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { parallel } from "../base/parallel.js";
import { boolean, custom, nJobs, nullable, type ParamSpecs } from "../base/params.js";
import { inputShape, type InputLike } from "../data/documents.js";
import type { Matrix } from "../data/matrix.js";
import type { TableLike } from "../data/table-columns.js";
import type { VectorLike } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import { automaticNames } from "./names.js";
import { numbersOf, scaled, sideBySide } from "./side-by-side.js";

/** Parameters of FeatureUnion. */
export interface FeatureUnionParams {
  /** [name, transformer] pairs; "drop" leaves one out, "passthrough" gives X itself. */
  transformerList: readonly (readonly [name: string, step: object | "drop" | "passthrough"])[];
  /** Transformers that run at the same time; null (default): the ambient setting, else all cores. */
  nJobs: number | null;
  /** What a transformer's columns are multiplied by, by its name. Default null: 1. */
  transformerWeights: Readonly<Record<string, number>> | null;
  /** Names of columns out start with the transformer's, name__column. Default true. */
  verboseFeatureNamesOut: boolean;
}

type Step = FeatureUnionParams["transformerList"][number][1];

const SPECS: ParamSpecs<FeatureUnionParams> = {
  transformerList: custom<FeatureUnionParams["transformerList"]>(
    [],
    "an array of [name, transformer] pairs",
    (value) =>
      Array.isArray(value) &&
      value.every(
        (entry: unknown) =>
          Array.isArray(entry) &&
          entry.length === 2 &&
          typeof entry[0] === "string" &&
          (entry[1] === "drop" || entry[1] === "passthrough" || (typeof entry[1] === "object" && entry[1] !== null)),
      ),
    "no transformers",
  ),
  nJobs: nJobs(),
  transformerWeights: nullable(
    custom<Readonly<Record<string, number>>>(
      {},
      "an object of numbers by transformer",
      (value) =>
        typeof value === "object" && Object.values(value as object).every((weight) => typeof weight === "number"),
      "heavy",
    ),
  ),
  verboseFeatureNamesOut: boolean(true),
};

interface Methods {
  fit?(X: InputLike, y?: VectorLike, options?: object): Promise<unknown>;
  transform?(X: InputLike, options?: RunOptions): Promise<TableLike>;
  getFeatureNamesOut?(inputFeatures?: readonly string[]): readonly string[];
}

interface Fitted extends FittedBase {
  readonly steps: readonly (readonly [name: string, step: Step])[];
}

/**
 * Several transformers of the same table, their results side by side: scikit-learn's FeatureUnion. A CsrMatrix where one of them
 * gives one, else a Matrix. fit fits clones.
 *
 * @example const features = makeUnion(new PCA({ nComponents: 3 }), new TruncatedSVD({ nComponents: 2 }));
 */
export class FeatureUnion extends BaseEstimator<FeatureUnionParams, Fitted> {
  constructor(params: Partial<FeatureUnionParams> = {}) {
    super("FeatureUnion", SPECS, params);
  }

  get tags(): EstimatorTags {
    const all = this.#steps().map(([, step]) => (step as { tags?: EstimatorTags }).tags);
    return {
      kind: "transformer",
      allowNaN: all.every((tags) => tags === undefined || tags.allowNaN),
      requiresY: all.some((tags) => tags?.requiresY === true),
      sampleWeight: false,
      ...(all.length > 0 && all.every((tags) => tags?.documents === true) ? { documents: true } : {}),
      ...(all.some((tags) => tags?.rowwise === false) ? { rowwise: false } : {}),
    };
  }

  /** Fits every transformer. @throws TreelineError ERR_INVALID_ARGUMENT, and what the transformers throw. */
  async fit(X: InputLike, y?: VectorLike, options: RunOptions = {}): Promise<this> {
    this.checkParams();
    const where = "FeatureUnion.fit";
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = inputShape(X, `${where}: X`);
    const steps = this.#checked(where);
    const fitted = await parallel(
      steps.map(([, step]) => async (signal: AbortSignal): Promise<Step> => {
        if (typeof step === "string") return step;
        const copy = clone(step);
        await (copy as Methods).fit?.(X, y, { signal });
        return copy;
      }),
      { nJobs: this.params.nJobs ?? undefined, signal: options.signal },
    );
    options.signal?.throwIfAborted();
    this.setFitted({
      nFeaturesIn,
      featureNamesIn,
      steps: steps.map(([name], k) => [name, fitted[k] as Step] as const),
    });
    return this;
  }

  /** The results of all transformers side by side. @throws TreelineError ERR_NOT_FITTED, ERR_INVALID_DATA */
  async transform(X: InputLike, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
    const { steps } = this.fitted("transform");
    const where = "FeatureUnion.transform";
    this.checkFeatures("transform", inputShape(X, `${where}: X`));
    const tables = await parallel(
      steps.map(([name, step]) => async (signal: AbortSignal) => {
        const table =
          step === "passthrough" ? (X as TableLike) : await (step as Required<Methods>).transform(X, { signal });
        const numbers = await numbersOf(table, `${where}: ${show(name)}`, signal);
        return { name, table: scaled(numbers, this.params.transformerWeights?.[name] ?? 1) };
      }),
      { nJobs: this.params.nJobs ?? undefined, signal: options.signal },
    );
    return (await sideBySide(tables, 1, where, options.signal)) as Matrix<Float64Array>;
  }

  /** fit, then transform of the same X. */
  async fitTransform(X: InputLike, y?: VectorLike, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
    return (await this.fit(X, y, options)).transform(X, options);
  }

  /** Names of the columns: transformer__column. @throws TreelineError ERR_INVALID_ARGUMENT where a transformer does not tell. */
  getFeatureNamesOut(inputFeatures?: readonly string[]): readonly string[] {
    const { steps, nFeaturesIn, featureNamesIn } = this.fitted("getFeatureNamesOut");
    const names = inputFeatures ?? featureNamesIn ?? Array.from({ length: nFeaturesIn }, (_, j) => `x${j}`);
    return steps.flatMap(([name, step]) => {
      if (step !== "passthrough" && (step as Methods).getFeatureNamesOut === undefined) {
        throw invalidArgument(
          `FeatureUnion.getFeatureNamesOut: the transformer ${show(name)} does not name its columns`,
        );
      }
      const of = step === "passthrough" ? names : (step as Required<Methods>).getFeatureNamesOut(names);
      return this.params.verboseFeatureNamesOut ? of.map((column) => `${name}__${column}`) : of;
    });
  }

  /** The transformers by name: the fitted ones once fit has succeeded. */
  get namedTransformers(): Readonly<Record<string, Step>> {
    return Object.fromEntries(this.fittedOrUndefined?.steps ?? this.#steps());
  }

  protected override nested(): ReadonlyMap<string, unknown> {
    return new Map(this.#steps());
  }

  protected override replaceNested(name: string, value: unknown): Partial<FeatureUnionParams> {
    return {
      transformerList: this.#steps().map(([key, step]) => [key, key === name ? (value as Step) : step] as const),
    };
  }

  #steps(): FeatureUnionParams["transformerList"] {
    return SPECS.transformerList.accepts(this.params.transformerList) ? this.params.transformerList : [];
  }

  /** Those that are used. */
  #checked(where: string): FeatureUnionParams["transformerList"] {
    const names = this.#steps().map(([name]) => name);
    for (const [k, name] of names.entries()) {
      if (name === "" || name.includes("__") || Object.hasOwn(SPECS, name)) {
        throw invalidArgument(
          `${where}: a transformer must not be named ${show(name)} (empty, a parameter, or with "__")`,
        );
      }
      if (names.indexOf(name) !== k) throw invalidArgument(`${where}: there are two transformers named ${show(name)}`);
    }
    const used = this.#steps().filter(([, step]) => step !== "drop");
    if (used.length === 0) throw invalidArgument(`${where}: transformerList has no transformer`);
    for (const [name, step] of used) {
      const methods = step as Methods;
      if (step === "passthrough" || (methods.fit !== undefined && methods.transform !== undefined)) continue;
      throw invalidArgument(
        `${where}: ${show(name)} must be a transformer with fit and transform, "drop" or "passthrough"`,
      );
    }
    return used;
  }
}

/** A FeatureUnion whose transformers are named after their classes, as makePipeline names steps. */
export function makeUnion(...transformers: readonly (object | "passthrough")[]): FeatureUnion {
  const names = automaticNames(transformers);
  return new FeatureUnion({ transformerList: transformers.map((step, k) => [names[k] as string, step] as const) });
}

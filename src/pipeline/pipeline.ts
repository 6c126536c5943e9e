import { invalidArgument, show } from "../base/errors.js";
import { BaseEstimator, clone, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { custom, refuseUnknown, type ParamSpecs } from "../base/params.js";
import type { State } from "../base/persistence.js";
import { inputShape, type InputLike } from "../data/documents.js";
import type { Matrix } from "../data/matrix.js";
import type { TableLike } from "../data/table-columns.js";
import type { LabelArray, VectorLike } from "../data/vector.js";
import type { Progress, RunOptions } from "../native/job.js";
import { automaticNames } from "./names.js";
import { fitThroughStep, runOptions, throughStep } from "./through-step.js";

/** An estimator of Treeline or any object with the same methods; "passthrough" does nothing. */
export type PipelineStep = object | "passthrough";

/** Parameters of Pipeline. */
export interface PipelineParams {
  /** [name, step] pairs: transformers, then any estimator. Names are unique and hold no "__". */
  steps: readonly (readonly [name: string, step: PipelineStep])[];
}

/** What Pipeline.fit takes: options of one step are spelt `step__option`. */
export interface PipelineFitOptions extends RunOptions {
  /** Goes to the last step. */
  readonly sampleWeight?: VectorLike | undefined;
  readonly [stepOption: `${string}__${string}`]: unknown;
}

interface Fitted extends FittedBase {
  readonly steps: readonly (readonly [string, PipelineStep])[];
}

const SPECS: ParamSpecs<PipelineParams> = {
  steps: custom<PipelineParams["steps"]>([], "a non-empty array of [name, step] pairs", isSteps, "no steps"),
};

function isSteps(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every(
      (entry: unknown) =>
        Array.isArray(entry) &&
        entry.length === 2 &&
        typeof entry[0] === "string" &&
        (entry[1] === "passthrough" || (typeof entry[1] === "object" && entry[1] !== null)),
    )
  );
}

/** What a step may be able to do. */
interface Methods {
  fit?(X: InputLike, y?: VectorLike, options?: object): Promise<unknown>;
  transform?(X: InputLike, options?: RunOptions): Promise<TableLike>;
  fitTransform?(X: InputLike, y?: VectorLike, options?: object): Promise<TableLike>;
  inverseTransform?(X: InputLike, options?: RunOptions): Promise<TableLike>;
  getFeatureNamesOut?(inputFeatures?: readonly string[]): readonly string[];
  readonly classes_?: LabelArray;
  readonly tags?: EstimatorTags;
}
type Answer = "predict" | "predictProba" | "predictLogProba" | "decisionFunction" | "score";

/**
 * Transformers and an estimator as one estimator: fit fits each step on what the one before gives; follows scikit-learn's
 * Pipeline. The steps given stay unfitted parameters: fit fits clones of them, which namedSteps shows, so that a failed
 * fit leaves a pipeline as it was. Steps without getParams() cannot be cloned and are fitted themselves.
 *
 * predict, predictProba, predictLogProba, decisionFunction, score, transform and inverseTransform are there exactly if the steps
 * have what they need; else they are undefined.
 *
 * @example
 * const model = new Pipeline({ steps: [["scale", new StandardScaler()], ["model", new DummyClassifier()]] });
 * model.setParams({ model__strategy: "uniform" });
 * await model.fit(X, y, { model__sampleWeight: weights });
 */
export class Pipeline extends BaseEstimator<PipelineParams, Fitted> {
  constructor(params: Partial<PipelineParams> = {}) {
    super("Pipeline", SPECS, params);
  }

  get tags(): EstimatorTags {
    const all = this.#steps().map(([, step]) => (step as Methods).tags);
    const last = all[all.length - 1];
    return {
      kind: last?.kind ?? "transformer",
      allowNaN: all.every((tags) => tags === undefined || tags.allowNaN),
      requiresY: all.some((tags) => tags?.requiresY === true),
      sampleWeight: last?.sampleWeight ?? false,
      ...(last?.ignoresX === true ? { ignoresX: true } : {}),
      ...(last?.positiveY === true ? { positiveY: true } : {}),
      ...(last?.twoClasses === true ? { twoClasses: true } : {}),
      ...(all[0]?.documents === true ? { documents: true } : {}),
      ...(all[0]?.positiveOnly === true ? { positiveOnly: true } : {}),
      ...(all.some((tags) => tags?.rowwise === false) ? { rowwise: false } : {}),
    };
  }

  /**
   * Fits every step. `options.sampleWeight` goes to the last, `options.step__option` to the step of that name; progress is
   * that of the whole.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, and what the steps throw.
   */
  async fit(X: InputLike, y?: VectorLike, options: PipelineFitOptions = {}): Promise<this> {
    await this.#fitSteps(X, y, options, async (last, Z, lastOptions) => {
      await last.fit?.(Z, y, lastOptions);
    });
    return this;
  }

  /** fit, then transform of the same X, each step's work done once. */
  async fitTransform(X: InputLike, y?: VectorLike, options: PipelineFitOptions = {}): Promise<Matrix> {
    let result = X;
    await this.#fitSteps(X, y, options, async (last, Z, lastOptions) => {
      if (last.transform === undefined && last.fitTransform === undefined && last.fit !== undefined) {
        throw invalidArgument("Pipeline.fitTransform: the last step has no transform");
      }
      result = last.fit === undefined ? Z : await fitTransform(last, Z, y, lastOptions);
    });
    return result as Matrix;
  }

  /** Predictions of the last step; undefined if it gives none. */
  get predict(): (X: InputLike, options?: RunOptions) => Promise<LabelArray> {
    return this.#ifLast("predict");
  }

  /** Class probabilities of the last step, nSamples × nClasses; undefined if it gives none. */
  get predictProba(): (X: InputLike, options?: RunOptions) => Promise<Matrix> {
    return this.#ifLast("predictProba");
  }

  /** Logarithms of class probabilities; undefined if the last step gives none. */
  get predictLogProba(): (X: InputLike, options?: RunOptions) => Promise<Matrix> {
    return this.#ifLast("predictLogProba");
  }

  /** Decision values of the last step; undefined if it gives none. */
  get decisionFunction(): (X: InputLike, options?: RunOptions) => Promise<Float64Array | Matrix> {
    return this.#ifLast("decisionFunction");
  }

  /** The last step's score of X and y; undefined if it gives none. */
  get score(): (X: InputLike, y?: VectorLike, options?: PipelineFitOptions) => Promise<number> {
    if (!this.#lastHas("score")) return undefined as never;
    return async (X, y, options = {}) => {
      const { last, Z } = await this.#throughTransforms("score", X, options);
      return (last as { score(X: InputLike, y?: VectorLike, options?: object): Promise<number> }).score(Z, y, options);
    };
  }

  /** X through all steps; undefined if the last step is no transformer. */
  get transform(): (X: InputLike, options?: RunOptions) => Promise<Matrix> {
    if (!this.#steps().every(([, step]) => can(step, "transform"))) return undefined as never;
    return async (X, options = {}) => {
      const { last, Z } = await this.#throughTransforms("transform", X, options);
      return (last.transform === undefined ? Z : await last.transform(Z, runOptions(options))) as Matrix;
    };
  }

  /** The way back through all steps; undefined if one of them has no inverse. */
  get inverseTransform(): (X: InputLike, options?: RunOptions) => Promise<Matrix> {
    if (!this.#steps().every(([, step]) => can(step, "inverseTransform"))) return undefined as never;
    return async (X, options = {}) => {
      let Z: InputLike = X;
      for (const [, step] of [...this.fitted("inverseTransform").steps].reverse()) {
        if (step !== "passthrough") Z = await (step as Required<Methods>).inverseTransform(Z, runOptions(options));
      }
      return Z as Matrix;
    };
  }

  /** Names of the columns that transform gives. @throws TreelineError ERR_INVALID_ARGUMENT if a step does not tell. */
  getFeatureNamesOut(inputFeatures?: readonly string[]): readonly string[] {
    let names = inputFeatures;
    for (const [name, step] of this.fitted("getFeatureNamesOut").steps) {
      if (step === "passthrough") continue;
      if (!can(step, "getFeatureNamesOut")) {
        throw invalidArgument(`Pipeline.getFeatureNamesOut: the step ${name} does not name its columns`);
      }
      names = (step as Required<Methods>).getFeatureNamesOut(names);
    }
    return names ?? Array.from({ length: this.nFeaturesIn_ }, (_, j) => `x${j}`);
  }

  /** The steps by name: the fitted ones once fit has succeeded. To change parameters use setParams. */
  get namedSteps(): Readonly<Record<string, PipelineStep>> {
    return Object.fromEntries(this.fittedOrUndefined?.steps ?? this.#steps());
  }

  /** The classes of the last step, if it is a classifier. */
  get classes_(): LabelArray {
    const { steps } = this.fitted("classes_");
    return (steps[steps.length - 1]?.[1] as Methods).classes_ as LabelArray;
  }

  protected override nested(): ReadonlyMap<string, unknown> {
    return new Map(this.#steps());
  }

  protected override get nestedInOrder(): boolean {
    return true;
  }

  protected override replaceNested(name: string, value: unknown): Partial<PipelineParams> {
    return { steps: this.#steps().map(([key, step]) => [key, key === name ? (value as PipelineStep) : step] as const) };
  }

  override saveState(): State {
    const { nFeaturesIn, featureNamesIn, steps } = this.fitted("save");
    return { nFeaturesIn, featureNamesIn, steps: steps as unknown as State };
  }

  /** The steps as parameters; none while they are malformed: fit tells. */
  #steps(): PipelineParams["steps"] {
    return isSteps(this.params.steps) ? this.params.steps : [];
  }

  #lastHas(method: Answer): boolean {
    const steps = this.#steps();
    const last = steps[steps.length - 1]?.[1];
    return last !== undefined && last !== "passthrough" && can(last, method);
  }

  #ifLast(method: Answer): never {
    return (this.#lastHas(method) ? this.#answer(method) : undefined) as never;
  }

  #answer(method: Answer): (X: InputLike, options?: RunOptions) => Promise<unknown> {
    return async (X, options = {}) => {
      const { last, Z } = await this.#throughTransforms(method, X, options);
      const call = (last as Readonly<Record<string, unknown>>)[method];
      if (typeof call !== "function") throw invalidArgument(`Pipeline.${method}: the last step has no ${method}`);
      return call.call(last, Z, runOptions(options)) as unknown;
    };
  }

  /** X through all fitted steps but the last. */
  async #throughTransforms(
    method: string,
    X: InputLike,
    options: RunOptions,
  ): Promise<{ last: Methods; Z: InputLike }> {
    const { steps } = this.fitted(method);
    const active = steps.map(([, step]) => (step === "passthrough" ? {} : step) as Methods);
    if (!(active[0] instanceof BaseEstimator)) {
      this.checkFeatures(method, inputShape(X, `Pipeline.${method}: X`, "once"));
    }
    let Z: InputLike = X;
    for (const step of active.slice(0, -1)) {
      options.signal?.throwIfAborted();
      Z = await throughStep(step, Z, runOptions(options));
    }
    return { last: active[active.length - 1] as Methods, Z };
  }

  async #fitSteps(
    X: InputLike,
    y: VectorLike | undefined,
    options: PipelineFitOptions,
    finish: (last: Methods, Z: InputLike, options: object) => Promise<void>,
  ): Promise<void> {
    this.checkParams();
    this.#checkSteps();
    const steps = this.#steps().map(([name, step]) => [name, freshStep(step)] as const);
    const routed = routeOptions(
      options,
      steps.map(([name]) => name),
    );
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = inputShape(X, "Pipeline.fit: X", "once");
    let Z: InputLike = X;
    for (const [i, [name, step]] of steps.entries()) {
      options.signal?.throwIfAborted();
      const stepOptions = { ...partOf(options, i, steps.length), ...routed.get(name) };
      const methods = (step === "passthrough" ? {} : step) as Methods;
      if (i === steps.length - 1) {
        await finish(methods, Z, { ...weightOf(options), ...stepOptions });
      } else if (step !== "passthrough") {
        Z = await fitThroughStep(methods, Z, y, stepOptions);
      }
    }
    options.signal?.throwIfAborted();
    this.setFitted({ nFeaturesIn, featureNamesIn, steps });
  }

  #checkSteps(): void {
    const steps = this.#steps();
    for (const [i, [name, step]] of steps.entries()) {
      if (name === "" || name.includes("__") || name === "steps") {
        throw invalidArgument(`Pipeline: a step must not be named ${show(name)} (empty, "steps", or with "__")`);
      }
      if (steps.findIndex(([other]) => other === name) !== i) {
        throw invalidArgument(`Pipeline: there are two steps named ${show(name)}`);
      }
      if (i < steps.length - 1 && !(can(step, "transform") && (can(step, "fit") || can(step, "fitTransform")))) {
        throw invalidArgument(
          `Pipeline: the step ${show(name)} is not the last and must be a transformer (fit and transform) or "passthrough", got ${show(step)}`,
        );
      }
      if (!can(step, "fit")) throw invalidArgument(`Pipeline: the step ${show(name)} has no fit, got ${show(step)}`);
    }
  }
}

/**
 * A Pipeline whose steps are named after their classes: "standardScaler", "logisticRegression"; of several of one class
 * "standardScaler-1", "standardScaler-2". As scikit-learn's make_pipeline, but names are camelCase.
 *
 * @example const model = makePipeline(new StandardScaler(), new DummyClassifier());
 */
export function makePipeline(...steps: PipelineStep[]): Pipeline {
  const names = automaticNames(steps);
  return new Pipeline({ steps: steps.map((step, i) => [names[i] as string, step] as const) });
}

function can(step: PipelineStep, method: string): boolean {
  return step === "passthrough" || typeof (step as Readonly<Record<string, unknown>>)[method] === "function";
}

/** A clone to fit; the step itself where it cannot be cloned. */
function freshStep(step: PipelineStep): PipelineStep {
  return step !== "passthrough" && can(step, "getParams") ? clone(step) : step;
}

async function fitTransform(
  step: Methods,
  X: InputLike,
  y: VectorLike | undefined,
  options: RunOptions,
): Promise<TableLike> {
  if (step.fitTransform !== undefined) return step.fitTransform(X, y, options);
  await step.fit?.(X, y, options);
  return (step as Required<Methods>).transform(X, runOptions(options));
}

function weightOf({ sampleWeight }: PipelineFitOptions): object {
  return sampleWeight === undefined ? {} : { sampleWeight };
}

/** Signal and progress for step i of n: its fraction is a part of the whole. */
function partOf({ signal, onProgress }: RunOptions, i: number, n: number): RunOptions {
  const part = onProgress && ((p: Progress) => onProgress({ ...p, fraction: (i + p.fraction) / n }));
  return runOptions({ signal, onProgress: part });
}

/** Options `step__option` by step. */
function routeOptions(options: PipelineFitOptions, names: readonly string[]): Map<string, Record<string, unknown>> {
  const routed = new Map<string, Record<string, unknown>>();
  for (const [key, value] of Object.entries(options as Readonly<Record<string, unknown>>)) {
    const at = key.indexOf("__");
    if (at < 0) {
      refuseUnknown("Pipeline.fit", key, ["sampleWeight", "signal", "onProgress"], "option");
      continue;
    }
    const name = key.slice(0, at);
    refuseUnknown("Pipeline.fit", name, names, "step");
    routed.set(name, { ...routed.get(name), [key.slice(at + 2)]: value });
  }
  return routed;
}

import { clone } from "../base/estimator.js";
import { Pipeline } from "../pipeline/pipeline.js";
import { descriptionOf } from "../pipeline/step-cache.js";
import { fitThroughStep, throughStep } from "../pipeline/through-step.js";
import type { Methods, Wrappable } from "../wrappers/wrapped.js";
import type { Part } from "./fold-data.js";

/** What transformers made of a fold's rows, by what they are. */
export type StepCache = Map<string, Promise<{ readonly train: Part; readonly test: Part }>>;

/**
 * The last step of a pipeline, and the fold as the steps before it leave it. Candidates whose first steps are the same, class
 * and parameters, share them: they are fitted once a fold (Dask-ML merges its graphs so). Undefined: there is nothing to
 * share.
 */
export async function sharedSteps(
  estimator: Wrappable,
  train: Part,
  test: Part,
  cache: StepCache,
  signal: AbortSignal | undefined,
): Promise<{ readonly estimator: Wrappable; readonly train: Part; readonly test: Part } | undefined> {
  if (!(estimator instanceof Pipeline)) return undefined;
  const steps = estimator.getParams({ deep: false }).steps;
  const last = steps.at(-1)?.[1];
  if (steps.length < 2 || typeof last !== "object" || !("fit" in last)) return undefined;
  if (Object.keys(train.options).some((name) => name.includes("__"))) return undefined; // options for a step
  let parts: { readonly train: Part; readonly test: Part } = { train, test };
  let key = "";
  for (const [name, step] of steps.slice(0, -1)) {
    if (step === "passthrough") continue;
    const described = descriptionOf(step);
    if (described === undefined) return undefined; // it draws anew in every fit, or has functions for parameters
    key += `${name}=${described};`;
    let made = cache.get(key);
    if (made === undefined) cache.set(key, (made = transformed(step as Required<Methods>, parts, signal)));
    parts = await made;
  }
  return { estimator: last as Wrappable, ...parts };
}

async function transformed(
  step: Required<Methods>,
  { train, test }: { readonly train: Part; readonly test: Part },
  signal: AbortSignal | undefined,
): Promise<{ readonly train: Part; readonly test: Part }> {
  const fitted = clone(step) as Required<Methods>;
  const X = (await fitThroughStep(fitted as object, train.X, train.y, { signal })) as Part["X"];
  const XTest = (await throughStep(fitted as object, test.X, { signal })) as Part["X"];
  return { train: { ...train, X }, test: { ...test, X: XTest } };
}

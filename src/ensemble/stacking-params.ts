import { invalidArgument, invalidData, show } from "../base/errors.js";
import type { EstimatorTags } from "../base/estimator.js";
import { boolean, custom, nJobs, nullable, type ParamSpecs } from "../base/params.js";
import { cvSpec, type Cv } from "../model-selection/check-cv.js";
import { estimatorSpec, has, tagsOf, type Wrappable } from "../wrappers/wrapped.js";
import { membersSpec, type NamedMembersFitted, type NamedMembersParams } from "./named-members.js";

/** What is asked of a member. */
export type StackMethod = "predictProba" | "decisionFunction" | "predict";

/** The parameters that both kinds of stacking have. */
export interface StackingParams extends NamedMembersParams {
  /** What learns from the estimators' answers. It is cloned, not changed. Default null: see the class. */
  finalEstimator: Wrappable | null;
  /**
   * How to split into rows to learn from and rows to answer for; every row must be answered for once. "prefit": the estimators are
   * fitted, and answer for all rows. Default null: 5 folds, stratified for a classifier.
   */
  cv: Cv | "prefit";
  /** Fits that run at the same time; null (default): the ambient setting, else all cores. */
  nJobs: number | null;
  /** The final estimator learns from X too: numbers. Default false. */
  passthrough: boolean;
  /** Draw a progress bar while fitting. Default false. */
  verbose: boolean;
}

const CV = cvSpec();

export const STACKING_SPECS: ParamSpecs<StackingParams> = {
  estimators: membersSpec(),
  finalEstimator: nullable(estimatorSpec("fit")),
  cv: custom<Cv | "prefit">(
    null,
    `${CV.expected}, or "prefit"`,
    (value) => value === "prefit" || CV.accepts(value),
    CV.invalid,
  ),
  nJobs: nJobs(),
  passthrough: boolean(false),
  verbose: boolean(false),
};

/** What a fit keeps. */
export interface StackingFitted extends NamedMembersFitted {
  readonly finalEstimator: Wrappable;
  /** Of the members that are used. */
  readonly methods: readonly StackMethod[];
  /** Columns that each of them gives. */
  readonly widths: readonly number[];
  readonly passthrough: boolean;
}

/** What to ask of a member. @throws TreelineError ERR_INVALID_ARGUMENT where it cannot answer. */
export function stackMethodOf(
  name: string,
  estimator: Wrappable,
  wanted: StackMethod | "auto",
  where: string,
): StackMethod {
  const methods: readonly StackMethod[] = ["predictProba", "decisionFunction", "predict"];
  const method = wanted === "auto" ? methods.find((one) => has(estimator, one)) : wanted;
  if (method !== undefined && has(estimator, method)) return method;
  throw invalidArgument(`${where}: ${show(name)} has no ${wanted === "auto" ? methods.join(", ") : wanted}`);
}

/** Throws unless the final estimator is of the ensemble's kind. @throws TreelineError ERR_INVALID_ARGUMENT */
export function checkFinal(final: Wrappable, kind: EstimatorTags["kind"], where: string): void {
  const { tags } = final as { tags?: EstimatorTags };
  if (tags === undefined || tags.kind === kind) return;
  throw invalidArgument(`${where}: finalEstimator must be a ${kind}, but it is a ${tags.kind}`);
}

/** Tags of a stack: its members', and what the final estimator adds. */
export function stackTags(tags: EstimatorTags, final: Wrappable, passthrough: boolean): EstimatorTags {
  const { sampleWeight, allowNaN } = tagsOf(final);
  return {
    ...tags,
    sampleWeight: tags.sampleWeight && sampleWeight,
    allowNaN: tags.allowNaN && (!passthrough || allowNaN),
  };
}

/** Names of the columns of a stack, as scikit-learn makes them. */
export function stackNames(
  className: string,
  names: readonly string[],
  { widths, passthrough, nFeaturesIn, featureNamesIn }: StackingFitted,
  inputFeatures: readonly string[] | undefined,
): string[] {
  const prefix = className.toLowerCase();
  const own = names.flatMap((name, k) =>
    widths[k] === 1
      ? [`${prefix}_${name}`]
      : Array.from({ length: widths[k] as number }, (_, j) => `${prefix}_${name}${j}`),
  );
  if (!passthrough) return own;
  const given = inputFeatures ?? featureNamesIn ?? Array.from({ length: nFeaturesIn }, (_, j) => `x${j}`);
  if (given.length === nFeaturesIn) return [...own, ...given];
  throw invalidData(`${className}.getFeatureNamesOut: there are ${nFeaturesIn} features, but ${given.length} names`);
}

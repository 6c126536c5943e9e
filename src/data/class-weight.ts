import { invalidArgument, show } from "../base/errors.js";
import { custom, type ParamSpec } from "../base/params.js";
import type { EncodedLabels, Label } from "./vector.js";

/**
 * Weights of classes: "balanced" (nSamples / (nClasses × count)), pairs of label and weight as a Map or, for string and
 * number labels, an object; classes left out weigh 1. Null: all weigh 1.
 */
export type ClassWeight = "balanced" | ReadonlyMap<Label, number> | Readonly<Record<string, number>> | null;

/** The rule of a classWeight parameter. */
export function classWeightSpec(): ParamSpec<ClassWeight> {
  const isWeight = (value: unknown): boolean => typeof value === "number" && value >= 0 && Number.isFinite(value);
  return custom<ClassWeight>(
    null,
    '"balanced", a Map or object of label → non-negative weight, or null',
    (value) => {
      if (value === null || value === "balanced") return true;
      if (value instanceof Map) return [...value.values()].every(isWeight);
      return typeof value === "object" && !Array.isArray(value) && Object.values(value).every(isWeight);
    },
    "unbalanced",
  );
}

/**
 * The weight of every class, in the order of `labels.classes` (scikit-learn's compute_class_weight).
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT for a label that y does not have.
 */
export function classWeights(
  classWeight: ClassWeight,
  labels: EncodedLabels,
  where: string,
  sampleWeight?: Float64Array,
): Float64Array {
  const { classes, codes } = labels;
  const weights = new Float64Array(classes.length).fill(1);
  if (classWeight === null) return weights;
  if (classWeight === "balanced") {
    const counts = new Float64Array(classes.length);
    codes.forEach((code, i) => (counts[code] = (counts[code] as number) + (sampleWeight?.[i] ?? 1)));
    const total = counts.reduce((sum, count) => sum + count, 0);
    return counts.map((count) => total / (classes.length * count));
  }
  const entries: [Label, number][] =
    classWeight instanceof Map ? [...(classWeight as Map<Label, number>)] : Object.entries(classWeight);
  for (const [label, weight] of entries) {
    const k = Array.from<Label>(classes).findIndex((c) => c === label || String(c) === label);
    if (k < 0) throw invalidArgument(`${where}: classWeight names the class ${show(label)}, which y does not have`);
    weights[k] = weight;
  }
  return weights;
}

/** Sample weights times the weight of each row's class; undefined when every row weighs 1. */
export function combinedWeights(
  classWeight: ClassWeight,
  labels: EncodedLabels,
  sampleWeight: Float64Array | undefined,
  where: string,
): Float64Array | undefined {
  if (classWeight === null) return sampleWeight;
  const weights = classWeights(classWeight, labels, where, sampleWeight);
  return Float64Array.from(labels.codes, (code, i) => (sampleWeight?.[i] ?? 1) * (weights[code] as number));
}

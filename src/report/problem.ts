import { invalidArgument, show } from "../base/errors.js";
import type { EstimatorTags } from "../base/estimator.js";
import { encodeLabels, type Label, type LabelArray, type VectorLike } from "../data/vector.js";
import { indexOfLabel, showLabels } from "../metrics/targets.js";
import type { Scorable } from "../metrics/scorer.js";
import type { Named } from "../plot/call.js";

/** What the models answer: numbers, one of two classes, one of several. */
export type Problem =
  | { readonly kind: "regression" }
  | { readonly kind: "binary"; readonly positive: Label; readonly negative: Label | undefined; readonly y: Uint8Array }
  | { readonly kind: "multiclass"; readonly classes: readonly Label[] };

/** Regression, or which classes there are. @throws TreelineError ERR_INVALID_ARGUMENT for models of both kinds. */
export async function problemOf(
  where: string,
  models: readonly Named<Scorable>[],
  y: VectorLike,
  posLabel: Label | undefined,
  signal: AbortSignal | undefined,
): Promise<Problem> {
  const kinds = models.map(({ name, value }) => kindOf(where, name, value));
  const other = kinds.findIndex((kind) => kind !== kinds[0]);
  if (other >= 0) {
    const [first, second] = [models[0]?.name, models[other]?.name];
    throw invalidArgument(
      `${where}: ${show(first)} and ${show(second)} are a classifier and a regressor: report each kind alone`,
    );
  }
  if (kinds[0] === "regressor") return { kind: "regression" };
  const labels = await encodeLabels(y, `${where}: y`, signal);
  const known = models[0]?.value.classes_;
  const classes: LabelArray = known !== undefined && known.length >= labels.classes.length ? known : labels.classes;
  if (posLabel !== undefined && indexOfLabel(classes, posLabel) < 0) {
    throw invalidArgument(`${where}: posLabel ${show(posLabel)} is no label: there are ${showLabels(classes)}`);
  }
  if (posLabel === undefined && classes.length > 2) return { kind: "multiclass", classes: Array.from<Label>(classes) };
  const positive = posLabel ?? (classes[classes.length - 1] as Label);
  const others = Array.from<Label>(classes).filter((label) => indexOfLabel([label], positive) < 0);
  const code = indexOfLabel(labels.classes, positive);
  return {
    kind: "binary",
    positive,
    negative: others.length === 1 ? others[0] : undefined,
    y: Uint8Array.from(labels.codes, (one) => (one === code ? 1 : 0)),
  };
}

function kindOf(where: string, name: string, model: Scorable): "classifier" | "regressor" {
  const kind =
    (model as { readonly tags?: EstimatorTags }).tags?.kind ?? ("classes_" in model ? "classifier" : "regressor");
  if (kind === "classifier" || kind === "regressor") return kind;
  throw invalidArgument(`${where}: ${show(name)} must be a classifier or a regressor, it is a ${kind}`);
}

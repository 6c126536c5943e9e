import { invalidArgument, invalidData, show } from "../base/errors.js";
import type { InputLike } from "../data/documents.js";
import { Matrix } from "../data/matrix.js";
import { encodeLabels, readColumn, type Label, type VectorLike } from "../data/vector.js";
import type { ResponseMethod, Scorable } from "../metrics/scorer.js";
import { readScores } from "../metrics/scores.js";
import { checkLengths, indexOfLabel, readWeights, showLabels } from "../metrics/targets.js";
import { flags } from "../metrics/threshold-curve.js";
import type { Call } from "./call.js";
import type { PlotOptions } from "./plot.js";

/** Options of plots over the scores of one class against the other, or the others. */
export interface BinaryPlotOptions extends PlotOptions {
  /** The label of the positive class. Default: the greater of two labels. */
  readonly posLabel?: Label | undefined;
  /** Weight of every row. Default: all 1. */
  readonly sampleWeight?: VectorLike | undefined;
  /** What estimators are asked for. Default "auto": predictProba where there is one, else decisionFunction. */
  readonly responseMethod?: "auto" | "predictProba" | "decisionFunction" | undefined;
  /** The name of scores that are given without one. */
  readonly name?: string | undefined;
}

export const BINARY_OPTIONS = [
  "posLabel",
  "sampleWeight",
  "responseMethod",
  "name",
  "title",
  "width",
  "height",
] as const satisfies readonly (keyof BinaryPlotOptions)[];

/** Scores of one model. */
export interface NamedScores {
  readonly name: string;
  readonly scores: Float64Array;
}

/** A binary problem and how models score its rows. */
export interface BinaryScores {
  /** 1 for rows of the positive class, else 0. */
  readonly y: Uint8Array;
  readonly weights: Float64Array | undefined;
  readonly positive: Label;
  /** The label of the other class; undefined where there are several. */
  readonly negative: Label | undefined;
  readonly models: readonly NamedScores[];
}

/** The scores that a plot was called with, or asks its estimators for. @throws TreelineError */
export async function binaryScores(where: string, call: Call<BinaryPlotOptions>): Promise<BinaryScores> {
  const { posLabel, sampleWeight, responseMethod = "auto" } = call.options;
  const given = call.kind === "models" ? call.y : call.yTrue;
  const known = call.kind === "models" ? call.models[0]?.value.classes_ : undefined;
  const labels = await encodeLabels(given, `${where}: y`);
  const classes = known !== undefined && known.length >= labels.classes.length ? known : labels.classes;
  const positive = positiveLabel(where, classes, posLabel);
  const y = flags(labels.codes, indexOfLabel(labels.classes, positive));
  const models: NamedScores[] = [];
  for (const { name, scores } of namedScores(where, call, positive, responseMethod)) {
    const table = await readScores(where, name === "" ? "scores" : name, await scores());
    if (table.cols !== 1) throw invalidData(`${where}: expected one score a row, got ${table.cols}`);
    checkLengths(where, y.length, name === "" ? "the scores" : name, table.rows);
    models.push({ name, scores: table.values });
  }
  const others = Array.from<Label>(classes).filter((label) => indexOfLabel([label], positive) < 0);
  const negative = others.length === 1 ? others[0] : undefined;
  return { y, weights: await readWeights(where, sampleWeight, y.length), positive, negative, models };
}

function positiveLabel(where: string, classes: ArrayLike<Label>, posLabel: Label | undefined): Label {
  if (posLabel !== undefined) {
    if (indexOfLabel(classes, posLabel) >= 0 || classes.length === 1) return posLabel;
    throw invalidArgument(`${where}: posLabel ${show(posLabel)} is no label: there are ${showLabels(classes)}`);
  }
  if (classes.length > 2) {
    throw invalidArgument(
      `${where}: there are ${classes.length} classes, ${showLabels(classes)}: say with posLabel which one to tell from the others`,
    );
  }
  // One class alone: 0 and -1 are negatives, as in every other place.
  const only = classes[0] as Label;
  if (classes.length === 1) return Number(only) === 0 || Number(only) === -1 ? 1 : only;
  return classes[1] as Label;
}

interface LazyScores {
  readonly name: string;
  readonly scores: () => Promise<VectorLike>;
}

function namedScores(
  where: string,
  call: Call<BinaryPlotOptions>,
  positive: Label,
  responseMethod: "auto" | ResponseMethod,
): LazyScores[] {
  return call.kind === "predictions"
    ? call.predictions.map(({ name, value }) => ({ name, scores: () => readColumn(value, `${where}: scores`) }))
    : call.models.map(({ name, value }) => ({
        name,
        scores: () => scoresOf(where, name, value, call.X, positive, responseMethod),
      }));
}

/** Scores of the positive class for every row: probabilities, or decision values. @throws TreelineError */
export async function scoresOf(
  where: string,
  name: string,
  model: Scorable,
  X: InputLike,
  positive: Label,
  responseMethod: "auto" | ResponseMethod = "auto",
): Promise<VectorLike> {
  const method = (["predictProba", "decisionFunction"] as const).find(
    (one) => (responseMethod === "auto" || responseMethod === one) && typeof model[one] === "function",
  );
  if (method === undefined) {
    const wanted = responseMethod === "auto" ? "predictProba or decisionFunction" : show(responseMethod);
    throw invalidArgument(`${where}: ${name} must have ${wanted}`);
  }
  const answer = await (model[method] as (X: InputLike) => Promise<VectorLike | Matrix>).call(model, X);
  const classes = model.classes_ ?? [];
  const place = indexOfLabel(classes, positive);
  if (place < 0) {
    throw invalidArgument(
      `${where}: the positive class ${show(positive)} is not among those of ${name}: ${showLabels(classes)}`,
    );
  }
  if (answer instanceof Matrix) return answer.column(place);
  return place === 1 ? answer : Float64Array.from(answer as ArrayLike<number>, (score) => -score);
}

/** What metrics are told of a problem encoded as 0 and 1. */
export interface MetricOptions {
  readonly posLabel: number;
  readonly sampleWeight: Float64Array | undefined;
}

export function metricOptions({ weights }: BinaryScores): MetricOptions {
  return { posLabel: 1, sampleWeight: weights };
}

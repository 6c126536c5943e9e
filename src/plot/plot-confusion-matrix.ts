import { invalidArgument, invalidData } from "../base/errors.js";
import type { InputLike } from "../data/documents.js";
import { Matrix } from "../data/matrix.js";
import { encodeLabels, type Label, type LabelArray, type VectorLike } from "../data/vector.js";
import { confusionMatrix } from "../metrics/confusion-matrix.js";
import type { Scorable } from "../metrics/scorer.js";
import { checkLabels } from "../metrics/targets.js";
import { scoresOf } from "./binary-scores.js";
import { readCall, type Call, type Models, type Named, type OneOrNamed } from "./call.js";
import { panels } from "./panels.js";
import { Plot, sizeOf, type PlotOptions, type PlotRow } from "./plot.js";
import type { VegaLiteSpec } from "./render.js";

/** Options of plotConfusionMatrix. */
export interface ConfusionPlotOptions extends PlotOptions {
  /** Which classes, in which order. Default: all, sorted. */
  readonly labels?: LabelArray | readonly Label[] | undefined;
  readonly sampleWeight?: VectorLike | undefined;
  /** What the cells say: counts (default), or shares of the rows ("true"), the columns ("pred") or of all. */
  readonly normalize?: "true" | "pred" | "all" | null | undefined;
  /** Estimators of two classes decide at this probability of the greater one. Default: as their predict does. */
  readonly threshold?: number | undefined;
  /** The name of predictions that are given without one. */
  readonly name?: string | undefined;
}

const OPTIONS = ["labels", "sampleWeight", "normalize", "threshold", "name", "title", "width", "height"];

/**
 * Confusion matrices, one a model, side by side: a row a true class, a column a predicted one. A cell's colour is its share
 * of the true class, so that rare classes are seen too. scikit-learn's ConfusionMatrixDisplay. From predicted labels, or
 * from fitted classifiers.
 *
 * @example await plotConfusionMatrix(model, XTest, yTest, { threshold: 0.2 });
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
 */
export function plotConfusionMatrix(
  models: Models,
  X: InputLike,
  y: VectorLike,
  options?: ConfusionPlotOptions,
): Promise<Plot>;
export function plotConfusionMatrix(
  yTrue: VectorLike,
  yPred: OneOrNamed<VectorLike & object>,
  options?: ConfusionPlotOptions,
): Promise<Plot>;
export async function plotConfusionMatrix(...given: unknown[]): Promise<Plot> {
  const where = "plotConfusionMatrix";
  const call = readCall<ConfusionPlotOptions>(where, given, OPTIONS);
  const { sampleWeight, normalize = null, threshold } = call.options;
  if (threshold !== undefined && (call.kind === "predictions" || !Number.isFinite(threshold))) {
    throw invalidArgument(`${where}: threshold is a number, for estimators: given labels are decided already`);
  }
  const size = sizeOf(where, call.options, { width: 200, height: 200 });
  const yTrue = call.kind === "models" ? call.y : call.yTrue;
  const columns = await predictionsOf(where, call);
  const labels = await labelsOf(where, yTrue, columns, call.options);
  const rows: PlotRow[] = [];
  for (const { name, value } of columns) {
    const options = { labels, sampleWeight };
    const counts = await confusionMatrix(yTrue, value, options);
    const shares = await confusionMatrix(yTrue, value, { ...options, normalize: "true" });
    const shown = normalize === null ? counts : await confusionMatrix(yTrue, value, { ...options, normalize });
    labels.forEach((actual, i) =>
      labels.forEach((predicted, j) =>
        rows.push({
          model: name,
          actual: String(actual),
          predicted: String(predicted),
          share: shares.at(i, j),
          count: counts.at(i, j),
          text: normalize === null ? count(counts.at(i, j)) : `${(100 * shown.at(i, j)).toFixed(1)} %`,
        }),
      ),
    );
  }
  return new Plot(
    rows,
    bodyOf(
      labels.map(String),
      columns.map(({ name }) => name),
      size,
    ),
    call.options,
  );
}

/** A column of labels a model. */
async function predictionsOf(where: string, call: Call<ConfusionPlotOptions>): Promise<readonly Named<VectorLike>[]> {
  if (call.kind === "predictions") return call.predictions;
  const columns: Named<VectorLike>[] = [];
  for (const { name, value } of call.models) {
    columns.push({ name, value: await decide(where, name, value, call.X, call.options.threshold) });
  }
  return columns;
}

async function decide(
  where: string,
  name: string,
  model: Scorable,
  X: InputLike,
  threshold: number | undefined,
): Promise<VectorLike> {
  if (threshold === undefined) {
    if (model.predict === undefined) throw invalidArgument(`${where}: ${name} must have predict`);
    const answer = await model.predict(X);
    if (answer instanceof Matrix) throw invalidArgument(`${where}: ${name} predicts ${answer.cols} targets, not one`);
    return answer;
  }
  const classes = Array.from<Label>(model.classes_ ?? []);
  if (classes.length !== 2) {
    throw invalidData(`${where}: threshold is for two classes, ${name} has ${classes.length}`);
  }
  const scores = await scoresOf(where, name, model, X, classes[1] as Label, "predictProba");
  return Array.from(scores as ArrayLike<number>, (score) => classes[score >= threshold ? 1 : 0] as Label);
}

/** One order of classes for all models. */
async function labelsOf(
  where: string,
  yTrue: VectorLike,
  columns: readonly Named<VectorLike>[],
  { labels }: ConfusionPlotOptions,
): Promise<Label[]> {
  if (labels !== undefined) return checkLabels(where, labels);
  const seen: Label[] = [...(await encodeLabels(yTrue, `${where}: y`)).classes];
  for (const { value } of columns) seen.push(...(await encodeLabels(value, `${where}: predictions`)).classes);
  const { classes } = await encodeLabels(seen, `${where}: labels`);
  if (classes.length > 50) throw invalidData(`${where}: ${classes.length} classes; choose up to 50 with { labels }`);
  return [...classes];
}

function count(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 1 });
}

function bodyOf(
  labels: readonly string[],
  models: readonly string[],
  size: { readonly width: number; readonly height: number },
): VegaLiteSpec {
  const axis = { labelAngle: 0 };
  const x = { field: "predicted", type: "ordinal", sort: labels, title: "Predicted", axis };
  const y = { field: "actual", type: "ordinal", sort: labels, title: "Actual" };
  const scale = { domain: [0, 1], range: ["#f4f8fb", "#0072b2"] };
  const color = { field: "share", type: "quantitative", scale, legend: null };
  const ink = { condition: { test: "datum.share > 0.55", value: "#ffffff" }, value: "#1d2733" };
  const fontSize = Math.max(8, Math.min(15, Math.floor((size.width / labels.length) * 0.2)));
  const layer = [
    { mark: { type: "rect", stroke: "#ffffff" }, encoding: { x, y, color } },
    { mark: { type: "text", fontSize }, encoding: { x, y, text: { field: "text", type: "nominal" }, color: ink } },
  ];
  return panels("model", models, 3, { ...size, layer });
}

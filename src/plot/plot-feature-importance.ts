import { invalidArgument, invalidData, show } from "../base/errors.js";
import { Matrix } from "../data/matrix.js";
import type { PermutationImportance } from "../inspection/permutation-importance.js";
import { checkOptions } from "../metrics/options.js";
import { distinct, modelName, namedOf, type OneOrNamed } from "./call.js";
import { panels } from "./panels.js";
import { Plot, sizeOf, type PlotOptions, type PlotRow } from "./plot.js";
import type { VegaLiteSpec } from "./render.js";
import { PALETTE } from "./style.js";

/** What plotFeatureImportance draws: numbers, what permutationImportance gave, or a fitted estimator that tells. */
export type ImportanceSource = readonly number[] | Float64Array | Float32Array | PermutationImportance | object;

/** Options of plotFeatureImportance. */
export interface FeatureImportanceOptions extends PlotOptions {
  /** Names of the features. Default: those of fit, else x0, x1, … */
  readonly featureNames?: readonly string[] | undefined;
  /** Features shown, the most important ones of all models. Default 20. */
  readonly maxFeatures?: number | undefined;
}

/** Importances of one model. */
interface Importances {
  readonly values: ArrayLike<number>;
  /** Standard deviations, where there are any. */
  readonly spread: ArrayLike<number> | undefined;
  readonly names: readonly string[] | undefined;
  /** What the numbers are. */
  readonly what: string;
}

/**
 * Importances of features as bars, those of greatest size first, a picture a model: `featureImportances_` of trees, the
 * coefficients of linear models (of several classes the greatest size), or what permutationImportance gave (with the standard
 * deviation as a line). In a pipeline those of the last step, named as the steps before name their columns.
 *
 * @example
 * await plotFeatureImportance({ boosting, forest }, { maxFeatures: 15 });
 * @throws TreelineError ERR_INVALID_ARGUMENT for a model that does not tell, ERR_NOT_FITTED
 */
export function plotFeatureImportance(
  source: OneOrNamed<ImportanceSource>,
  options: FeatureImportanceOptions = {},
): Promise<Plot> {
  return Promise.resolve().then(() => draw(source, options));
}

function draw(source: OneOrNamed<ImportanceSource>, options: FeatureImportanceOptions): Plot {
  const where = "plotFeatureImportance";
  checkOptions(where, options, ["featureNames", "maxFeatures", "title", "width", "height"]);
  const { maxFeatures = 20 } = options;
  if (!Number.isInteger(maxFeatures) || maxFeatures < 1) {
    throw invalidArgument(`${where}: maxFeatures must be a positive integer, got ${show(maxFeatures)}`);
  }
  const sources = namedOf(where, source, tells, "a model that tells importances", namesOf);
  if (sources === undefined) {
    throw invalidArgument(
      `${where}: expected importances, what permutationImportance gives, or fitted models that have featureImportances_ or ` +
        `coef_, got ${show(source)}`,
    );
  }
  const models = sources.map(({ name, value }) => ({ name, ...importancesOf(where, name, value) }));
  const rows: PlotRow[] = [];
  for (const { name, values, spread, names } of models) {
    const features = featureNames(where, values.length, options.featureNames ?? names);
    Array.from(values).forEach((value, j) => {
      const std = spread?.[j] ?? 0;
      rows.push({
        model: name,
        feature: features[j] as string,
        importance: value,
        low: value - std,
        high: value + std,
      });
    });
  }
  const kept = mostImportant(rows, maxFeatures);
  const shown = rows.filter((row) => kept.includes(row["feature"] as string));
  const size = sizeOf(where, options, { width: 300, height: Math.max(40, 18 * kept.length) });
  return new Plot(shown, bodyOf(kept, models, size), options);
}

/** Features by the greatest share of a model's greatest importance. */
function mostImportant(rows: readonly PlotRow[], maxFeatures: number): string[] {
  const greatest = new Map<unknown, number>();
  const size = (row: PlotRow): number => Math.abs(row["importance"] as number);
  for (const row of rows) greatest.set(row["model"], Math.max(greatest.get(row["model"]) ?? 0, size(row)));
  const best = new Map<string, number>();
  for (const row of rows) {
    const feature = row["feature"] as string;
    best.set(feature, Math.max(best.get(feature) ?? 0, size(row) / (greatest.get(row["model"]) || 1)));
  }
  return [...best]
    .sort((a, b) => b[1] - a[1])
    .slice(0, maxFeatures)
    .map(([feature]) => feature);
}

function bodyOf(
  features: readonly string[],
  models: readonly { readonly name: string; readonly what: string }[],
  size: { readonly width: number; readonly height: number },
): VegaLiteSpec {
  const y = { field: "feature", type: "nominal", sort: features, title: null, axis: { labelLimit: 200 } };
  const names = models.map(({ name }) => name);
  return panels("model", names, 3, (model) => {
    const title = models.find(({ name }) => name === model)?.what;
    const bars = {
      mark: { type: "bar", color: PALETTE[0] },
      encoding: { x: { field: "importance", type: "quantitative", title }, y },
    };
    const spreads = {
      transform: [{ filter: "datum.low < datum.high" }],
      mark: { type: "rule", color: "#1d2733" },
      encoding: { x: { field: "low", type: "quantitative", title }, x2: { field: "high" }, y },
    };
    return { ...size, layer: [bars, spreads] };
  });
}

function isNumbers(value: unknown): value is ArrayLike<number> {
  if (Array.isArray(value)) return value.length > 0 && value.every((x) => typeof x === "number");
  return value instanceof Float64Array || value instanceof Float32Array;
}

/** What of a model, or of the last step of a pipeline, may tell importances. */
interface Teller {
  readonly featureImportances_?: ArrayLike<number>;
  readonly coef_?: ArrayLike<number> | Matrix;
  readonly importancesMean?: ArrayLike<number>;
  readonly importancesStd?: ArrayLike<number>;
  readonly featureNamesIn_?: readonly string[];
  readonly namedSteps?: Readonly<Record<string, object>>;
  readonly bestEstimator_?: object;
}

function tells(value: unknown): value is ImportanceSource {
  if (isNumbers(value)) return true;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return ["featureImportances_", "coef_", "importancesMean", "namedSteps", "bestEstimator_"].some(
    (key) => key in value,
  );
}

function namesOf(sources: readonly ImportanceSource[]): string[] {
  return distinct(sources.map((source) => (isNumbers(source) || "importancesMean" in source ? "" : modelName(source))));
}

function importancesOf(where: string, name: string, source: ImportanceSource): Importances {
  if (isNumbers(source)) return { values: source, spread: undefined, names: undefined, what: "Importance" };
  const teller = source as Teller;
  if (teller.importancesMean !== undefined) {
    const { importancesMean: values, importancesStd: spread } = teller;
    return { values, spread, names: undefined, what: "Fall of the score when shuffled" };
  }
  if (teller.namedSteps !== undefined) return ofPipeline(where, name, teller);
  if ("bestEstimator_" in teller) return importancesOf(where, name, teller.bestEstimator_ as object);
  const names = teller.featureNamesIn_;
  if ("featureImportances_" in teller) {
    return { values: teller.featureImportances_ as ArrayLike<number>, spread: undefined, names, what: "Importance" };
  }
  if ("coef_" in teller) {
    const coef = teller.coef_ as ArrayLike<number> | Matrix;
    return { values: oneRow(coef), spread: undefined, names, what: "Coefficient" };
  }
  throw invalidArgument(`${where}: ${name} tells no importances: pass what permutationImportance gives for it`);
}

/** The importances of the last step, with the names that the steps before give. */
function ofPipeline(where: string, name: string, { namedSteps, featureNamesIn_ }: Teller): Importances {
  const steps = Object.values(namedSteps ?? {});
  const inner = importancesOf(where, name, steps.at(-1) as object);
  let names = featureNamesIn_;
  for (const step of steps.slice(0, -1)) {
    const { getFeatureNamesOut } = step as { getFeatureNamesOut?: (names?: readonly string[]) => readonly string[] };
    if (typeof step === "string") continue;
    names = getFeatureNamesOut?.call(step, names);
    if (names === undefined) break;
  }
  return { ...inner, names: names?.length === inner.values.length ? names : inner.names };
}

/** Coefficients of one output; of several the one of greatest size for each feature. */
function oneRow(coef: ArrayLike<number> | Matrix): ArrayLike<number> {
  if (!(coef instanceof Matrix)) return coef;
  if (coef.rows === 1) return coef.row(0);
  const size = (j: number): number =>
    Array.from(coef.column(j)).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return Float64Array.from({ length: coef.cols }, (_, j) => size(j));
}

function featureNames(where: string, count: number, names: readonly string[] | undefined): readonly string[] {
  if (names === undefined) return Array.from({ length: count }, (_, j) => `x${j}`);
  if (names.length !== count) throw invalidData(`${where}: there are ${count} features, but ${names.length} names`);
  return distinct(names);
}

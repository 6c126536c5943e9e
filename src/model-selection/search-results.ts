import type { Vector } from "apache-arrow";
import { loadArrow } from "../data/arrow-table.js";
import type { CollectedTable } from "../data/collected-table.js";
import { metricsOf } from "./cross-validate.js";
import type { FitOutcome } from "./fit-and-score.js";
import type { ParamSet } from "./parameter-grid.js";
import { resultKey } from "./scoring.js";

/** A column of results: numbers, or a value of any kind for every candidate. */
export type ResultColumn = Float64Array | Int32Array | readonly unknown[];

/** Results by column, a value for every candidate: scikit-learn's cv_results_. */
export type CvResults = Readonly<Record<string, ResultColumn>>;

export interface ResultsOptions {
  readonly returnTrainScore: boolean;
  readonly errorScore: number | "raise";
  /** More columns, before the others. */
  readonly more?: Readonly<Record<string, ResultColumn>> | undefined;
}

/** The table of all outcomes (scikit-learn's _format_results). */
export function cvResults(
  candidates: readonly ParamSet[],
  outcomes: readonly (readonly FitOutcome[])[],
  { returnTrainScore, errorScore, more = {} }: ResultsOptions,
): CvResults {
  const results: Record<string, ResultColumn> = { ...more };
  const store = (key: string, value: (outcome: FitOutcome) => number, splits: boolean): Float64Array => {
    const table = outcomes.map((folds) => Float64Array.from(folds, value));
    if (splits) {
      (outcomes[0] ?? []).forEach((_, k) => {
        results[`split${k}${capital(key)}`] = Float64Array.from(table, (folds) => folds[k] as number);
      });
    }
    const means = Float64Array.from(table, mean);
    results[`mean${capital(key)}`] = means;
    results[`std${capital(key)}`] = Float64Array.from(table, deviation);
    return means;
  };
  store("fitTime", (outcome) => outcome.fitTime / 1000, false);
  store("scoreTime", (outcome) => outcome.scoreTime / 1000, false);
  const names = [...new Set(candidates.flatMap((params) => Object.keys(params)))].sort();
  for (const name of names) results[`param_${name}`] = candidates.map((params) => params[name]);
  results["params"] = candidates;
  const failed = errorScore === "raise" ? NaN : errorScore;
  for (const metric of metricsOf(outcomes.flat())) {
    const test = resultKey("test", metric);
    const means = store(test, (outcome) => outcome.test?.[metric] ?? failed, true);
    results[`rank${capital(test)}`] = ranks(means);
    if (returnTrainScore) store(resultKey("train", metric), (outcome) => outcome.train?.[metric] ?? failed, true);
  }
  return results;
}

function capital(key: string): string {
  return key.charAt(0).toUpperCase() + key.slice(1);
}

/** The mean of some numbers. */
export function mean(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** Their standard deviation, as of a whole population. */
export function deviation(values: Float64Array): number {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / values.length);
}

/** 1 for the greatest; equal ones share the best of their ranks; NaN counts as less than all. */
export function ranks(scores: Float64Array): Int32Array {
  const worth = scores.map((score) => (Number.isNaN(score) ? -Infinity : score));
  return Int32Array.from(worth, (score) => 1 + worth.reduce((better, other) => better + (other > score ? 1 : 0), 0));
}

/** Results as an Arrow table, a row a candidate; `params` as JSON, values that are neither numbers nor strings as text. */
export async function cvResultsTable(results: CvResults, where: string): Promise<CollectedTable> {
  const arrow = await loadArrow(where);
  const vector = (column: ResultColumn): Vector => {
    if (column instanceof Float64Array || column instanceof Int32Array) return arrow.makeVector(column) as Vector;
    const values = column as readonly unknown[];
    const isKind = (type: string): boolean =>
      values.every((value) => typeof value === type || value === undefined || value === null);
    const given = values.map((value) => value ?? null);
    if (isKind("number")) return arrow.vectorFromArray(given as number[], new arrow.Float64());
    if (isKind("boolean")) return arrow.vectorFromArray(given as boolean[], new arrow.Bool());
    const text = (value: unknown): string | null =>
      value === null || typeof value === "string" ? value : (JSON.stringify(value) ?? "");
    return arrow.vectorFromArray(given.map(text), new arrow.Utf8());
  };
  return new arrow.Table(Object.fromEntries(Object.entries(results).map(([name, column]) => [name, vector(column)])));
}

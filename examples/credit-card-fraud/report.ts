import Table from "cli-table3";
import type { Frame } from "treeline";
import type { Result } from "./compare.js";
import type { Data } from "./load-data.js";
import type { Found } from "./search.js";

/** A few columns as describe() sees them. */
export async function describeText(frame: Frame): Promise<string> {
  const shown = ["Time", "V1", "V14", "Amount"];
  const summary = await frame.select(...shown).describe();
  const table = newTable(["column", "count", "missing", "mean", "std", "min", "25 %", "50 %", "75 %", "max"]);
  for (const { column, count, nulls, mean, std, min, q25, median, q75, max } of summary) {
    table.push([column, count, nulls, ...[mean, std, min, q25, median, q75, max].map((x) => digits(Number(x)))]);
  }
  return table.toString();
}

/** How many rows each class has, and what share of the published data that stands for. */
export async function classText({ frame, weighted }: Data): Promise<string> {
  const counts = await frame.valueCounts("Class");
  const [normals, frauds] = [counts.get(0) ?? 0, counts.get(1) ?? 0];
  const share = ((100 * frauds) / (normals + frauds)).toFixed(3);
  const text = `${count(normals + frauds)} transactions: ${count(normals)} normal, ${count(frauds)} frauds (${share} %)`;
  if (!weighted) return text;
  const totals = await frame.sql("SELECT sum(weight) AS total, sum(weight * Class) AS frauds FROM self");
  const [row] = await totals.head(1);
  const weightedShare = ((100 * Number(row?.["frauds"])) / Number(row?.["total"])).toFixed(3);
  return `${text}; a sample: with its weights ${count(Number(row?.["total"]))}, ${weightedShare} % frauds`;
}

/** The comparison as a table, best average precision first. */
export function resultsText(results: readonly Result[]): string {
  const table = newTable([
    "model",
    "ROC-AUC",
    "avg. precision",
    "F1 at 0.5",
    "best F1",
    "at",
    "log loss",
    "fit s",
    "predict s",
  ]);
  for (const r of [...results].sort((a, b) => b.averagePrecision - a.averagePrecision)) {
    table.push([
      r.name,
      r.rocAuc.toFixed(4),
      r.averagePrecision.toFixed(4),
      r.f1.toFixed(3),
      r.bestF1.toFixed(3),
      r.bestThreshold.toFixed(3),
      r.logLoss.toFixed(5),
      r.fitSeconds.toFixed(2),
      r.predictSeconds.toFixed(2),
    ]);
  }
  return table.toString();
}

/** What the search over boosting's parameters found. */
export function foundText({ candidates, seconds, threshold, f1: [atHalf, atThreshold] }: Found): string {
  const table = newTable(["boosting with", "avg. precision on three folds", "±"]);
  for (const { params, score, std } of candidates) table.push([params, score.toFixed(4), std.toFixed(4)]);
  return (
    `${table.toString()}\nSearched in ${seconds.toFixed(2)} s. The best one's F1 on the test rows: ${atHalf.toFixed(3)} at 0.5, ` +
    `${atThreshold.toFixed(3)} at ${threshold.toFixed(3)}, the threshold that is best on folds`
  );
}

function newTable(head: string[]): InstanceType<typeof Table> {
  const colAligns = head.map((_, j): "left" | "right" => (j === 0 ? "left" : "right"));
  return new Table({ head, colAligns, style: { head: [], border: [], compact: true } });
}

function count(n: number): string {
  return Math.round(n).toLocaleString("en");
}

function digits(x: number): string {
  return Math.abs(x) >= 1000 ? x.toFixed(0) : x.toFixed(2);
}

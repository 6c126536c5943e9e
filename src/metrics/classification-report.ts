import { invalidArgument } from "../base/errors.js";
import type { Label, LabelArray, VectorLike } from "../data/vector.js";
import { checkOptions, type WeightedOptions } from "./options.js";
import { averageClasses, scoreClasses } from "./precision-recall-fscore-support.js";
import { checkLabels, indexOfLabel, readLabelPair } from "./targets.js";

/** Options of classificationReport. */
export interface ClassificationReportOptions extends WeightedOptions {
  /** Which classes, in which order. Default: all, sorted. */
  readonly labels?: LabelArray | readonly Label[] | undefined;
  /** Names to show, in the order of labels. */
  readonly targetNames?: readonly string[] | undefined;
  /** Digits after the point. Default 2. */
  readonly digits?: number | undefined;
  /** Return an object instead of text. Default false. */
  readonly outputDict?: boolean | undefined;
  /** The value where a divisor is 0. Default "warn": 0, and a warning. */
  readonly zeroDivision?: "warn" | number | undefined;
}

/** One line of a report. */
export interface ReportRow {
  readonly precision: number;
  readonly recall: number;
  readonly "f1-score": number;
  readonly support: number;
}

/** A report as data: by class name, "macro avg", "weighted avg", and "accuracy" (a number) or "micro avg". */
export type ClassificationReport = Readonly<Record<string, ReportRow | number>>;

const WHERE = "classificationReport";
const COLUMNS = ["precision", "recall", "f1-score", "support"] as const;

/**
 * Precision, recall, F1 and support of every class and their averages, as text or (outputDict) as data; as scikit-learn's
 * classification_report.
 *
 * @example console.log(await classificationReport(yTest, await model.predict(XTest)));
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export function classificationReport(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: ClassificationReportOptions & { readonly outputDict: true },
): Promise<ClassificationReport>;
export function classificationReport(
  yTrue: VectorLike,
  yPred: VectorLike,
  options?: ClassificationReportOptions & { readonly outputDict?: false | undefined },
): Promise<string>;
export async function classificationReport(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: ClassificationReportOptions = {},
): Promise<string | ClassificationReport> {
  checkOptions(WHERE, options, ["labels", "targetNames", "sampleWeight", "digits", "outputDict", "zeroDivision"]);
  const pair = await readLabelPair(WHERE, yTrue, yPred, options.sampleWeight);
  const { classes } = pair;
  const labels = options.labels === undefined ? classes : checkLabels(WHERE, options.labels);
  const names = options.targetNames ?? labels.map(String);
  if (names.length !== labels.length) {
    throw invalidArgument(`${WHERE}: there are ${labels.length} classes, but ${names.length} targetNames`);
  }
  const { zeroDivision } = options;
  const each = scoreClasses(WHERE, pair, { labels, zeroDivision, average: null }, ["precision", "recall", "f-score"]);
  const rows: [string, ReportRow][] = names.map((name, k) => [name, rowOf(each, k)]);
  const support = each.support.reduce((sum, n) => sum + n, 0);
  const averages = (["micro", "macro", "weighted"] as const).map((average): [string, ReportRow] => {
    const scores = average === "micro" ? scoreClasses(WHERE, pair, { labels, zeroDivision, average }, []) : each;
    const { precision, recall, fscore } = averageClasses(scores, average);
    return [`${average} avg`, { precision, recall, "f1-score": fscore, support }];
  });
  const microIsAccuracy = classes.every((label) => indexOfLabel(labels, label) >= 0);
  if (microIsAccuracy) (averages[0] as [string, ReportRow])[0] = "accuracy";
  if (options.outputDict !== true) return text(rows, averages, options.digits ?? 2);
  const accuracy = averages[0]?.[1].precision ?? NaN;
  return { ...Object.fromEntries([...rows, ...averages]), ...(microIsAccuracy ? { accuracy } : {}) };
}

function rowOf(
  each: { precision: Float64Array; recall: Float64Array; fscore: Float64Array; support: Float64Array },
  k: number,
): ReportRow {
  return {
    precision: each.precision[k] as number,
    recall: each.recall[k] as number,
    "f1-score": each.fscore[k] as number,
    support: each.support[k] as number,
  };
}

/** The layout of scikit-learn's report. */
function text(rows: [string, ReportRow][], averages: [string, ReportRow][], digits: number): string {
  const width = Math.max(...rows.map(([name]) => name.length), "weighted avg".length, digits);
  const line = (name: string, cells: string[]): string =>
    `${name.padStart(width)} ${cells.map((cell) => ` ${cell.padStart(9)}`).join("")}\n`;
  const cells = (row: ReportRow): string[] =>
    COLUMNS.map((column) => (column === "support" ? String(row.support) : toFixedHalfEven(row[column], digits)));
  const body = rows.map(([name, row]) => line(name, cells(row))).join("");
  const foot = averages.map(([name, row]) =>
    line(name, name === "accuracy" ? ["", "", ...cells(row).slice(2)] : cells(row)),
  );
  return `${line("", [...COLUMNS])}\n${body}\n${foot.join("")}`;
}

/** toFixed, but exact ties go to the even digit, as Python prints them: 0.625 is "0.62". */
function toFixedHalfEven(x: number, digits: number): string {
  const exact = x.toFixed(digits + 40);
  const kept = exact.slice(0, -40).replace(/\.$/, "");
  return /^50*$/.test(exact.slice(-40)) && /[02468]$/.test(kept) ? kept : x.toFixed(digits);
}

import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { invalidArgument, show, TreelineError } from "../base/errors.js";
import { refuseUnknown } from "../base/params.js";
import { Matrix } from "../data/matrix.js";
import type { Bunch, LoadOptions, XyPair } from "./bunch.js";

const FOLDER = new URL("../../datasets/", import.meta.url);
const DIGITS = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

/**
 * The iris flowers: 150 × 4, three classes of 50 (setosa, versicolor, virginica). scikit-learn's load_iris.
 *
 * @example const { data, target, targetNames } = await loadIris();
 */
export function loadIris(options: LoadOptions & { returnXy: true }): Promise<XyPair>;
export function loadIris(options?: LoadOptions & { returnXy?: false }): Promise<Bunch>;
export async function loadIris(options?: LoadOptions): Promise<Bunch | XyPair> {
  return loadBundled("loadIris", "iris.csv", ["setosa", "versicolor", "virginica"], options);
}

/**
 * Breast tumours, Wisconsin: 569 × 30, two classes (0 malignant: 212, 1 benign: 357). scikit-learn's load_breast_cancer.
 *
 * @example const [X, y] = await loadBreastCancer({ returnXy: true });
 */
export function loadBreastCancer(options: LoadOptions & { returnXy: true }): Promise<XyPair>;
export function loadBreastCancer(options?: LoadOptions & { returnXy?: false }): Promise<Bunch>;
export async function loadBreastCancer(options?: LoadOptions): Promise<Bunch | XyPair> {
  return loadBundled("loadBreastCancer", "breast_cancer.csv", ["malignant", "benign"], options);
}

/**
 * Chemical analyses of Italian wines: 178 × 13, three cultivars (59, 71, 48). scikit-learn's load_wine.
 *
 * @example const { data, target } = await loadWine();
 */
export function loadWine(options: LoadOptions & { returnXy: true }): Promise<XyPair>;
export function loadWine(options?: LoadOptions & { returnXy?: false }): Promise<Bunch>;
export async function loadWine(options?: LoadOptions): Promise<Bunch | XyPair> {
  return loadBundled("loadWine", "wine.csv", ["class_0", "class_1", "class_2"], options);
}

/**
 * Handwritten digits: 1797 images of 8 × 8 pixels (64 columns, 0 … 16), ten classes. scikit-learn's load_digits.
 *
 * @example const { data, target } = await loadDigits();
 */
export function loadDigits(options: LoadOptions & { returnXy: true }): Promise<XyPair>;
export function loadDigits(options?: LoadOptions & { returnXy?: false }): Promise<Bunch>;
export async function loadDigits(options?: LoadOptions): Promise<Bunch | XyPair> {
  return loadBundled("loadDigits", "digits.csv.gz", DIGITS, options);
}

/** Options of loadDiabetes. */
export interface DiabetesOptions extends LoadOptions {
  /** Columns centred and scaled to a sum of squares of 1; false: the original units. Default true. */
  readonly scaled?: boolean;
}

/**
 * Progression of diabetes one year on (25 … 346): a regression, 442 × 10. scikit-learn's load_diabetes.
 *
 * @example const [X, y] = await loadDiabetes({ returnXy: true });
 */
export function loadDiabetes(options: DiabetesOptions & { returnXy: true }): Promise<XyPair>;
export function loadDiabetes(options?: DiabetesOptions & { returnXy?: false }): Promise<Bunch>;
export async function loadDiabetes(options: DiabetesOptions = {}): Promise<Bunch | XyPair> {
  const { scaled = true, ...others } = options;
  if (typeof scaled !== "boolean")
    throw invalidArgument(`loadDiabetes: scaled must be true or false, got ${show(scaled)}`);
  return loadBundled("loadDiabetes", scaled ? "diabetes.csv.gz" : "diabetes_raw.csv", [], others);
}

async function loadBundled(
  where: string,
  file: string,
  targetNames: readonly string[],
  options: LoadOptions = {},
): Promise<Bunch | XyPair> {
  for (const name of Object.keys(options)) refuseUnknown(where, name, ["returnXy"]);
  const { returnXy = false } = options;
  if (typeof returnXy !== "boolean") {
    throw invalidArgument(`${where}: returnXy must be true or false, got ${show(returnXy)}`);
  }
  const { data, target, featureNames } = parse(await readText(where, file));
  if (returnXy) return [data, target];
  const DESCR = await readText(where, file.replace(/(_raw)?\.csv(\.gz)?$/, ".rst"));
  return { data, target, targetNames, featureNames, DESCR };
}

async function readText(where: string, file: string): Promise<string> {
  try {
    const bytes = await readFile(new URL(file, FOLDER));
    return (file.endsWith(".gz") ? await promisify(gunzip)(bytes) : bytes).toString("utf8");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TreelineError("ERR_IO", `${where}: cannot read ${file}, which comes with the package: ${why}`, { cause });
  }
}

/** The format of datasets/: a line of names, the target's last; lines of numbers; no quotes, nothing missing. */
function parse(text: string): { data: Matrix<Float64Array>; target: Float64Array; featureNames: string[] } {
  const lines = text.trimEnd().split("\n");
  const featureNames = (lines[0] as string).split(",").slice(0, -1);
  const [rows, cols] = [lines.length - 1, featureNames.length];
  const values = new Float64Array(rows * cols);
  const target = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const cells = (lines[i + 1] as string).split(",");
    for (let j = 0; j < cols; j++) values[i * cols + j] = Number(cells[j]);
    target[i] = Number(cells[cols]);
  }
  return { data: new Matrix(values, [rows, cols]), target, featureNames };
}

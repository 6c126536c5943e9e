import { invalidArgument, invalidData, show } from "../base/errors.js";
import { custom, type ParamSpec } from "../base/params.js";
import { Matrix } from "../data/matrix.js";

/**
 * Where a fitted estimator says how important its features are: "auto" (coef_, else featureImportances_), the path of an
 * attribute such as "regressor_.coef_" or "namedSteps.model.coef_", or a function of the estimator.
 */
export type ImportanceGetter = string | ((estimator: never) => Importances);

/** One number a feature, or a row of them for each class or target. */
export type Importances = readonly number[] | Float64Array | Float32Array | Matrix;

/** The rule of importanceGetter. */
export function importanceGetterSpec(): ParamSpec<ImportanceGetter> {
  return custom<ImportanceGetter>(
    "auto",
    '"auto", the path of an attribute, or a function of the fitted estimator',
    (value) => (typeof value === "string" && value !== "") || typeof value === "function",
    1,
  );
}

/**
 * One non-negative number a feature: absolute values; of several rows the norm of each column, of order 1, 2, … or
 * ±Infinity.
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT where the estimator does not say.
 */
export function importancesOf(
  estimator: object,
  getter: ImportanceGetter,
  normOrder: number,
  nFeatures: number,
  where: string,
): Float64Array {
  const rows = rowsOf(read(estimator, getter, where), where);
  const odd = rows.find((row) => row.length !== nFeatures);
  if (odd !== undefined) {
    throw invalidData(`${where}: the estimator tells the importance of ${odd.length} features, but X has ${nFeatures}`);
  }
  return Float64Array.from({ length: nFeatures }, (_, j) =>
    norm(
      rows.map((row) => Math.abs(row[j] as number)),
      normOrder,
    ),
  );
}

function read(estimator: object, getter: ImportanceGetter, where: string): unknown {
  if (typeof getter === "function") return getter(estimator as never);
  const path = getter === "auto" ? undefined : getter.split(".");
  const at = (keys: readonly string[]): unknown =>
    keys.reduce<unknown>(
      (value, key) => (value as Readonly<Record<string, unknown>> | null | undefined)?.[key],
      estimator,
    );
  const found = path === undefined ? (at(["coef_"]) ?? at(["featureImportances_"])) : at(path);
  if (found !== undefined && found !== null) return found;
  const name = (estimator as { className?: string }).className ?? estimator.constructor.name;
  throw invalidArgument(
    path === undefined
      ? `${where}: ${name} has neither coef_ nor featureImportances_: say where importances are with importanceGetter`
      : `${where}: ${name} has no ${getter} (importanceGetter)`,
  );
}

function rowsOf(found: unknown, where: string): ArrayLike<number>[] {
  if (found instanceof Matrix) {
    const matrix = found as Matrix;
    return Array.from({ length: matrix.rows }, (_, i) => matrix.row(i));
  }
  if (found instanceof Float64Array || found instanceof Float32Array) return [found];
  if (Array.isArray(found) && (found as unknown[]).every((value) => typeof value === "number")) {
    return [found as number[]];
  }
  throw invalidArgument(`${where}: importances must be numbers, one a feature, or a Matrix, got ${show(found)}`);
}

/** Of non-negative numbers. */
function norm(values: readonly number[], order: number): number {
  if (values.length === 1) return values[0] as number;
  if (order === Infinity) return Math.max(...values);
  if (order === -Infinity) return Math.min(...values);
  if (order === 1) return values.reduce((sum, x) => sum + x, 0);
  return values.reduce((sum, x) => sum + x ** order, 0) ** (1 / order);
}

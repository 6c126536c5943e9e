import { invalidArgument, invalidData } from "../base/errors.js";
import {
  encodeLabels,
  readColumn,
  readTarget,
  safeIntegers,
  type LabelArray,
  type VectorLike,
} from "../data/vector.js";

/** What the targets are: numbers to be met, or classes. */
export type TargetKind = "continuous" | "binary" | "multiclass";

/** Targets as one column of numbers, or one of 0 and 1 for each class of several. */
export interface CodedTargets {
  readonly kind: TargetKind;
  readonly classes: LabelArray | undefined;
  readonly columns: readonly Float64Array[];
}

/**
 * Reads y; "auto" tells its kind as scikit-learn's type_of_target does: numbers with a fraction are continuous, else two
 * different values (or one) are binary, more are multiclass.
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
 */
export async function codedTargets(
  y: VectorLike | undefined,
  asked: TargetKind | "auto",
  where: string,
  signal: AbortSignal | undefined,
): Promise<CodedTargets> {
  if (y === undefined || y === null) throw invalidArgument(`${where}: y is missing: this encoder learns from X and y`);
  const values = safeIntegers(await readColumn(y, `${where}: y`, signal));
  const fractional = (): boolean =>
    Array.prototype.some.call(values, (value) => typeof value === "number" && !Number.isInteger(value));
  if (asked === "continuous" || (asked === "auto" && fractional())) {
    return { kind: "continuous", classes: undefined, columns: [await readTarget(values, `${where}: y`, signal)] };
  }
  const { classes, codes } = await encodeLabels(values, `${where}: y`, signal);
  if (asked === "binary" && classes.length > 2) {
    throw invalidData(`${where}: y has ${classes.length} classes, but targetType is "binary"; "multiclass" takes more`);
  }
  const kind = asked === "auto" ? (classes.length > 2 ? "multiclass" : "binary") : asked;
  if (kind === "binary") return { kind, classes, columns: [Float64Array.from(codes)] };
  const columns = Array.from({ length: classes.length }, (_, c) =>
    Float64Array.from(codes, (code) => (code === c ? 1 : 0)),
  );
  return { kind, classes, columns };
}

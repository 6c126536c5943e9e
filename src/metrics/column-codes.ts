import { invalidArgument, invalidData } from "../base/errors.js";
import type { EncodedLabels, Label, LabelArray } from "../data/vector.js";
import { checkLabels, indexOfLabel, showLabels } from "./targets.js";

/**
 * The codes of yTrue as column indices of a table with a column a class.
 *
 * @param cols the columns there are.
 * @param given the classes of the columns, sorted; undefined: the labels of yTrue.
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT where columns and classes do not fit.
 */
export function columnCodes(
  where: string,
  labels: EncodedLabels,
  cols: number,
  given: LabelArray | readonly Label[] | undefined,
): Int32Array {
  if (given === undefined) {
    if (labels.classes.length !== cols) {
      throw invalidData(
        `${where}: yTrue has ${labels.classes.length} classes, but yScore ${cols} columns: name all classes in { labels }`,
      );
    }
    return labels.codes;
  }
  const columns = sortedLabels(where, given);
  if (columns.length !== cols) {
    throw invalidArgument(`${where}: labels has ${columns.length} entries, but yScore ${cols} columns`);
  }
  return codesAmong(where, labels, columns);
}

/** The labels option, refused unless it is sorted. */
export function sortedLabels(where: string, given: LabelArray | readonly Label[]): Label[] {
  const columns = checkLabels(where, given);
  if (columns.some((label, k) => k > 0 && !((columns[k - 1] as Label) < label))) {
    throw invalidArgument(`${where}: labels must be sorted`);
  }
  return columns;
}

/** The codes of yTrue as indices into other labels. */
export function codesAmong(where: string, { classes, codes }: EncodedLabels, labels: readonly Label[]): Int32Array {
  const place = Int32Array.from(classes, (label: Label) => indexOfLabel(labels, label));
  const missing = place.indexOf(-1);
  if (missing >= 0) {
    const label = showLabels([classes[missing] as Label]);
    throw invalidData(`${where}: yTrue has labels that are not in the labels option: ${label}`);
  }
  return codes.map((code) => place[code] as number);
}

import { invalidData } from "../base/errors.js";

/** What a document of label l is worth: labelGain[l]; null: 2^l - 1. */
export type LabelGain = readonly number[] | Float64Array | null;

/** Labels beyond have no gain of 2^l - 1, as in LightGBM. */
const MOST_LABEL = 30;

/** Whether it is null or a list of gains that do not fall from label to label. */
export function isLabelGain(value: unknown): value is LabelGain {
  if (value === null) return true;
  if (!Array.isArray(value) && !(value instanceof Float64Array)) return false;
  const gains = Array.from(value as ArrayLike<unknown>);
  return (
    gains.length > 0 &&
    gains.every(
      (gain, i) =>
        Number.isFinite(gain) && (gain as number) >= 0 && (i === 0 || (gain as number) >= (gains[i - 1] as number)),
    )
  );
}

/**
 * The gains of labels.
 *
 * @throws TreelineError ERR_INVALID_DATA for a label that is no integer from 0 to the last that has a gain
 */
export function gainsOf(labels: Float64Array, labelGain: LabelGain, where: string): Float64Array {
  const most = labelGain === null ? MOST_LABEL : labelGain.length - 1;
  const wrong = labels.findIndex((label) => !(Number.isInteger(label) && label >= 0 && label <= most));
  if (wrong >= 0) {
    throw invalidData(
      `${where} must hold grades, integers from 0 (no use) to ${most}, got ${labels[wrong]} in row ${wrong}; ` +
        "labelGain says what each grade is worth",
    );
  }
  return labels.map((label) => (labelGain === null ? 2 ** label - 1 : (labelGain[label] as number)));
}

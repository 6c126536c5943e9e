import { invalidArgument, invalidData, show } from "../base/errors.js";
import { encodeLabels, type Label, type LabelArray, type VectorLike } from "./vector.js";

/**
 * The classes of a partialFit: those of the calls before, else those given. They may be given again, if they are the same.
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT for none in the first call, or others than before.
 */
export async function partialClasses(
  given: VectorLike | undefined,
  before: LabelArray | undefined,
  where: string,
): Promise<LabelArray> {
  if (given === undefined) {
    if (before !== undefined) return before;
    throw invalidArgument(
      `${where}: classes must be given in the first call: all the labels there will ever be, as { classes: [...] }`,
    );
  }
  const { classes } = await encodeLabels(given, `${where}: classes`);
  if (before !== undefined && !sameLabels(classes, before)) {
    throw invalidArgument(
      `${where}: classes must be those of the first call: ${show(Array.from<Label>(before).join(", "))}`,
    );
  }
  return classes;
}

/**
 * y encoded as indices into classes that are known already.
 *
 * @throws TreelineError ERR_INVALID_DATA for a label that is not among them.
 */
export async function encodeAs(
  y: VectorLike,
  classes: LabelArray,
  where: string,
  signal?: AbortSignal,
): Promise<Int32Array> {
  const own = await encodeLabels(y, where, signal);
  const place = new Map(Array.from<Label>(classes).map((label, k) => [label, k]));
  const codes = Int32Array.from(Array.from<Label>(own.classes), (label) => {
    const code = place.get(label);
    if (code === undefined) throw invalidData(`${where} has the label ${show(label)}, which is not among classes`);
    return code;
  });
  return own.codes.map((code) => codes[code] as number);
}

function sameLabels(a: LabelArray, b: LabelArray): boolean {
  return a.length === b.length && Array.from<Label>(a).every((label, k) => label === b[k]);
}

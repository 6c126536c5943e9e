import { invalidArgument, invalidData } from "../base/errors.js";
import { encodeLabels, type Label, type LabelArray, type VectorLike } from "../data/vector.js";
import { codesAmong, columnCodes, sortedLabels } from "./column-codes.js";
import { checkOptions, type WeightedOptions } from "./options.js";
import { onlyColumn, readScores, type ScoreLike, type ScoreTable } from "./scores.js";
import { weightedMean } from "./sum.js";
import { checkLengths, readWeights } from "./targets.js";

/** Options of hingeLoss. */
export interface HingeOptions extends WeightedOptions {
  /** All classes, sorted; needed when yTrue may lack some. Default: those of yTrue. */
  readonly labels?: LabelArray | readonly Label[] | undefined;
}

const WHERE = "hingeLoss";

/**
 * Mean hinge loss of decision values: 1 - margin where that is positive, as scikit-learn's hinge_loss. Binary: one column,
 * positive for the greater label. More classes: a column a class, and the margin is the true class's value less the
 * greatest of the others (Crammer and Singer 2001).
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function hingeLoss(
  yTrue: VectorLike,
  predDecision: ScoreLike,
  options: HingeOptions = {},
): Promise<number> {
  checkOptions(WHERE, options, ["labels", "sampleWeight"]);
  const labels = await encodeLabels(yTrue, `${WHERE}: yTrue`);
  const table = await readScores(WHERE, "predDecision", predDecision);
  checkLengths(WHERE, labels.codes.length, "predDecision", table.rows);
  const weights = await readWeights(WHERE, options.sampleWeight, table.rows);
  const known = options.labels === undefined ? undefined : sortedLabels(WHERE, options.labels);
  if ((known ?? labels.classes).length > 2) {
    if (table.cols === 1) throw invalidData(`${WHERE}: more than two classes need one column of predDecision a class`);
    const codes = columnCodes(WHERE, labels, table.cols, known);
    return weightedMean(table.rows, weights, (i) => Math.max(0, 1 - marginOf(table, i, codes[i] as number)));
  }
  if (known?.length === 1) throw invalidArgument(`${WHERE}: labels must name at least two classes`);
  const codes = known === undefined ? labels.codes : codesAmong(WHERE, labels, known);
  const values = onlyColumn(WHERE, "predDecision", table);
  return weightedMean(table.rows, weights, (i) =>
    Math.max(0, 1 - (codes[i] === 1 ? (values[i] as number) : -(values[i] as number))),
  );
}

/** The value of the true class less the greatest of the others. */
function marginOf({ values, cols }: ScoreTable, row: number, code: number): number {
  let most = -Infinity;
  for (let k = 0; k < cols; k++) if (k !== code) most = Math.max(most, values[row * cols + k] as number);
  return (values[row * cols + code] as number) - most;
}

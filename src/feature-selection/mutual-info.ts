import { randomUniform } from "../base/random.js";
import { invalidArgument, invalidData, show } from "../base/errors.js";
import { CsrMatrix } from "../data/csr-matrix.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { tableColumn, tableRows, tableShape } from "../data/table-columns.js";
import { encodeLabels, inTurns, readTarget, type VectorLike } from "../data/vector.js";
import { mutualInfoScore } from "../metrics/mutual-info-score.js";
import { informationOfNumberAndClass, informationOfNumbers } from "./mutual-info-estimates.js";
import type { ScoreOptions } from "./score-functions.js";

/** What mutualInfoClassif and mutualInfoRegression take besides X and y. */
export interface FeatureInformationOptions extends ScoreOptions {
  /**
   * Which features are discrete (classes or counts): all or none, a flag for each, or their numbers. "auto" (default): those
   * of a CsrMatrix are, others not.
   */
  readonly discreteFeatures?: "auto" | boolean | readonly boolean[] | readonly number[] | undefined;
  /** Neighbours that the estimates for numbers look at, at least 1: more vary less and are more biased. Default 3. */
  readonly nNeighbors?: number | undefined;
  /** Seed of the noise (10⁻¹⁰ of the scale) that tells equal numbers apart. Default 0: the same in every call. */
  readonly randomState?: number | undefined;
}

/**
 * Mutual information of every feature and the classes of y, in nats: scikit-learn's mutual_info_classif. 0 where they have
 * nothing to do with each other, whatever the form of what they have. Continuous features by Ross's estimate from near
 * neighbours. Columns are read one at a time.
 *
 * @example const scores = await mutualInfoClassif(X, y, { discreteFeatures: [1] }); // one a feature
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
 */
export async function mutualInfoClassif(
  X: MatrixLike,
  y: VectorLike,
  options: FeatureInformationOptions = {},
): Promise<Float64Array> {
  const where = "mutualInfoClassif";
  const { codes } = await encodeLabels(y, `${where}: y`, options.signal);
  return eachFeature(X, codes.length, where, options, (x, isDiscrete, nNeighbors) =>
    isDiscrete ? mutualInfoScore(x, codes) : informationOfNumberAndClass(x, codes, nNeighbors, options.signal),
  );
}

/**
 * Mutual information of every feature and the numbers of y, in nats: scikit-learn's mutual_info_regression. Continuous
 * features by the estimate of Kraskov and others from near neighbours. Columns are read one at a time.
 *
 * @example const scores = await mutualInfoRegression(X, y); // one a feature
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
 */
export async function mutualInfoRegression(
  X: MatrixLike,
  y: VectorLike,
  options: FeatureInformationOptions = {},
): Promise<Float64Array> {
  const where = "mutualInfoRegression";
  const { signal, randomState = 0 } = options;
  const given = await readTarget(y, `${where}: y`, signal);
  const target = await told(given, randomState, 0, signal);
  return eachFeature(X, given.length, where, options, async (x, isDiscrete, nNeighbors) => {
    if (!isDiscrete) return informationOfNumbers(x, target, nNeighbors, signal);
    const { codes } = await encodeLabels(x, `${where}: X`, signal);
    return informationOfNumberAndClass(target, codes, nNeighbors, signal);
  });
}

async function eachFeature(
  X: MatrixLike,
  rows: number,
  where: string,
  { discreteFeatures = "auto", nNeighbors = 3, randomState = 0, signal }: FeatureInformationOptions,
  estimate: (x: Float64Array, isDiscrete: boolean, nNeighbors: number) => Promise<number>,
): Promise<Float64Array> {
  if (!(Number.isInteger(nNeighbors) && nNeighbors >= 1)) {
    throw invalidArgument(`${where}: nNeighbors must be an integer of at least 1, got ${show(nNeighbors)}`);
  }
  if (!(Number.isSafeInteger(randomState) && randomState >= 0)) {
    throw invalidArgument(`${where}: randomState must be a non-negative integer, got ${show(randomState)}`);
  }
  rowSourceOf(X, `${where}: X`); // numbers only
  const { nFeatures } = tableShape(X, `${where}: X`);
  const discrete = discreteMask(discreteFeatures, X, nFeatures, where);
  const xRows = await tableRows(X, `${where}: X`, signal);
  if (xRows !== rows) throw invalidData(`${where}: y has ${rows} values, but X has ${xRows} rows`);
  if (rows <= nNeighbors && discrete.some((is) => !is)) {
    throw invalidData(`${where}: X has ${rows} rows; more than nNeighbors, ${nNeighbors}, are needed`);
  }
  const scores = new Float64Array(nFeatures);
  for (let j = 0; j < nFeatures; j++) {
    const values = await readTarget(
      await tableColumn(X, j, `${where}: X`, signal),
      `${where}: column ${j} of X`,
      signal,
    );
    const isDiscrete = discrete[j] as boolean;
    const x = isDiscrete ? values : await told(values, randomState, j + 1, signal);
    scores[j] = Math.max(0, await estimate(x, isDiscrete, nNeighbors));
  }
  return scores;
}

function discreteMask(
  given: NonNullable<FeatureInformationOptions["discreteFeatures"]>,
  X: MatrixLike,
  nFeatures: number,
  where: string,
): boolean[] {
  const isSparse = X instanceof CsrMatrix;
  let mask: boolean[] | undefined;
  if (given === "auto" || typeof given === "boolean") {
    mask = new Array<boolean>(nFeatures).fill(given === "auto" ? isSparse : given);
  } else if (Array.isArray(given) && given.every((is) => typeof is === "boolean") && given.length === nFeatures) {
    mask = [...(given as readonly boolean[])];
  } else if (Array.isArray(given) && given.every((j) => Number.isInteger(j) && j >= 0 && j < nFeatures)) {
    mask = Array.from({ length: nFeatures }, (_, j) => (given as readonly number[]).includes(j));
  }
  if (mask === undefined) {
    throw invalidArgument(
      `${where}: discreteFeatures must be "auto", a boolean, ${nFeatures} booleans or numbers of features below ${nFeatures}, got ${show(given)}`,
    );
  }
  if (isSparse && mask.includes(false)) {
    throw invalidArgument(`${where}: the features of a CsrMatrix must be discrete; take X.toDense() for others`);
  }
  return mask;
}

/** Values over their standard deviation, with noise so small that it only tells equal ones apart. */
async function told(
  values: Float64Array,
  seed: number,
  stream: number,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  const n = values.length;
  const mean = values.reduce((sum, x) => sum + x / n, 0);
  const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2 / n, 0));
  const scale = deviation > 10 * Number.EPSILON * Math.abs(mean) ? deviation : 1; // a constant stays as it is
  const scaled = values.map((x) => x / scale);
  const size =
    1e-10 *
    Math.max(
      1,
      scaled.reduce((sum, x) => sum + Math.abs(x) / n, 0),
    );
  await inTurns(n, signal, (begin, end) => {
    for (let i = begin; i < end; i++) scaled[i] = (scaled[i] as number) + size * randomNormal(seed, stream, i);
  });
  return scaled;
}

/** A normal deviate of row i (Box and Muller). */
function randomNormal(seed: number, stream: number, i: number): number {
  const u = 1 - randomUniform(seed, stream, 2 * i);
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * randomUniform(seed, stream, 2 * i + 1));
}

import { invalidArgument, show } from "../base/errors.js";
import { boolean, checkParams, custom, integer, randomState, withDefaults } from "../base/params.js";
import type { ParamSpecs } from "../base/params.js";
import { seedOf } from "../base/random.js";
import { Matrix } from "../data/matrix.js";
import type { XyPair } from "./bunch.js";
import { identity, permuted } from "./dense.js";
import { Random } from "./random.js";

/** Parameters of makeBlobs. */
export interface BlobsOptions {
  /** Rows in all, shared out evenly, or rows of each blob. Default 100. */
  nSamples: number | readonly number[];
  /** Default 2; given centers have their own number of columns. */
  nFeatures: number;
  /** How many, or where they are; null: 3, or one for each of nSamples. Default null. */
  centers: number | readonly (readonly number[])[] | Matrix | null;
  /** Standard deviation of the blobs, one number or one a blob. Default 1. */
  clusterStd: number | readonly number[];
  /** Bounds of the random centers. Default [-10, 10]. */
  centerBox: readonly [number, number];
  /** Default true; false: blob after blob. */
  shuffle: boolean;
  /** Give the centers too. Default false. */
  returnCenters: boolean;
  /** Seed; null: a fresh one. Default null. */
  randomState: number | null;
}

const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;
const isSpread = (value: unknown): boolean => Number.isFinite(value) && (value as number) >= 0;

const SPECS: ParamSpecs<BlobsOptions> = {
  nSamples: custom<BlobsOptions["nSamples"]>(
    100,
    "a positive integer, or an array of non-negative integers",
    (value) => (isCount(value) && value !== 0) || (Array.isArray(value) && value.length > 0 && value.every(isCount)),
  ),
  nFeatures: integer(2, { min: 1 }),
  centers: custom<BlobsOptions["centers"]>(
    null,
    "a positive integer, rows of numbers, or null",
    (value) =>
      value === null ||
      (isCount(value) && value !== 0) ||
      value instanceof Matrix ||
      (Array.isArray(value) && value.length > 0),
  ),
  clusterStd: custom<BlobsOptions["clusterStd"]>(
    1,
    "a non-negative number, or one a blob",
    (value) => isSpread(value) || (Array.isArray(value) && value.every(isSpread)),
  ),
  centerBox: custom<readonly [number, number]>(
    [-10, 10],
    "a pair of numbers [low, high]",
    (value) => Array.isArray(value) && value.length === 2 && value.every(Number.isFinite) && value[0] <= value[1],
  ),
  shuffle: boolean(true),
  returnCenters: boolean(false),
  randomState: randomState(),
};

/**
 * Isotropic normal blobs for clustering and classification: [X, y], with returnCenters: true [X, y, centers]. Follows
 * scikit-learn's make_blobs; the same randomState gives the same numbers on every platform, but not NumPy's.
 *
 * @example const [X, y] = makeBlobs({ nSamples: 300, centers: 4, clusterStd: 0.6, randomState: 0 });
 * @throws TreelineError ERR_INVALID_ARGUMENT for parameters that are wrong or do not fit together.
 */
export function makeBlobs(
  options: Partial<BlobsOptions> & { returnCenters: true },
): [...XyPair, centers: Matrix<Float64Array>];
export function makeBlobs(options?: Partial<BlobsOptions> & { returnCenters?: false }): XyPair;
export function makeBlobs(options: Partial<BlobsOptions> = {}): [...XyPair, Matrix<Float64Array>] | XyPair {
  const params = withDefaults("makeBlobs", SPECS, options);
  checkParams("makeBlobs", SPECS, params);
  const random = new Random(seedOf(params.randomState));
  const centers = centersOf(params, random);
  const [k, d] = centers.shape;
  const sizes = sizesOf(params, k);
  const std = typeof params.clusterStd === "number" ? sizes.map(() => params.clusterStd as number) : params.clusterStd;
  if (std.length !== k) {
    throw invalidArgument(`makeBlobs: clusterStd must have ${k} numbers, one a blob, got ${std.length}`);
  }
  const n = sizes.reduce((sum, size) => sum + size, 0);
  let values: Float64Array = new Float64Array(n * d);
  let y: Float64Array = new Float64Array(n);
  let row = 0;
  sizes.forEach((size, blob) => {
    const center = centers.row(blob);
    for (let i = 0; i < size; i++, row++) {
      y[row] = blob;
      for (let j = 0; j < d; j++) values[row * d + j] = (center[j] as number) + (std[blob] as number) * random.normal();
    }
  });
  if (params.shuffle) {
    const order = random.permutation(n);
    values = permuted(values, d, order, identity(d));
    y = permuted(y, 1, order, identity(1));
  }
  const X = new Matrix(values, [n, d]);
  return params.returnCenters ? [X, y, centers] : [X, y];
}

function centersOf(params: BlobsOptions, random: Random): Matrix<Float64Array> {
  const { nSamples, nFeatures, centers, centerBox } = params;
  if (centers instanceof Matrix) return Matrix.from(centers.toArray());
  if (centers !== null && typeof centers !== "number") return Matrix.from(centers);
  const k = centers ?? (typeof nSamples === "number" ? 3 : nSamples.length);
  return new Matrix(random.uniforms(k * nFeatures, centerBox[0], centerBox[1]), [k, nFeatures]);
}

/** Rows of each of k blobs. */
function sizesOf({ nSamples }: BlobsOptions, k: number): readonly number[] {
  if (typeof nSamples === "number") {
    return Array.from({ length: k }, (_, i) => Math.floor(nSamples / k) + (i < nSamples % k ? 1 : 0));
  }
  if (nSamples.length === k) return nSamples;
  throw invalidArgument(`makeBlobs: nSamples is ${show(nSamples)} for ${k} centers; give one number for each`);
}

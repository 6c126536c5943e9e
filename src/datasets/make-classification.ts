import { invalidArgument } from "../base/errors.js";
import { boolean, checkParams, custom, integer, number, randomState, withDefaults } from "../base/params.js";
import type { ParamSpec, ParamSpecs } from "../base/params.js";
import { seedOf } from "../base/random.js";
import { Matrix } from "../data/matrix.js";
import type { XyPair } from "./bunch.js";
import { identity, permuted, product } from "./dense.js";
import { Random } from "./random.js";

/** Parameters of makeClassification. */
export interface ClassificationOptions {
  /** Default 100. */
  nSamples: number;
  /** Informative + redundant + repeated + noise. Default 20. */
  nFeatures: number;
  /** Default 2. */
  nInformative: number;
  /** Random linear combinations of the informative ones. Default 2. */
  nRedundant: number;
  /** Copies of informative and redundant ones. Default 0. */
  nRepeated: number;
  /** Default 2. */
  nClasses: number;
  /** Default 2; nClasses × nClustersPerClass may be at most 2^nInformative. */
  nClustersPerClass: number;
  /** Shares of the classes (nClasses, or one less), summing to at most 1; null: equal. Default null. */
  weights: readonly number[] | null;
  /** Share of rows whose label is drawn at random. Default 0.01. */
  flipY: number;
  /** Half the side of the hypercube on whose vertices the clusters lie. Default 1. */
  classSep: number;
  /** False: a random polytope instead of the hypercube. Default true. */
  hypercube: boolean;
  /** Added to the features: one number or one a feature; null: random in ±classSep. Default 0. */
  shift: number | readonly number[] | null;
  /** Then multiplies them; null: random in 1 … 101. Default 1. */
  scale: number | readonly number[] | null;
  /** Shuffle rows and features; false: informative, redundant, repeated, noise, in this order. Default true. */
  shuffle: boolean;
  /** Seed; null: a fresh one. Default null. */
  randomState: number | null;
}

const isFinite = (value: unknown): boolean => Number.isFinite(value);
const isPositive = (value: unknown): boolean => isFinite(value) && (value as number) > 0;

function perFeature(
  fallback: number,
  what: string,
  good: (value: unknown) => boolean,
): ParamSpec<number | readonly number[] | null> {
  return custom<number | readonly number[] | null>(
    fallback,
    `${what}, one of them a feature, or null`,
    (value) => value === null || good(value) || (Array.isArray(value) && value.every(good)),
  );
}

const SPECS: ParamSpecs<ClassificationOptions> = {
  nSamples: integer(100, { min: 1 }),
  nFeatures: integer(20, { min: 1 }),
  nInformative: integer(2, { min: 1 }),
  nRedundant: integer(2, { min: 0 }),
  nRepeated: integer(0, { min: 0 }),
  nClasses: integer(2, { min: 1 }),
  nClustersPerClass: integer(2, { min: 1 }),
  weights: custom<readonly number[] | null>(
    null,
    "an array of shares that are not negative and sum to at most 1, or null",
    (value) =>
      value === null ||
      (Array.isArray(value) &&
        value.every((w) => isFinite(w) && w >= 0) &&
        (value as number[]).reduce((sum, w) => sum + w, 0) <= 1 + 1e-9),
  ),
  flipY: number(0.01, { min: 0, max: 1 }),
  classSep: number(1, { min: 0, exclusiveMin: true }),
  hypercube: boolean(true),
  shift: perFeature(0, "a number", isFinite),
  scale: perFeature(1, "a positive number", isPositive),
  shuffle: boolean(true),
  randomState: randomState(),
};

/**
 * A random classification problem: normal clusters about the vertices of a hypercube, with redundant, repeated and noise
 * features (I. Guyon 2003). [X, y]: nSamples × nFeatures and class codes 0 … nClasses - 1. Follows scikit-learn's
 * make_classification; the same randomState gives the same numbers on every platform, but not NumPy's.
 *
 * @example const [X, y] = makeClassification({ nSamples: 1000, nInformative: 5, randomState: 0 });
 * @throws TreelineError ERR_INVALID_ARGUMENT for parameters that are wrong or do not fit together.
 */
export function makeClassification(options: Partial<ClassificationOptions> = {}): XyPair {
  const params = withDefaults("makeClassification", SPECS, options);
  checkParams("makeClassification", SPECS, params);
  checkTogether(params);
  const { nSamples: n, nFeatures: d, nInformative, nRedundant, nRepeated, classSep } = params;
  const random = new Random(seedOf(params.randomState));
  const values = new Float64Array(n * d);
  const y = new Float64Array(n);
  drawClusters(values, y, params, random);
  const mixing = random.uniforms(nInformative * nRedundant, -1, 1);
  const informative = submatrix(values, d, n, nInformative);
  place(values, d, nInformative, product(informative, mixing, n, nInformative, nRedundant), nRedundant);
  const useful = nInformative + nRedundant;
  for (let k = 0; k < nRepeated; k++) {
    const from = Math.floor((useful - 1) * random.uniform() + 0.5);
    for (let i = 0; i < n; i++) values[i * d + useful + k] = values[i * d + from] as number;
  }
  const nNoise = d - useful - nRepeated;
  place(values, d, useful + nRepeated, random.normals(n * nNoise), nNoise);
  for (let i = 0; i < n; i++) if (random.uniform() < params.flipY) y[i] = random.integer(params.nClasses);
  const shift = perColumn(params.shift, d, () => random.uniform(-classSep, classSep));
  const scale = perColumn(params.scale, d, () => random.uniform(1, 101));
  for (let at = 0; at < values.length; at++) {
    values[at] = ((values[at] as number) + (shift[at % d] as number)) * (scale[at % d] as number);
  }
  if (!params.shuffle) return [new Matrix(values, [n, d]), y];
  const rows = random.permutation(n);
  return [new Matrix(permuted(values, d, rows, random.permutation(d)), [n, d]), permuted(y, 1, rows, identity(1))];
}

function checkTogether(params: ClassificationOptions): void {
  const where = "makeClassification";
  const { nFeatures, nInformative, nRedundant, nRepeated, nClasses, nClustersPerClass, weights } = params;
  const useful = nInformative + nRedundant + nRepeated;
  if (useful > nFeatures) {
    throw invalidArgument(
      `${where}: nInformative + nRedundant + nRepeated is ${useful}, more than nFeatures (${nFeatures})`,
    );
  }
  const clusters = nClasses * nClustersPerClass;
  if (clusters > 2 ** nInformative) {
    throw invalidArgument(
      `${where}: nClasses × nClustersPerClass is ${clusters}, but ${nInformative} informative features have only ` +
        `${2 ** nInformative} vertices: raise nInformative`,
    );
  }
  if (weights !== null && weights.length !== nClasses && weights.length !== nClasses - 1) {
    throw invalidArgument(`${where}: weights must have ${nClasses} or ${nClasses - 1} shares, got ${weights.length}`);
  }
  for (const name of ["shift", "scale"] as const) {
    const value = params[name];
    if (Array.isArray(value) && value.length !== nFeatures) {
      throw invalidArgument(`${where}: ${name} must have ${nFeatures} numbers, one a feature, got ${value.length}`);
    }
  }
}

/** Fills the informative columns and the labels, cluster after cluster. */
function drawClusters(values: Float64Array, y: Float64Array, params: ClassificationOptions, random: Random): void {
  const { nFeatures: d, nInformative: k, nClasses } = params;
  const centroids = drawCentroids(params, random);
  let row = 0;
  clusterSizes(params).forEach((size, cluster) => {
    const covariance = random.uniforms(k * k, -1, 1);
    const points = product(random.normals(size * k), covariance, size, k, k);
    for (let i = 0; i < size; i++, row++) {
      y[row] = cluster % nClasses;
      for (let j = 0; j < k; j++) {
        values[row * d + j] = (points[i * k + j] as number) + (centroids[cluster * k + j] as number);
      }
    }
  });
}

/** Rows of each cluster; cluster c belongs to class c mod nClasses. */
function clusterSizes({ nSamples, nClasses, nClustersPerClass, weights }: ClassificationOptions): number[] {
  const shares = weights === null ? new Array<number>(nClasses).fill(1 / nClasses) : [...weights];
  if (shares.length < nClasses) shares.push(1 - shares.reduce((sum, w) => sum + w, 0));
  const clusters = nClasses * nClustersPerClass;
  const sizes = Array.from({ length: clusters }, (_, c) =>
    Math.max(0, Math.floor((nSamples * (shares[c % nClasses] as number)) / nClustersPerClass)),
  );
  const missing = nSamples - sizes.reduce((sum, size) => sum + size, 0);
  for (let i = 0; i < missing; i++) sizes[i % clusters] = (sizes[i % clusters] as number) + 1;
  return sizes;
}

/** Distinct vertices of the hypercube ±classSep, clusters × nInformative. */
function drawCentroids(params: ClassificationOptions, random: Random): Float64Array {
  const { nInformative: k, nClasses, nClustersPerClass, classSep, hypercube } = params;
  const clusters = nClasses * nClustersPerClass;
  const bits = Math.min(k, 30);
  const vertices = distinct(2 ** bits, clusters, random);
  const out = new Float64Array(clusters * k);
  for (let c = 0; c < clusters; c++) {
    for (let j = 0; j < k; j++) {
      const bit = j < k - bits ? random.integer(2) : ((vertices[c] as number) >>> (k - 1 - j)) & 1;
      out[c * k + j] = (2 * bit - 1) * classSep;
    }
  }
  if (hypercube) return out;
  const byCluster = random.uniforms(clusters);
  const byFeature = random.uniforms(k);
  return out.map((x, at) => x * (byCluster[Math.floor(at / k)] as number) * (byFeature[at % k] as number));
}

/** `count` different integers below n, in random order (R. Floyd's sampling). */
function distinct(n: number, count: number, random: Random): number[] {
  const chosen = new Set<number>();
  for (let top = n - count; top < n; top++) {
    const pick = random.integer(top + 1);
    chosen.add(chosen.has(pick) ? top : pick);
  }
  const list = [...chosen];
  return Array.from(random.permutation(count), (i) => list[i] as number);
}

/** The first k columns. */
function submatrix(values: Float64Array, cols: number, rows: number, k: number): Float64Array {
  const out = new Float64Array(rows * k);
  for (let i = 0; i < rows; i++) out.set(values.subarray(i * cols, i * cols + k), i * k);
  return out;
}

/** Writes a block of `width` columns at column `first`. */
function place(values: Float64Array, cols: number, first: number, block: Float64Array, width: number): void {
  for (let i = 0; width > 0 && i < block.length / width; i++) {
    values.set(block.subarray(i * width, (i + 1) * width), i * cols + first);
  }
}

function perColumn(value: number | readonly number[] | null, d: number, draw: () => number): Float64Array {
  if (typeof value === "number") return new Float64Array(d).fill(value);
  return value === null ? Float64Array.from({ length: d }, draw) : Float64Array.from(value);
}

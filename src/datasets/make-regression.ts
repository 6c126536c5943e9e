import { boolean, checkParams, integer, nullable, number, randomState, withDefaults } from "../base/params.js";
import type { ParamSpecs } from "../base/params.js";
import { seedOf } from "../base/random.js";
import { Matrix } from "../data/matrix.js";
import { identity, permuted, product } from "./dense.js";
import { exp } from "./portable-math.js";
import { Random } from "./random.js";

/** Parameters of makeRegression. */
export interface RegressionOptions {
  /** Default 100. */
  nSamples: number;
  /** Default 100. */
  nFeatures: number;
  /** Features that y depends on. Default 10. */
  nInformative: number;
  /** Default 1; with more, y is a Matrix, nSamples × nTargets. */
  nTargets: number;
  /** Added to y. Default 0. */
  bias: number;
  /** About how many singular vectors explain X; null: X is well conditioned. Default null. */
  effectiveRank: number | null;
  /** Share of the fat tail of the singular values, with effectiveRank. Default 0.5. */
  tailStrength: number;
  /** Standard deviation of the normal noise added to y. Default 0. */
  noise: number;
  /** Shuffle rows and features; false: the informative features first. Default true. */
  shuffle: boolean;
  /** Give the true coefficients too. Default false. */
  coef: boolean;
  /** Seed; null: a fresh one. Default null. */
  randomState: number | null;
}

const SPECS: ParamSpecs<RegressionOptions> = {
  nSamples: integer(100, { min: 1 }),
  nFeatures: integer(100, { min: 1 }),
  nInformative: integer(10, { min: 0 }),
  nTargets: integer(1, { min: 1 }),
  bias: number(0),
  effectiveRank: nullable(integer(1, { min: 1 })),
  tailStrength: number(0.5, { min: 0, max: 1 }),
  noise: number(0, { min: 0 }),
  shuffle: boolean(true),
  coef: boolean(false),
  randomState: randomState(),
};

/** One number a row, or with several targets a Matrix. */
type Targets<O> = O extends { nTargets: number } ? Float64Array | Matrix<Float64Array> : Float64Array;

/**
 * A random linear regression problem: y = X·coef + bias + noise, with few informative features. [X, y], with coef: true
 * [X, y, coef] (nFeatures, or nFeatures × nTargets). Follows scikit-learn's make_regression; the same randomState gives
 * the same numbers on every platform, but not NumPy's.
 *
 * @example const [X, y] = makeRegression({ nSamples: 500, nFeatures: 10, noise: 5, randomState: 0 });
 * @throws TreelineError ERR_INVALID_ARGUMENT for a parameter outside its range.
 */
export function makeRegression<O extends Partial<RegressionOptions> & { coef: true }>(
  options: O,
): [X: Matrix<Float64Array>, y: Targets<O>, coef: Targets<O>];
export function makeRegression<O extends Partial<RegressionOptions> & { coef?: false }>(
  options?: O,
): [X: Matrix<Float64Array>, y: Targets<O>];
export function makeRegression(options: Partial<RegressionOptions> = {}): unknown[] {
  const params = withDefaults("makeRegression", SPECS, options);
  checkParams("makeRegression", SPECS, params);
  const { nSamples: n, nFeatures: d, nTargets, bias, noise } = params;
  const random = new Random(seedOf(params.randomState));
  let X = params.effectiveRank === null ? random.normals(n * d) : lowRank(params, params.effectiveRank, random);
  let coef: Float64Array = new Float64Array(d * nTargets);
  coef.set(random.uniforms(Math.min(d, params.nInformative) * nTargets, 0, 100));
  let y = product(X, coef, n, d, nTargets);
  for (let i = 0; i < y.length; i++) y[i] = (y[i] as number) + bias + (noise > 0 ? noise * random.normal() : 0);
  if (params.shuffle) {
    const rows = random.permutation(n);
    const cols = random.permutation(d);
    X = permuted(X, d, rows, cols);
    y = permuted(y, nTargets, rows, identity(nTargets));
    coef = permuted(coef, nTargets, cols, identity(nTargets));
  }
  const targets = (values: Float64Array, rows: number): Float64Array | Matrix<Float64Array> =>
    nTargets === 1 ? values : new Matrix(values, [rows, nTargets]);
  const Xy = [new Matrix(X, [n, d]), targets(y, n)];
  return params.coef ? [...Xy, targets(coef, d)] : Xy;
}

/** n × d with bell-shaped singular values (scikit-learn's make_low_rank_matrix): U diag(s) Vᵀ. */
function lowRank(params: RegressionOptions, effectiveRank: number, random: Random): Float64Array {
  const { nSamples: n, nFeatures: d, tailStrength } = params;
  const k = Math.min(n, d);
  const left = orthonormalRows(k, n, random);
  const right = orthonormalRows(k, d, random);
  const out = new Float64Array(n * d);
  for (let r = 0; r < k; r++) {
    const bell = (1 - tailStrength) * exp(-Math.min(700, (r / effectiveRank) ** 2));
    const s = bell + tailStrength * exp(-Math.min(700, (0.1 * r) / effectiveRank));
    for (let i = 0; i < n; i++) {
      const factor = s * (left[r * n + i] as number);
      for (let j = 0; j < d; j++) {
        out[i * d + j] = (out[i * d + j] as number) + factor * (right[r * d + j] as number);
      }
    }
  }
  return out;
}

/** k orthonormal vectors of `length`, k at most length: Gram-Schmidt, twice over, of normal ones. */
function orthonormalRows(k: number, length: number, random: Random): Float64Array {
  const out = random.normals(k * length);
  const row = (r: number): Float64Array => out.subarray(r * length, (r + 1) * length);
  for (let r = 0; r < k; r++) {
    const vector = row(r);
    for (let pass = 0; pass < 2; pass++) {
      for (let other = 0; other < r; other++) subtractProjection(vector, row(other));
    }
    const norm = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
    for (let i = 0; i < length; i++) vector[i] = (vector[i] as number) / norm;
  }
  return out;
}

function subtractProjection(vector: Float64Array, unit: Float64Array): void {
  let along = 0;
  for (let i = 0; i < vector.length; i++) along += (vector[i] as number) * (unit[i] as number);
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) - along * (unit[i] as number);
}

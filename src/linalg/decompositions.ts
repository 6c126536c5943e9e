import { effectiveNJobs } from "../base/config.js";
import { invalidArgument, invalidData, show } from "../base/errors.js";
import { seedOf } from "../base/random.js";
import { MatrixSource } from "../data/array-source.js";
import { Matrix } from "../data/matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { flipSigns } from "../decomposition/projection.js";
import { momentsOf, randomizedSpectrum } from "../decomposition/spectrum.js";
import { runJob, type RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";
import { beside, dense, factorOf, reading, rowsTimes, square, transposeOf, type Reading } from "./table.js";

/** Options of qr. */
export interface QrOptions extends RunOptions {
  /** "r": R alone, in one pass, Q is not made. Default "reduced". */
  readonly mode?: "reduced" | "r";
}

/** X = Q R. */
export interface Qr {
  /** Orthonormal columns, nSamples × nFeatures; undefined in mode "r". */
  readonly Q: Matrix<Float64Array> | undefined;
  /** Upper triangular, its diagonal not negative. */
  readonly R: Matrix<Float64Array>;
}

/**
 * QR of a tall table: R by TSQR, in one pass over X, which may be larger than memory; Q (held) by two solves with R, so that
 * it is orthogonal however nearly the columns depend. Follows numpy.linalg.qr but for signs: the diagonal of R is not
 * negative.
 *
 * @throws TreelineError ERR_INVALID_DATA where Q is asked for and columns depend on others to working precision.
 */
export async function qr(X: MatrixLike, { mode = "reduced", ...options }: QrOptions = {}): Promise<Qr> {
  return reading("qr", X, options, async (table) => {
    const { R } = await factorOf(table);
    if (mode === "r") return { Q: undefined, R };
    if (R.rows < R.cols) throw invalidData(`qr: X has fewer rows than columns; mode "r" gives R alone`);
    checkIndependent(R);
    const first = await rowsTimes(table, await inverse(R, table));
    const again = { ...table, source: sourceOfMatrix(first, table) };
    const { R: second } = await factorOf(again);
    const Q = await rowsTimes(again, await inverse(second, table));
    return { Q, R: await product(second, R, table) };
  });
}

function checkIndependent(R: Matrix<Float64Array>): void {
  const diagonal = Array.from({ length: R.cols }, (_, j) => R.at(j, j));
  const least = Math.max(...diagonal) * R.cols * Number.EPSILON;
  const column = diagonal.findIndex((value) => !(value > least));
  if (column >= 0) {
    throw invalidData(`qr: column ${column} of X depends on those before it: svd, or mode "r", works all the same`);
  }
}

/** Options of svd. */
export interface SvdOptions extends RunOptions {
  /** Make U, which has a row for each row of X. Default true. */
  readonly computeU?: boolean;
}

/** X = U diag(S) Vt. */
export interface Svd {
  /** Left vectors as columns, one for each singular value that is not 0 to working precision. */
  readonly U: Matrix<Float64Array> | undefined;
  /** min(nSamples, nFeatures) singular values, descending. */
  readonly S: Float64Array;
  /** Right vectors as rows; the entry of largest absolute value of each is positive. */
  readonly Vt: Matrix<Float64Array>;
}

/**
 * Thin SVD: TSQR in one pass over X, which may be larger than memory, then one-sided Jacobi rotations of R. Small singular
 * values keep their digits.
 *
 * @throws TreelineError ERR_INVALID_DATA
 */
export async function svd(X: MatrixLike, { computeU = true, ...options }: SvdOptions = {}): Promise<Svd> {
  return reading("svd", X, options, async (table) => {
    const { R, rows } = await factorOf(table);
    const { values: S, vt } = await addon().thinSvd(R.data, R.rows, R.cols, table.job);
    flipSigns(vt, R.cols);
    const Vt = new Matrix(vt, [S.length, R.cols]);
    const limit = (S[0] ?? 0) * Math.max(rows, R.cols) * Number.EPSILON;
    const rank = S.filter((value) => value > limit).length;
    return { U: computeU ? await leftVectors(table, S, Vt, rank) : undefined, S, Vt };
  });
}

/** Options of svdRandomized. */
export interface SvdRandomizedOptions extends SvdOptions {
  /** Directions tried beyond nComponents. Default 10. */
  readonly nOversamples?: number;
  /** Passes of subspace iteration. Default 5. */
  readonly nIter?: number;
  /** Seed. Default null: another one each time. */
  readonly randomState?: number | null;
}

/**
 * The nComponents largest singular values and their vectors, by subspace iteration from random directions: nIter + 2 passes
 * over X (Halko, Martinsson, Tropp 2011; sklearn.utils.extmath.randomized_svd).
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT for nComponents that X does not have, ERR_INVALID_DATA
 */
export async function svdRandomized(
  X: MatrixLike,
  nComponents: number,
  { computeU = true, nOversamples = 10, nIter = 5, randomState = null, ...options }: SvdRandomizedOptions = {},
): Promise<Svd> {
  return reading("svdRandomized", X, options, async (table) => {
    const { nFeatures } = table.source;
    const rows = table.source.nRows ?? (await momentsOf(table)).rows;
    const most = Math.min(rows, nFeatures);
    if (!Number.isInteger(nComponents) || nComponents < 1 || nComponents > most) {
      throw invalidArgument(`svdRandomized: nComponents must be an integer in 1 … ${most}, got ${show(nComponents)}`);
    }
    const plan = { rank: nComponents, nOversamples, nIter, seed: seedOf(randomState) };
    const found = await randomizedSpectrum(table, rows, new Float64Array(nFeatures), plan);
    const S = found.singularValues;
    flipSigns(found.components, nFeatures);
    const Vt = new Matrix(found.components, [S.length, nFeatures]);
    const rank = S.filter((value) => value > (S[0] ?? 0) * Math.max(rows, nFeatures) * Number.EPSILON).length;
    return { U: computeU ? await leftVectors(table, S, Vt, rank) : undefined, S, Vt };
  });
}

/** U of the first `rank` singular values: X v / s, made orthonormal once more, for s near 0 costs it digits. */
async function leftVectors(
  table: Reading,
  S: Float64Array,
  Vt: Matrix<Float64Array>,
  rank: number,
): Promise<Matrix<Float64Array>> {
  const leading = new Matrix(Vt.data.slice(0, rank * Vt.cols), [rank, Vt.cols]);
  const weights = transposeOf(leading);
  weights.data.forEach((v, at) => (weights.data[at] = v / (S[at % rank] as number)));
  const rough = await rowsTimes(table, weights);
  const again = { ...table, source: sourceOfMatrix(rough, table) };
  if (rank === 0) return rough;
  const { R } = await factorOf(again);
  return rowsTimes(again, await inverse(R, table));
}

/**
 * Eigenvalues, ascending, and eigenvectors, as columns, of a symmetric matrix (numpy.linalg.eigh). The lower triangle is
 * ignored.
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT unless it is square, ERR_INVALID_DATA
 */
export async function eigh(
  a: Matrix | readonly (readonly number[])[],
  options?: RunOptions,
): Promise<{ values: Float64Array; vectors: Matrix<Float64Array> }> {
  const { data, rows: n } = square(a, "eigh: a");
  const upper = Float64Array.from(data, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return data[Math.min(i, j) * n + Math.max(i, j)] as number;
  });
  return runJob(effectiveNJobs(), options, async (job) => {
    const { values, vectors } = await addon().symmetricEigen(upper, n, job);
    const ascending = new Float64Array(n * n);
    for (let i = 0; i < n; i++) ascending.set(vectors.subarray(i * n, (i + 1) * n), (n - 1 - i) * n);
    return { values: values.slice().reverse(), vectors: transposeOf(new Matrix(ascending, [n, n])) };
  });
}

/** What lstsq finds. */
export interface LeastSquaresSolution {
  /** nFeatures × columns of Y. */
  readonly x: Matrix<Float64Array>;
  /** Of X: singular values above rcond times the largest. */
  readonly rank: number;
  readonly singularValues: Float64Array;
}

/**
 * x of least |X x - Y|, and of least |x| where columns depend (numpy.linalg.lstsq): in one pass over X, which may be larger
 * than memory, by TSQR of X beside Y.
 *
 * @param rcond singular values up to this share of the largest count as 0; default: rounding times the larger side.
 * @throws TreelineError ERR_INVALID_DATA, also where X and Y differ in their number of rows.
 */
export async function lstsq(
  X: MatrixLike,
  Y: Matrix | readonly (readonly number[])[],
  { rcond, ...options }: RunOptions & { readonly rcond?: number } = {},
): Promise<LeastSquaresSolution> {
  const right = dense(Y, "lstsq: Y");
  return reading("lstsq", X, options, async (table) => {
    const { nFeatures: d } = table.source;
    const both = { ...table, source: beside(table.source, right, "lstsq") };
    const { R, rows } = await factorOf(both);
    if (rows !== right.rows) throw invalidData(`lstsq: X has ${rows} rows, but Y has ${right.rows}`);
    const height = Math.min(R.rows, d);
    const part = (from: number, width: number): Float64Array =>
      Float64Array.from({ length: height * width }, (_, at) => R.at(Math.floor(at / width), from + (at % width)));
    const share = rcond ?? Math.max(rows, d) * Number.EPSILON;
    const solved = await addon().leastSquares(part(0, d), height, d, part(d, right.cols), right.cols, share, table.job);
    return { x: new Matrix(solved.x, [d, right.cols]), rank: solved.rank, singularValues: solved.singularValues };
  });
}

/**
 * x of a x = b for a square matrix (numpy.linalg.solve).
 *
 * @throws TreelineError ERR_INVALID_DATA for a matrix that is singular to working precision; lstsq takes those.
 */
export async function solve(
  a: Matrix | readonly (readonly number[])[],
  b: Matrix | readonly (readonly number[])[],
  options?: RunOptions,
): Promise<Matrix<Float64Array>> {
  const left = square(a, "solve: a");
  const { x, rank } = await lstsq(left, b, options);
  if (rank === left.rows) return x;
  throw invalidData(`solve: a is singular (rank ${rank} of ${left.rows}): lstsq finds the shortest solution`);
}

/** The inverse of an upper triangle, by back substitution. */
async function inverse(R: Matrix<Float64Array>, { job }: Reading): Promise<Matrix<Float64Array>> {
  const n = R.cols;
  const identity = new Float64Array(n * n);
  for (let i = 0; i < n; i++) identity[i * n + i] = 1;
  return new Matrix(await addon().solveUpper(R.data, n, identity, n, job), [n, n]);
}

async function product(
  a: Matrix<Float64Array>,
  b: Matrix<Float64Array>,
  { job }: Reading,
): Promise<Matrix<Float64Array>> {
  return new Matrix(await addon().multiply(a.data, b.data, a.rows, a.cols, b.cols, job), [a.rows, b.cols]);
}

function sourceOfMatrix(matrix: Matrix, { where }: Reading): Reading["source"] {
  return new MatrixSource(matrix, where);
}

import { TreelineError, invalidData } from "../base/errors.js";
import { pour, type RowSource } from "../data/row-source.js";
import type { JobOptions, MomentsResult } from "../native/addon.js";
import { addon } from "../native/load.js";
import { labelsOf, transposed } from "./projection.js";

/** Leading singular values of a table, centred or not, and their right vectors as rows. */
export interface Spectrum {
  readonly rows: number;
  readonly singularValues: Float64Array;
  /** singularValues.length × nFeatures. */
  readonly components: Float64Array;
}

/** A table to decompose. */
export interface Subject {
  readonly source: RowSource;
  /** Starts error messages: "PCA.fit". */
  readonly where: string;
  readonly job: JobOptions;
  readonly signal: AbortSignal | undefined;
}

/** What the randomized solver needs. */
export interface RandomizedOptions {
  readonly rank: number;
  readonly nOversamples: number;
  readonly nIter: number;
  readonly seed: number;
}

/** Column moments of a table, one pass. NaN and infinities are refused. */
export async function momentsOf({ source, where, job, signal }: Subject): Promise<MomentsResult> {
  const sink = addon().createMomentsSink(source.nFeatures, undefined, labelsOf(where, source));
  await pour(source, sink, job, signal);
  const moments = addon().momentsResult(sink);
  if (moments.count.every((count) => count === moments.rows)) return moments;
  await momentsByGram({ source, where, job, signal }); // finds the place of the NaN
  throw new TreelineError("ERR_INVALID_DATA", `${where}: X contains NaN`);
}

async function momentsByGram({ source, where, job, signal }: Subject): Promise<void> {
  await addon().gramResult(await gramSink({ source, where, job, signal }, false), job);
}

async function gramSink(
  { source, where, job, signal }: Subject,
  nearMean: boolean,
): Promise<ReturnType<ReturnType<typeof addon>["createGramSink"]>> {
  const sink = addon().createGramSink(labelsOf(where, source), nearMean);
  await pour(source, sink, job, signal);
  return sink;
}

/** By the eigenvalues of the covariance matrix: one pass, fast where columns are few. With the mean. */
export async function covarianceSpectrum(subject: Subject): Promise<Spectrum & { readonly mean: Float64Array }> {
  const { job, source } = subject;
  const { rows, mean, covariance } = await addon().gramCovariance(await gramSink(subject, true), 1, job);
  const { values, vectors } = await addon().symmetricEigen(covariance, source.nFeatures, job);
  return {
    rows,
    mean,
    singularValues: values.map((value) => Math.sqrt(Math.max(value, 0) * (rows - 1))),
    components: vectors,
  };
}

/** By QR of the table (TSQR) and the singular values of R: one pass, all digits. Centred: with the mean. */
export async function exactSpectrum(
  subject: Subject,
  centred: boolean,
): Promise<Spectrum & { readonly mean: Float64Array }> {
  const { source, where, job, signal } = subject;
  const sink = addon().createTsqrSink(labelsOf(where, source), centred, undefined);
  await pour(source, sink, job, signal);
  const { rows, height, cols, values } = await addon().tsqrResult(sink, job);
  const skipped = centred ? 1 : 0; // the row and column of the ones
  const width = cols - skipped;
  const rank = Math.min(rows, width);
  const factor = new Float64Array(rank * width); // rows that R lacks are zero
  for (let i = skipped; i < Math.min(height, rank + skipped); i++) {
    factor.set(values.subarray(i * cols + skipped, (i + 1) * cols), (i - skipped) * width);
  }
  const mean = new Float64Array(width);
  if (centred && rows > 0) mean.set(values.subarray(1, cols).map((x) => x / (values[0] as number)));
  const { values: singularValues, vt } = await addon().thinSvd(factor, rank, width, job);
  return { rows, mean, singularValues, components: vt };
}

/**
 * By subspace iteration from random directions (Halko, Martinsson, Tropp 2011): nIter + 2 passes over a table of any
 * size. The draws depend on the seed and their place only.
 */
export async function randomizedSpectrum(
  subject: Subject,
  rows: number,
  shift: Float64Array,
  { rank, nOversamples, nIter, seed }: RandomizedOptions,
): Promise<Spectrum> {
  const { source, where, job, signal } = subject;
  const native = addon();
  const nFeatures = source.nFeatures;
  const nOutputs = Math.min(rank + nOversamples, nFeatures);
  const labels = labelsOf(where, source);
  let weights = await native.randomBasis(nFeatures, nOutputs, seed, job);
  for (let pass = 0; pass <= nIter; pass++) {
    const sink = native.createSubspaceSink(labels, { weights, shift, nOutputs });
    await pour(source, sink, job, signal);
    weights = await native.orthonormalize(await native.subspaceResult(sink, job), nFeatures, nOutputs, job);
  }
  const sink = native.createTsqrSink(labels, false, { weights, shift, nOutputs });
  await pour(source, sink, job, signal);
  const { height, values } = await native.tsqrResult(sink, job);
  const { values: singularValues, vt } = await native.thinSvd(values, height, nOutputs, job);
  const kept = Math.min(rank, singularValues.length);
  const basis = transposed(weights, nFeatures, nOutputs);
  const leading = vt.slice(0, kept * nOutputs);
  const components = await native.multiply(leading, basis, kept, nOutputs, nFeatures, job);
  return { rows, singularValues: singularValues.slice(0, kept), components };
}

/** Refuses a table that is too short. */
export function checkRows(where: string, rows: number, atLeast: number): void {
  if (rows >= atLeast) return;
  throw invalidData(`${where}: X has ${rows} rows; at least ${atLeast} ${atLeast === 1 ? "is" : "are"} needed`);
}

import { effectiveNJobs } from "../base/config.js";
import { mappedSource } from "../data/mapped-source.js";
import { mapRows, type RowSource } from "../data/row-source.js";
import { runJob, type RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";
import { modelPower, modelVariances, type ComponentsFitted } from "./principal-components.js";
import { labelsOf } from "./projection.js";

/** Log-likelihoods of rows under the normal distribution of a model of components (Bishop 2006, 12.2.1). */
export async function logLikelihoods(
  where: string,
  source: RowSource,
  fitted: ComponentsFitted,
  options: RunOptions | undefined,
): Promise<Float64Array> {
  const { mean, noiseVariance, nFeaturesIn: d } = fitted;
  const variances = modelVariances(fitted);
  const left = d - variances.length;
  const logDeterminant =
    variances.reduce((sum, variance) => sum + Math.log(variance), 0) + (left > 0 ? left * Math.log(noiseVariance) : 0);
  // (x - mean) times the root of the precision matrix: of variance 1 in every direction.
  const root = modelPower(fitted, -0.5).data;
  return runJob(effectiveNJobs(), options, async (job) => {
    const whiten = addon().createProjectionMap(labelsOf(where, source), root, mean, new Float64Array(d));
    const white = mappedSource(source, whiten, d);
    const length = addon().createPairwiseMap(labelsOf(where, white), new Float64Array(d), "sqeuclidean", 0);
    const { values } = await mapRows(white, length, 1, Float64Array, job, options?.signal);
    return values.map((square) => -0.5 * (square + d * Math.log(2 * Math.PI) + logDeterminant));
  });
}

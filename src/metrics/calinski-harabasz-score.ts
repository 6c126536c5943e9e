import type { MatrixLike } from "../data/row-source-of.js";
import { inTurns, type VectorLike } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import { centroidsOf, readClusteredRows, squaredDistance } from "./clustered-rows.js";
import { checkOptions } from "./options.js";
import { Sum } from "./sum.js";

/**
 * Calinski-Harabasz score of a clustering: the spread of cluster means over the spread within clusters, per degree of
 * freedom; greater is better; as scikit-learn's calinski_harabasz_score.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_MEMORY_LIMIT where X does not fit into memory
 */
export async function calinskiHarabaszScore(
  X: MatrixLike,
  labels: VectorLike,
  options: RunOptions = {},
): Promise<number> {
  const where = "calinskiHarabaszScore";
  checkOptions(where, options, ["signal", "onProgress"]);
  const clustered = await readClusteredRows(where, X, labels, options);
  const { rows, codes, sizes } = clustered;
  const [n, d] = rows.shape;
  const k = sizes.length;
  const centroids = centroidsOf(clustered);
  const mean = Float64Array.from({ length: d }, (_, j) =>
    sizes.reduce((sum, size, cluster) => sum + (size / n) * (centroids[cluster * d + j] as number), 0),
  );
  const [between, within] = [new Sum(), new Sum()];
  sizes.forEach((size, cluster) => between.add(size * squaredDistance(centroids, cluster, mean, 0, d)));
  await inTurns(n, options.signal, (begin, end) => {
    for (let i = begin; i < end; i++) within.add(squaredDistance(rows.data, i, centroids, codes[i] as number, d));
  });
  return within.value === 0 ? 1 : (between.value * (n - k)) / (within.value * (k - 1));
}

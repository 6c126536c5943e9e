import type { MatrixLike } from "../data/row-source-of.js";
import { inTurns, type VectorLike } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import { centroidsOf, readClusteredRows, squaredDistance } from "./clustered-rows.js";
import { checkOptions } from "./options.js";

/**
 * Davies-Bouldin score of a clustering: how wide clusters are for their distance from the most similar one, on average;
 * smaller is better, 0 at least; as scikit-learn's davies_bouldin_score.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_MEMORY_LIMIT where X does not fit into memory
 */
export async function daviesBouldinScore(X: MatrixLike, labels: VectorLike, options: RunOptions = {}): Promise<number> {
  const where = "daviesBouldinScore";
  checkOptions(where, options, ["signal", "onProgress"]);
  const clustered = await readClusteredRows(where, X, labels, options);
  const { rows, codes, sizes } = clustered;
  const [n, d] = rows.shape;
  const centroids = centroidsOf(clustered);
  const widths = new Float64Array(sizes.length);
  await inTurns(n, options.signal, (begin, end) => {
    for (let i = begin; i < end; i++) {
      const code = codes[i] as number;
      widths[code] = (widths[code] as number) + Math.sqrt(squaredDistance(rows.data, i, centroids, code, d));
    }
  });
  sizes.forEach((size, k) => (widths[k] = (widths[k] as number) / size));
  const apart = (a: number, b: number): number => Math.sqrt(squaredDistance(centroids, a, centroids, b, d));
  const isZero = (x: number): boolean => x <= 1e-8; // as numpy.isclose
  const all = Array.from(sizes.keys());
  if (widths.every(isZero) || all.every((a) => all.every((b) => isZero(apart(a, b))))) return 0;
  const worst = all.map((a) =>
    all.reduce((most, b) => {
      const distance = apart(a, b);
      return distance === 0 ? most : Math.max(most, ((widths[a] as number) + (widths[b] as number)) / distance);
    }, 0),
  );
  return worst.reduce((sum, ratio) => sum + ratio, 0) / worst.length;
}

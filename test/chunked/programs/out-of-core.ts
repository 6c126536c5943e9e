// Makes a matrix ten times as large as the memory limit, row by row, computes with it, and prints a digest of all results
// and the most anonymous memory the process held. Arguments: rows, memory limit or "none", spill directory.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { ChunkedMatrix, compute, KMeans, PCA, where, withConfig } from "../../../src/index.js";

const [rowsText, limit, spillDirectory] = process.argv.slice(2) as [string, string, string];
const rows = Number(rowsText);
const cols = 16;
const STEP = 8192;

/** Resident anonymous memory in MB; 0 where the system does not tell. */
function anonymous(): number {
  try {
    return Number(/^RssAnon:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? 0) / 1e3;
  } catch {
    return 0;
  }
}

let most = 0;
const watch = setInterval(() => (most = Math.max(most, anonymous())), 5);

async function* batches(): AsyncGenerator<Record<string, Float64Array>> {
  for (let first = 0; first < rows; first += STEP) {
    const n = Math.min(STEP, rows - first);
    yield Object.fromEntries(
      Array.from({ length: cols }, (_, j) => [
        `c${j}`,
        new Float64Array(n).map((_, i) => (Math.imul(first + i + 1, 2654435761 + j * 97) >>> 8) / 2 ** 20 - 7),
      ]),
    );
  }
}

await withConfig({ memoryLimit: limit === "none" ? null : limit, spillDirectory, nJobs: 2 }, async () => {
  const before = anonymous();
  const X = await ChunkedMatrix.from(batches());
  const [mean, std, median] = await compute(X.mean({ axis: 0 }), X.std({ axis: 0 }), X.median({ axis: 0 }));
  const scaled = await X.subtract(mean).divide(std).persist();
  const clipped = where(scaled.abs().greater(1.5), scaled.sign().multiply(1.5), scaled);
  const [sum, norm, most90] = await compute(clipped.sum(), scaled.norm({ axis: 0 }), scaled.quantile(0.9));
  const digest = createHash("sha256");
  for await (const chunk of scaled.slice(3).add(X.slice(0, -3)).exp()) digest.update(chunk.data as Float64Array);
  const pca = await new PCA({ nComponents: 3 }).fit(scaled);
  const init = [-1, 0, 1].map((at) => Array.from({ length: cols }, (_, j) => at * (j % 3)));
  const kmeans = await new KMeans({ nClusters: 3, init, maxIter: 3, algorithm: "elkan" }).fit(scaled);
  const away = await scaled.euclideanDistances(kmeans.clusterCenters_).min({ axis: 1 }).sum();
  digest.update(kmeans.labels_);
  for (const { data } of [pca.components_, kmeans.clusterCenters_]) digest.update(data);
  digest.update(Float64Array.of(away));
  for (const numbers of [mean, std, median, Float64Array.of(sum, most90), norm]) digest.update(numbers);
  clearInterval(watch);
  console.log(JSON.stringify({ digest: digest.digest("hex"), before, most: Math.max(most, anonymous()) }));
});

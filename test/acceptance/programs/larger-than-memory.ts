// Fits logistic regression and boosted trees to Parquet files within a memory limit, and prints a digest of
// what they predict and the most anonymous memory the process held. Arguments: memory limit or "none", files.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  HistGradientBoostingClassifier,
  LogisticRegression,
  makePipeline,
  scanParquet,
  StandardScaler,
  withConfig,
} from "../../../src/index.js";

const [limit, ...paths] = process.argv.slice(2) as [string, ...string[]];

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
await withConfig({ memoryLimit: limit === "none" ? null : limit, nJobs: 2 }, async () => {
  const frame = await scanParquet(paths);
  const [X, y] = [frame.drop("Class"), frame.column("Class")];
  const logistic = makePipeline(new StandardScaler(), new LogisticRegression({ tol: 1e-8, maxIter: 1000 }));
  const boosting = new HistGradientBoostingClassifier({ maxIter: 10, earlyStopping: false, randomState: 0 });
  const before = anonymous();
  const digest = createHash("sha256");
  for (const model of [logistic, boosting]) {
    await model.fit(X, y);
    digest.update((await model.predictProba(X)).column(1) as Float64Array);
  }
  const passes = (logistic.namedSteps["logisticRegression"] as LogisticRegression).nIter_;
  console.log(JSON.stringify({ digest: digest.digest("hex"), before, most: Math.max(most, anonymous()), passes }));
});
clearInterval(watch);

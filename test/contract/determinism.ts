import { withConfig, type MatrixLike } from "../../src/index.js";
import { answers, problemFor, type Entry } from "./estimators.js";
import { matrixOf } from "./problems.js";

/** More rows than two summation slots of 1024, so that threads and chunks have something to disagree about. */
export const ROWS = 2600;

/** One estimator's problem, its numbers not exact in sums; `learned` gives what a fit leaves, as text. */
export function trial(entry: Entry) {
  const { X, y } = problemFor(entry, ROWS);
  const matrix = matrixOf(X.map((row, i) => row.map((x, j) => x * (1 + 1e-9 * ((i * 7 + j) % 11)))));
  const probe = matrixOf(X.slice(0, 50));
  const learned = async (source: MatrixLike, nJobs?: number): Promise<string> => {
    const estimator = entry.make();
    const run = async () => {
      await estimator.fit(source, y);
      return { model: estimator, answers: await answers(estimator, probe) };
    };
    const all = await (nJobs === undefined ? run() : withConfig({ nJobs }, run));
    return JSON.stringify(all, (key, value: unknown) => (/Time$/.test(key) ? undefined : value)); // seconds differ
  };
  return { matrix, y, learned };
}

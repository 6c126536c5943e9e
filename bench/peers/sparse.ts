/**
 * `node --import tsx bench/peers/sparse.ts [--quick] [--python PATH]`: linear models of a sparse table beside scikit-learn's on
 * the same scipy.sparse.csr_array: 100,000 rows × 50,000 columns, 50 entries a row. Beside every time: how far the
 * predictions lie apart.
 */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CsrMatrix, LogisticRegression, Ridge, withConfig } from "treeline";
import { lastLine, python, run, versions } from "./python.js";

const at = process.argv.indexOf("--python");
const interpreter = at < 0 ? python() : (process.argv[at + 1] as string);
const rows = process.argv.includes("--quick") ? 5_000 : 100_000;
const [cols, perRow] = [50_000, 50];

function table(): { X: CsrMatrix; y: Float64Array } {
  let state = 7;
  const next = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const [at, columns, values] = [[] as number[], [] as number[], [] as number[]];
  const y = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let score = 4 * next() - 2;
    for (let k = 0; k < perRow; k++) {
      const column = Math.floor(cols * next() ** 3);
      at.push(i);
      columns.push(column);
      values.push(1);
      score += column % 2 === 0 ? 1 : -1;
    }
    y[i] = score > 0 ? 1 : 0;
  }
  return { X: CsrMatrix.fromTriplets(at, columns, values, [rows, cols]), y };
}

interface Peer {
  readonly seconds: number;
  readonly predicted: readonly number[];
}

const { X, y } = table();
const folder = mkdtempSync(join(tmpdir(), "treeline-sparse-"));
const files = { data: Float64Array.from(X.data), indices: X.indices, indptr: Float64Array.from(X.indptr), y };
for (const [name, values] of Object.entries(files)) writeFileSync(join(folder, `${name}.bin`), values);

const TASKS: Record<string, () => Promise<Float64Array>> = {
  logistic: async () => {
    const model = await new LogisticRegression({ maxIter: 1000 }).fit(X, y);
    return (await model.decisionFunction(X)) as Float64Array;
  },
  ridge: async () => (await (await new Ridge().fit(X, y)).predict(X)) as Float64Array,
};

console.log(versions(interpreter, ["scikit-learn", "scipy"]));
await withConfig({ nJobs: 1 }, async () => {
  const peers = lastLine<Record<string, Peer>>(
    run(interpreter, [fileURLToPath(new URL("sparse_peer.py", import.meta.url)), folder, String(cols)]),
  );
  for (const [name, task] of Object.entries(TASKS)) {
    const { seconds, predicted } = peers[name] as Peer;
    const start = performance.now();
    const answers = await task();
    const own = (performance.now() - start) / 1e3;
    const apart = Math.max(...predicted.map((value, i) => Math.abs(value - (answers[i] as number))));
    if (!(apart < 0.5)) throw new Error(`${name}: predictions lie ${apart} apart`);
    console.log(
      `${name}: Treeline ${own.toFixed(2)} s, scikit-learn ${seconds.toFixed(2)} s, apart ${apart.toExponential(1)}`,
    );
  }
});

/**
 * Boosting at the edges of size: 100,000 columns, and more than 2^31 cells. Tables are made chunk by chunk and never held.
 * `node --import tsx bench/boosting-large.bench.ts [wide|tall]`; tall needs 7 GB of memory.
 */
import { readFileSync } from "node:fs";
import {
  HistGradientBoostingClassifier,
  HistGradientBoostingRegressor,
  type BoostingTrace,
  type TreeNode,
} from "../src/index.js";
import type { RowSource } from "../src/data/row-source.js";
import { machine } from "./machine.js";

const ROWS_A_CHUNK = { wide: 64, tall: 65_536 };
const SHAPES = { wide: [3000, 100_000], tall: [80_000_000, 27] } as const;
type Kind = keyof typeof SHAPES;

/** Wide: counts, 97 % zeros. Tall: numbers in [-1, 1). The same in every pass. */
function tableOf(kind: Kind): RowSource {
  const [nRows, nFeatures] = SHAPES[kind];
  const values = new Float32Array(ROWS_A_CHUNK[kind] * nFeatures);
  return {
    nRows,
    nFeatures,
    featureNames: undefined,
    categories: undefined,
    *chunks() {
      for (let firstRow = 0; firstRow < nRows; firstRow += ROWS_A_CHUNK[kind]) {
        const rows = Math.min(ROWS_A_CHUNK[kind], nRows - firstRow);
        let h = firstRow + 1;
        for (let k = 0; k < rows * nFeatures; k++) {
          h = (Math.imul(h, 1_664_525) + 1_013_904_223) | 0;
          values[k] = kind === "tall" ? h / 2 ** 31 : h >>> 24 < 8 ? (h >>> 16) & 7 : 0;
        }
        yield { rows, firstRow, values, offset: 0, cols: nFeatures, rowStride: nFeatures, colStride: 1 };
      }
    },
  };
}

/** Targets that hang on a few columns, one of them among the last. */
function targetsOf(kind: Kind, X: RowSource): Float64Array {
  const y = new Float64Array(X.nRows as number);
  let row = 0;
  for (const { rows, values, cols } of X.chunks() as Iterable<{ rows: number; values: Float32Array; cols: number }>) {
    for (let i = 0; i < rows; i++) {
      const x = (j: number): number => values[i * cols + j] as number;
      y[row++] = kind === "tall" ? x(0) - 2 * x(26) ** 2 : Number(x(5) + x(77_777) > 0);
    }
  }
  return y;
}

function memory(): string {
  const status = readFileSync("/proc/self/status", "utf8");
  return `${(Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]) / 1e6).toFixed(2)} GB at most`;
}

const wanted = process.argv[2] as Kind | undefined;
console.log(machine());
for (const kind of ["wide", "tall"] as const) {
  if (wanted !== undefined && wanted !== kind) continue;
  const X = tableOf(kind);
  const y = targetsOf(kind, X);
  const params = { maxIter: 5, maxLeafNodes: 15, compactBins: true, earlyStopping: false };
  const model =
    kind === "wide" ? new HistGradientBoostingClassifier(params) : new HistGradientBoostingRegressor(params);
  const start = performance.now();
  await model.fit(X, y);
  const { peakBytes, storedColumns, histogramUpdates } = model.trace_ as BoostingTrace;
  const [rows, cols] = SHAPES[kind];
  const used = new Set(model.treeNodes(0).flatMap((node: TreeNode) => node.feature ?? []));
  console.log(
    `${kind}: ${rows.toLocaleString("en")} × ${cols.toLocaleString("en")} = ${((rows * cols) / 2 ** 31).toFixed(3)} · 2^31 cells, ` +
      `5 trees of 15 leaves in ${((performance.now() - start) / 1000).toFixed(1)} s; the fit held ${(peakBytes / 1e9).toFixed(2)} GB, ` +
      `the process ${memory()}; ${storedColumns} stored columns, ${(histogramUpdates / 1e9).toFixed(1)} G histogram updates; ` +
      `the first tree splits by columns ${[...used]
        .sort((a, b) => a - b)
        .slice(0, 8)
        .join(", ")}`,
  );
}

// What a reader of an example takes for granted: the names that examples use without declaring them.
import type * as all from "../../src/index.js";

declare global {
  const X: all.Matrix, XTrain: all.Matrix, XTest: all.Matrix, XNew: all.Matrix, XSmall: all.Matrix;
  const y: Float64Array, yTrain: Float64Array, yTest: Float64Array, ySmall: Float64Array;
  const weights: Float64Array,
    grades: Float64Array,
    queries: Int32Array,
    patients: Int32Array,
    purePremium: Float64Array;
  const counts: all.Matrix, countsTest: all.Matrix, candidates: all.Matrix, proba: all.Matrix;
  const frame: all.Frame;
  const model: all.HistGradientBoostingClassifier;
  const logistic: all.LogisticRegression, boosting: all.HistGradientBoostingClassifier;
  const forest: all.RandomForestClassifier;
  const stream: AsyncIterable<all.Matrix>;
  const batches: AsyncIterable<[all.Matrix, string[]]>;
  const tasks: ((signal: AbortSignal) => Promise<number>)[];
  const signal: AbortSignal;
  function cursorOf(query: string): AsyncIterable<{ amount: Float64Array; kind: string[] }>;
  function write(firstRow: number, values: all.Matrix): Promise<void>;
  function writeFile(path: string, text: string): Promise<void>;
  let total: number;
}

import {
  averagePrecisionScore,
  f1Score,
  logLoss,
  parallel,
  precisionRecallCurve,
  rocAucScore,
  type Matrix,
  type ProgressBars,
} from "treeline";
import type { Classifier } from "./models.js";

/** A table, its labels (0 and 1) and what each row weighs. */
export interface Part {
  readonly X: Matrix;
  readonly y: Float64Array;
  readonly weight: Float64Array;
}

/** How one model did on the test part. */
export interface Result {
  readonly name: string;
  readonly rocAuc: number;
  readonly averagePrecision: number;
  /** At probability 0.5. */
  readonly f1: number;
  /** The best F1 of any threshold, and that threshold. */
  readonly bestF1: number;
  readonly bestThreshold: number;
  readonly logLoss: number;
  readonly fitSeconds: number;
  readonly predictSeconds: number;
}

export interface CompareOptions {
  readonly signal: AbortSignal;
  readonly bars: ProgressBars;
  readonly nJobs: number | undefined;
  /** Called when a model is done. */
  readonly onResult: (result: Result) => void;
}

/** Fits the models in parallel and scores each on the test part. */
export async function compare(
  models: Readonly<Record<string, Classifier>>,
  train: Part,
  test: Part,
  { signal, bars, nJobs, onResult }: CompareOptions,
): Promise<Result[]> {
  const named = Object.entries(models).map(([name, model]) => ({ name, model, bar: bars.add(name) }));
  const tasks = named.map(({ name, model, bar }) => async (stop: AbortSignal) => {
    const start = performance.now();
    await model.fit(train.X, train.y, {
      sampleWeight: train.weight,
      signal: stop,
      onProgress: (progress) => bar.update(progress),
    });
    const fitted = performance.now();
    const proba = (await model.predictProba(test.X, { signal: stop })).column(1) as Float64Array;
    const predicted = performance.now();
    const result = {
      name,
      ...(await score(test, proba)),
      fitSeconds: (fitted - start) / 1000,
      predictSeconds: (predicted - fitted) / 1000,
    };
    bar.finish(`${result.fitSeconds.toFixed(2)} s`);
    onResult(result);
    return result;
  });
  return parallel(tasks, { signal, nJobs });
}

async function score(
  { y, weight: sampleWeight }: Part,
  proba: Float64Array,
): Promise<Omit<Result, "name" | "fitSeconds" | "predictSeconds">> {
  const options = { sampleWeight };
  const { precision, recall, thresholds } = await precisionRecallCurve(y, proba, options);
  const f1 = thresholds.map((_, k) => {
    const [p, r] = [precision[k] as number, recall[k] as number];
    return p + r > 0 ? (2 * p * r) / (p + r) : 0;
  });
  const best = f1.reduce((at, value, k) => (value > (f1[at] as number) ? k : at), 0);
  const predicted = proba.map((p) => Number(p > 0.5));
  return {
    rocAuc: await rocAucScore(y, proba, options),
    averagePrecision: await averagePrecisionScore(y, proba, options),
    f1: await f1Score(y, predicted, { ...options, zeroDivision: 0 }),
    bestF1: f1[best] ?? 0,
    bestThreshold: thresholds[best] ?? NaN,
    logLoss: await logLoss(y, proba, options),
  };
}

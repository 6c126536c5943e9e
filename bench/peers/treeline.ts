/**
 * One measurement of Treeline, the twin of peer.py: prints one JSON line.
 * treeline.ts FOLDER THREADS REPEATS PARAMS
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { HistGradientBoostingClassifier, Matrix, logLoss, rocAucScore } from "treeline";

const [folder, threads, repeats, json] = process.argv.slice(2) as [string, string, string, string];
const params = JSON.parse(json) as Record<string, number>;
const meta = JSON.parse(readFileSync(join(folder, "meta.json"), "utf8")) as { dtype: string; cols: number };

function read(name: string): ArrayBuffer {
  const bytes = readFileSync(join(folder, name));
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}

function table(part: string): { X: Matrix; y: Float64Array } {
  const buffer = read(`X_${part}.bin`);
  const data = meta.dtype === "float32" ? new Float32Array(buffer) : new Float64Array(buffer);
  return { X: new Matrix(data, [data.length / meta.cols, meta.cols]), y: new Float64Array(read(`y_${part}.bin`)) };
}

const train = table("train");
const test = table("test");
const nJobs = Number(threads);
const PREDICTIONS = 3; // a fit, as in peer.py

async function timed<T>(body: () => Promise<T>): Promise<[T, number]> {
  const start = performance.now();
  const result = await body();
  return [result, (performance.now() - start) / 1000];
}

const fit = (): Promise<HistGradientBoostingClassifier> =>
  new HistGradientBoostingClassifier({ ...params, earlyStopping: false, nJobs }).fit(train.X, train.y);

await fit();
const fits: number[] = [];
const predictions: number[] = [];
let scores = new Float64Array();
for (let i = 0; i < Number(repeats); i++) {
  const [model, seconds] = await timed(fit);
  fits.push(seconds);
  for (let p = 0; p < PREDICTIONS; p++) {
    const [proba, predict] = await timed(() => model.predictProba(test.X));
    predictions.push(predict);
    scores = Float64Array.from(proba.column(1));
  }
}
const auc = await rocAucScore(test.y, scores);
console.log(JSON.stringify({ fit: fits, predict: predictions, auc, logLoss: await logLoss(test.y, scores) }));

import { Matrix, StandardScaler, TreelineError, type MatrixLike, type Progress } from "treeline";
import { accuracyScore } from "treeline/metrics";

const X: MatrixLike = [
  [1, 10],
  [2, 20],
  [3, 30],
];
const scaler = new StandardScaler({ withMean: true });
const onProgress = (progress: Progress): void => void progress.fraction;
const Z: Matrix<Float64Array> = await scaler.fitTransform(X, undefined, { onProgress });
const mean: number | undefined = scaler.mean_[0];
// @ts-expect-error there is no such parameter
const wrong = (): StandardScaler => new StandardScaler({ with_mean: true });
try {
  wrong();
} catch (error) {
  if (!(error instanceof TreelineError) || error.code !== "ERR_INVALID_ARGUMENT") throw error;
}
console.log("ok", Z.shape, mean, await accuracyScore([0, 1], [0, 1]));

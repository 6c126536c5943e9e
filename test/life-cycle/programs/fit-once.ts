// Starts a fit and does nothing else: the process must wait for the fit, and end by itself after it.
import { Matrix, StandardScaler } from "../../../src/index.js";

const X = new Matrix(
  Float64Array.from({ length: 400_000 }, (_, i) => i % 7),
  [100_000, 4],
);
void new StandardScaler().fit(X).then((scaler) => console.log(`mean ${scaler.mean_.length}`));

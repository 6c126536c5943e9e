// Prints which kernels run and what they compute.
import { Matrix, StandardScaler, simdInfo } from "../../../src/index.js";

const X = new Matrix(
  Float64Array.from({ length: 30_001 * 3 }, (_, i) => Math.sin(i) * 1e3),
  [30_001, 3],
);
const scaler = await new StandardScaler().fit(X);
console.log(JSON.stringify({ ...simdInfo(), variance: Array.from(scaler.var_, (v) => v.toString()) }));

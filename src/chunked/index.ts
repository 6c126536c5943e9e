export { ChunkedMatrix } from "./chunked-matrix.js";
export { where } from "./elementwise.js";
export type { ColumnsOptions, Ddof, Ord, RowsOptions, WholeOptions } from "./chunked-statistics.js";
export type { Histogram, HistogramOptions, UniqueValues } from "./counts.js";
export type { Interpolation, QuantileOptions } from "./quantile.js";
export { compute, Reduction } from "./reduction.js";
export { hstack, vstack } from "./stack.js";
export type { Operand } from "./operands.js";
export type { Batches, ChunkedMatrixOptions } from "./from.js";

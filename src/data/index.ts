export { Matrix, type Order } from "./matrix.js";
export type { MatrixLike } from "./row-source-of.js";
export type { RowLike } from "./row.js";
export type { ColumnSource, Label, LabelArray, VectorLike } from "./vector.js";
export type { LabelGain } from "./label-gain.js";
export type { QueryOptions } from "./queries.js";
export type { ClassWeight } from "./class-weight.js";
export { Frame, GroupBy, type ColumnSchema, type ReadOptions, type Row, type SampleOptions } from "./frame.js";
export { FrameColumn } from "./frame-column.js";
export type { ColumnSummary } from "./column-summary.js";
export type { BatchColumn, Cell } from "./cell.js";
export { scanCsv, scanParquet, type CsvOptions, type ParquetOptions, type Paths } from "./scan.js";
export {
  fromArrow,
  fromBatches,
  scanArrow,
  type Batch,
  type BatchValues,
  type FromBatchesOptions,
} from "./from-batches.js";
export type { RowSource } from "./row-source.js";
export { CsrMatrix, type RowPointers, type SparseRow } from "./csr-matrix.js";
export type { Documents, DocumentsLike, InputLike } from "./documents.js";
export type { CellValue, ColumnKind, TableLike } from "./table-columns.js";

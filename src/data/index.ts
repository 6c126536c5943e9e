export { Matrix, type Order } from "./matrix.js";
export type { MatrixLike } from "./row-source-of.js";
export type { ColumnSource, Label, LabelArray, VectorLike } from "./vector.js";
export type { ClassWeight } from "./class-weight.js";

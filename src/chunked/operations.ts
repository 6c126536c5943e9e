/** Element-wise operations of one operand, in the order of native/simd/tape_kernels.h. */
export const UNARY = [
  "negative",
  "abs",
  "square",
  "sqrt",
  "sign",
  "reciprocal",
  "floor",
  "ceil",
  "round",
  "exp",
  "expm1",
  "log",
  "log1p",
  "sigmoid",
  "isNaN",
  "isFinite",
  "not",
  "toFloat32",
] as const;

/** Element-wise operations of two operands, in the order of native/simd/tape_kernels.h. */
export const BINARY = [
  "add",
  "subtract",
  "multiply",
  "divide",
  "power",
  "minimum",
  "maximum",
  "equal",
  "notEqual",
  "less",
  "lessEqual",
  "greater",
  "greaterEqual",
  "and",
  "or",
  "xor",
  "fillNaN",
] as const;

export type UnaryName = (typeof UNARY)[number];
export type BinaryName = (typeof BINARY)[number];
export type OperationName = UnaryName | BinaryName | "where";

/** The operation that gives the same with its operands swapped, where there is one. */
export const SWAPPED: Readonly<Partial<Record<BinaryName, BinaryName>>> = {
  add: "add",
  multiply: "multiply",
  minimum: "minimum",
  maximum: "maximum",
  equal: "equal",
  notEqual: "notEqual",
  less: "greater",
  lessEqual: "greaterEqual",
  greater: "less",
  greaterEqual: "lessEqual",
  and: "and",
  or: "or",
  xor: "xor",
};

/** Operations whose result of float32 operands may be no float32: it is rounded to one. */
export const ROUNDED: ReadonlySet<OperationName> = new Set<OperationName>([
  "add",
  "subtract",
  "multiply",
  "divide",
  "power",
  "square",
  "sqrt",
  "reciprocal",
  "exp",
  "expm1",
  "log",
  "log1p",
  "sigmoid",
]);

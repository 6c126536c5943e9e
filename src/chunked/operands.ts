import { invalidArgument, show } from "../base/errors.js";
import { MatrixSource } from "../data/array-source.js";
import { Matrix } from "../data/matrix.js";
import type { FloatArray } from "../native/addon.js";
import type { ChunkedMatrix } from "./chunked-matrix.js";
import { columnsOf, isNode, operation, type Argument, type Node, type OperationNode } from "./node.js";
import type { OperationName } from "./operations.js";

/**
 * What a matrix of n rows and d columns can be combined with: a number; d numbers, one for each column; a Matrix or
 * ChunkedMatrix of n × d, of n × 1 (one number for each row), or of 1 × d (a Matrix only). A matrix of n × 1 goes with any d.
 */
export type Operand = number | readonly number[] | FloatArray | Matrix | ChunkedMatrix;

const nodes = new WeakMap<object, Node>();

/** Remembers how a ChunkedMatrix is computed: its constructor calls this. */
export function setNode(matrix: object, node: Node): void {
  nodes.set(matrix, node);
}

/** How a ChunkedMatrix is computed; undefined for anything else. */
export function nodeOf(value: unknown): Node | undefined {
  return typeof value === "object" && value !== null ? nodes.get(value) : undefined;
}

/** An element-wise operation on operands, the first of which is a matrix. */
export function combine(name: OperationName, operands: readonly Operand[], where: string): OperationNode {
  const given = operands.map((operand) => argumentOf(operand, where));
  const matrices = given.filter(isNode);
  if (matrices.length === 0) throw invalidArgument(`${where}: one operand at least must be a ChunkedMatrix`);
  const rows = Math.max(...matrices.map((matrix) => matrix.rows));
  const cols = columnsOf(given);
  given.forEach((arg) => checkFits(arg, rows, cols, where));
  return operation(name, given);
}

function argumentOf(operand: Operand, where: string): Argument {
  if (typeof operand === "number") return operand;
  const node = nodeOf(operand);
  if (node !== undefined) return node;
  if (operand instanceof Matrix)
    return operand.rows === 1 ? Float64Array.from(operand.data) : matrixNode(operand, where);
  if (Array.isArray(operand) || operand instanceof Float64Array || operand instanceof Float32Array) {
    if (Array.isArray(operand) && operand.some((x) => typeof x !== "number")) {
      throw invalidArgument(`${where}: expected numbers, one for each column; rows of numbers: use Matrix.from(rows)`);
    }
    return Float64Array.from(operand as readonly number[]);
  }
  throw invalidArgument(
    `${where}: expected a number, an array of one number for each column, a Matrix or a ChunkedMatrix, got ${show(operand)}`,
  );
}

/** A Matrix as a leaf of the graph. */
export function matrixNode(matrix: Matrix, where: string): Node {
  return {
    kind: "stream",
    source: new MatrixSource(matrix, where),
    label: `a Matrix of ${matrix.rows} × ${matrix.cols}`,
    rows: matrix.rows,
    cols: matrix.cols,
    dtype: matrix.data instanceof Float32Array ? "float32" : "float64",
  };
}

function checkFits(arg: Argument, rows: number, cols: number, where: string): void {
  if (typeof arg === "number") return;
  if (!isNode(arg)) {
    if (arg.length === cols || arg.length === 1) return;
    const hint = arg.length === rows ? "; for one number for each row use new Matrix(values, [n, 1])" : "";
    throw invalidArgument(`${where}: ${arg.length} numbers do not fit ${cols} columns${hint}`);
  }
  if (arg.rows === rows && (arg.cols === cols || arg.cols === 1)) return;
  throw invalidArgument(
    `${where}: shapes do not fit together: ${arg.rows} × ${arg.cols} and ${rows} × ${cols}. Matrices must have equal shapes, ` +
      "or one column",
  );
}

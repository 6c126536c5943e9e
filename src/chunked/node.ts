import { invalidArgument } from "../base/errors.js";
import type { RowSource } from "../data/row-source.js";
import type { FloatType } from "../native/addon.js";
import type { OperationName } from "./operations.js";
import type { ChunkStoreHolder } from "./store.js";

interface Shaped {
  readonly rows: number;
  readonly cols: number;
  readonly dtype: FloatType;
}

/** A table that is read again in every pass. */
export interface StreamNode extends Shaped {
  readonly kind: "stream";
  readonly source: RowSource;
  readonly label: string;
}

/** A matrix that is kept, in memory or in a spill file. */
export interface StoreNode extends Shaped {
  readonly kind: "store";
  readonly store: ChunkStoreHolder;
}

/** An operand of an operation: a matrix, a number, or a number for each column. */
export type Argument = Node | number | Float64Array;

/** An element-wise operation. Matrices of one column count for every column. */
export interface OperationNode extends Shaped {
  readonly kind: "operation";
  readonly operation: OperationName;
  readonly args: readonly Argument[];
}

/** Columns of every row combined into one, from left to right. */
export interface FoldNode extends Shaped {
  readonly kind: "fold";
  readonly fold: "add" | "minimum" | "maximum" | "and" | "or" | "argmin" | "argmax";
  readonly arg: Node;
}

/** Rows start … start + rows - 1 of a matrix. */
export interface SliceNode extends Shaped {
  readonly kind: "slice";
  readonly start: number;
  readonly arg: Node;
}

/** Some columns of a matrix, in any order. */
export interface SelectNode extends Shaped {
  readonly kind: "select";
  readonly columns: readonly number[];
  readonly arg: Node;
}

/** Matrices side by side ("hstack") or one below the other ("vstack"). */
export interface StackNode extends Shaped {
  readonly kind: "hstack" | "vstack";
  readonly args: readonly Node[];
}

/** How a chunked matrix is computed: a graph without circles, whose parts may be shared. */
export type Node = StreamNode | StoreNode | OperationNode | FoldNode | SliceNode | SelectNode | StackNode;

/** The dtype of a result of matrices: float32 if all of them are. */
export function promote(nodes: readonly Node[]): FloatType {
  return nodes.every((node) => node.dtype === "float32") ? "float32" : "float64";
}

/** An operation on matrices and numbers that fit together (operands.ts checks). */
export function operation(name: OperationName, args: readonly Argument[]): OperationNode {
  const matrices = args.filter(isNode);
  const first = matrices[0] as Node;
  const valued = name === "where" ? args.slice(1).filter(isNode) : matrices;
  return {
    kind: "operation",
    operation: name,
    args,
    rows: first.rows,
    cols: columnsOf(args),
    dtype: promote(valued.length > 0 ? valued : matrices),
  };
}

/** Columns of what is made of some operands: a matrix of one column goes with any number. */
export function columnsOf(args: readonly Argument[]): number {
  const widths = args.filter(isNode).map((arg) => arg.cols);
  const wide = widths.find((width) => width !== 1);
  return wide ?? Math.max(1, ...args.map((arg) => (arg instanceof Float64Array ? arg.length : 1)));
}

export function isNode(arg: Argument): arg is Node {
  return typeof arg === "object" && "kind" in arg;
}

export function fold(name: FoldNode["fold"], arg: Node): FoldNode {
  const keeps = name !== "add" && name !== "argmin" && name !== "argmax";
  return { kind: "fold", fold: name, arg, rows: arg.rows, cols: 1, dtype: keeps ? arg.dtype : "float64" };
}

/** What a node is computed from. */
export function inputsOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case "stream":
    case "store":
      return [];
    case "operation":
      return node.args.filter(isNode);
    case "hstack":
    case "vstack":
      return node.args;
    default:
      return [node.arg];
  }
}

/** Every node of a graph once, inputs first. */
export function nodesOf(outputs: readonly Node[]): Node[] {
  const seen = new Set<Node>();
  const visit = (node: Node): void => {
    if (seen.has(node)) return;
    inputsOf(node).forEach(visit);
    seen.add(node);
  };
  outputs.forEach(visit);
  return [...seen];
}

/** Refuses a matrix that lies in a store that was disposed of. */
export function checkAlive(outputs: readonly Node[], where: string): void {
  for (const node of nodesOf(outputs)) {
    if (node.kind === "store" && node.store.disposed) {
      throw invalidArgument(`${where}: the matrix, or one it is computed from, was disposed of`);
    }
  }
}

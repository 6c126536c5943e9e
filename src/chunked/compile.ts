import type { PassPiece } from "../native/addon.js";
import {
  isNode,
  nodesOf,
  type Argument,
  type FoldNode,
  type Node,
  type OperationNode,
  type StoreNode,
  type StreamNode,
} from "./node.js";
import { BINARY, ROUNDED, SWAPPED, UNARY, type BinaryName, type OperationName, type UnaryName } from "./operations.js";

/** Instruction codes (native/chunked/tape.h). */
const LOAD = 0;
const FILL = 1;
const EMIT = 2;
const SELECT = 3;
const FIRST_UNARY = 16;
const FIRST_BINARY = 64;

/** A pass over matrices of equal length, compiled. */
export interface CompiledPass {
  readonly rows: number;
  readonly sources: readonly (StreamNode | StoreNode)[];
  readonly pieces: readonly CompiledPiece[];
  readonly nOutputs: number;
  /** The first output of each matrix; its columns follow. */
  readonly firstOutput: readonly number[];
}

/** A piece with what explain() prints of it. */
export interface CompiledPiece extends PassPiece {
  readonly values: readonly Value[];
}

/** A column of intermediate results: an instruction whose register is yet to be given. */
export interface Value {
  readonly code: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  /** Output this value is, after it is computed; undefined: only used by others. */
  outputs?: number[];
}

/**
 * Compiles what computes all matrices in one pass over their rows, which are equally many. Rows are cut where a vstack joins
 * two matrices: each piece has a tape of its own, a program of registers over one column at a time. Slices, selections and
 * stacks leave no instruction behind: they say where a column is read. Equal columns are computed once.
 */
export function compilePass(matrices: readonly Node[]): CompiledPass {
  const rows = matrices[0]?.rows ?? 0;
  const sources = nodesOf(matrices).filter((node) => node.kind === "stream" || node.kind === "store");
  const firstOutput: number[] = [];
  let nOutputs = 0;
  for (const { cols } of matrices) {
    firstOutput.push(nOutputs);
    nOutputs += cols;
  }
  const ends = pieceEnds(matrices, rows);
  const pieces = ends.map((endRow, i) => {
    const tape = new TapeBuilder(i === 0 ? 0 : (ends[i - 1] as number), sources);
    const widest = Math.max(0, ...matrices.map((matrix) => matrix.cols));
    // Column by column over all matrices: what they share is still in a register.
    for (let column = 0; column < widest; column++) {
      matrices.forEach((matrix, m) => {
        if (column < matrix.cols) tape.output(matrix, column, (firstOutput[m] as number) + column);
      });
    }
    return tape.finish(endRow);
  });
  return { rows, sources, pieces, nOutputs, firstOutput };
}

/** Rows at which a piece ends: where two parts of a vstack meet, and the last row. */
function pieceEnds(matrices: readonly Node[], rows: number): number[] {
  const ends = new Set<number>([rows]);
  const seen = new Set<string>();
  const numbers = new Map<Node, number>();
  const visit = (node: Node, shift: number): void => {
    const number = numberOf(numbers, node);
    const key = `${number},${shift}`;
    if (seen.has(key)) return;
    seen.add(key);
    if (node.kind === "vstack") {
      let start = 0;
      for (const part of node.args) {
        if (start - shift > 0 && start - shift < rows) ends.add(start - shift);
        visit(part, shift - start);
        start += part.rows;
      }
    } else if (node.kind === "slice") {
      visit(node.arg, shift + node.start);
    } else if (node.kind === "operation") {
      node.args.filter(isNode).forEach((arg) => visit(arg, shift));
    } else if (node.kind === "hstack") {
      node.args.forEach((arg) => visit(arg, shift));
    } else if (node.kind === "fold" || node.kind === "select") {
      visit(node.arg, shift);
    }
  };
  matrices.forEach((matrix) => visit(matrix, 0));
  return [...ends].sort((a, b) => a - b);
}

function numberOf(numbers: Map<Node, number>, node: Node): number {
  const known = numbers.get(node);
  if (known !== undefined) return known;
  numbers.set(node, numbers.size);
  return numbers.size - 1;
}

/** Builds the tape of one piece. Values are numbered as they are made; equal ones are one. */
class TapeBuilder {
  readonly #beginRow: number;
  readonly #sources: readonly Node[];
  readonly #values: Value[] = [];
  readonly #known = new Map<string, number>();
  readonly #columns = new Map<string, number>();
  readonly #numbers = new Map<Node, number>();
  readonly #constants: number[] = [];
  readonly #constantAt = new Map<string, number>();
  readonly #reads: number[] = [];
  readonly #readAt = new Map<string, number>();

  constructor(beginRow: number, sources: readonly Node[]) {
    this.#beginRow = beginRow;
    this.#sources = sources;
  }

  output(matrix: Node, column: number, output: number): void {
    const value = this.#values[this.#column(matrix, 0, column)] as Value;
    (value.outputs ??= []).push(output);
  }

  finish(endRow: number): CompiledPiece {
    const { code, nRegisters } = assignRegisters(this.#values);
    return {
      endRow,
      code,
      constants: Float64Array.from(this.#constants),
      reads: Float64Array.from(this.#reads),
      nRegisters,
      values: this.#values,
    };
  }

  /** The value that is row i + shift of a column of a matrix, for every row i of the piece. */
  #column(node: Node, shift: number, column: number): number {
    const key = `${numberOf(this.#numbers, node)},${shift},${column}`;
    let value = this.#columns.get(key);
    if (value === undefined) {
      value = this.#compute(node, shift, column);
      this.#columns.set(key, value);
    }
    return value;
  }

  #compute(node: Node, shift: number, column: number): number {
    switch (node.kind) {
      case "stream":
      case "store":
        return this.#value(LOAD, this.#read(this.#sources.indexOf(node), shift), column);
      case "slice":
        return this.#column(node.arg, shift + node.start, column);
      case "select":
        return this.#column(node.arg, shift, node.columns[column] as number);
      case "hstack": {
        const { part, at } = partAt(node.args, column, (arg) => arg.cols);
        return this.#column(part, shift, at);
      }
      case "vstack": {
        const { part, start } = partAt(node.args, this.#beginRow + shift, (arg) => arg.rows);
        return this.#column(part, shift - start, column);
      }
      case "fold":
        return this.#fold(node, shift);
      case "operation":
        return this.#operation(node, shift, column);
    }
  }

  #operation(node: OperationNode, shift: number, column: number): number {
    const single = node.dtype === "float32";
    const operands = node.args.map((arg) => this.#operand(arg, shift, column, single));
    const value = this.#apply(node.operation, operands);
    return single && ROUNDED.has(node.operation) ? this.#apply("toFloat32", [value]) : value;
  }

  /** A value, or a number: in computations in float32 numbers are float32 too. */
  #operand(arg: Argument, shift: number, column: number, single: boolean): Operand {
    if (isNode(arg)) return this.#column(arg, shift, arg.cols === 1 ? 0 : column);
    const constant = typeof arg === "number" ? arg : (arg[arg.length === 1 ? 0 : column] as number);
    return { constant: single ? Math.fround(constant) : constant };
  }

  #apply(name: OperationName, operands: readonly Operand[]): number {
    const [a, b] = operands;
    if (name === "where") {
      const [c, x, y] = operands.map((operand) => this.#filled(operand));
      return this.#value(SELECT, c, x, y);
    }
    if (operands.length === 1) {
      return this.#value(FIRST_UNARY + UNARY.indexOf(name as UnaryName), this.#filled(a as Operand));
    }
    const code = FIRST_BINARY + BINARY.indexOf(name as BinaryName);
    const swapped = SWAPPED[name as BinaryName];
    if (typeof a === "object" && typeof b === "number" && swapped !== undefined) return this.#apply(swapped, [b, a]);
    const right = typeof b === "object" ? -1 - this.#constant(b.constant) : (b as number);
    return this.#value(code, this.#filled(a as Operand), right);
  }

  #fold({ fold, arg }: FoldNode, shift: number): number {
    const columns = Array.from({ length: arg.cols }, (_, j) => this.#column(arg, shift, j));
    if (columns.length === 0) return this.#filled({ constant: fold === "and" ? 1 : 0 });
    if (fold === "argmin" || fold === "argmax") return this.#argument(columns, fold === "argmin" ? "less" : "greater");
    // "and" and "or" of one column make it 0 or 1.
    const first = columns[0] as number;
    const start = fold === "and" || fold === "or" ? this.#apply("notEqual", [first, { constant: 0 }]) : first;
    return columns.slice(1).reduce((sum, column) => this.#apply(fold, [sum, column]), start);
  }

  /** The number of the first column that is the least (greatest), or NaN, as numpy.argmin. */
  #argument(columns: readonly number[], isBetter: "less" | "greater"): number {
    let best = columns[0] as number;
    let index = this.#filled({ constant: 0 });
    columns.slice(1).forEach((column, k) => {
      const better = this.#apply(isBetter, [column, best]);
      const firstNaN = this.#apply("greater", [this.#apply("isNaN", [column]), this.#apply("isNaN", [best])]);
      const take = this.#apply("or", [better, firstNaN]);
      index = this.#apply("where", [take, { constant: k + 1 }, index]);
      best = this.#apply("where", [take, column, best]);
    });
    return index;
  }

  #filled(operand: Operand): number {
    return typeof operand === "number" ? operand : this.#value(FILL, this.#constant(operand.constant));
  }

  #value(code: number, a = 0, b = 0, c = 0): number {
    const key = `${code},${a},${b},${c}`;
    let value = this.#known.get(key);
    if (value === undefined) {
      value = this.#values.length;
      this.#values.push({ code, a, b, c });
      this.#known.set(key, value);
    }
    return value;
  }

  #constant(constant: number): number {
    return place(
      this.#constantAt,
      Object.is(constant, -0) ? "-0" : String(constant),
      () => this.#constants.push(constant) - 1,
    );
  }

  #read(source: number, shift: number): number {
    return place(this.#readAt, `${source},${shift}`, () => this.#reads.push(source, shift) / 2 - 1);
  }
}

/** A value by its number, or a constant. */
type Operand = number | { readonly constant: number };

function place(places: Map<string, number>, key: string, add: () => number): number {
  let at = places.get(key);
  if (at === undefined) places.set(key, (at = add()));
  return at;
}

function partAt(
  parts: readonly Node[],
  index: number,
  size: (part: Node) => number,
): { part: Node; start: number; at: number } {
  let start = 0;
  for (const part of parts) {
    if (index < start + size(part)) return { part, start, at: index - start };
    start += size(part);
  }
  return { part: parts.at(-1) as Node, start, at: 0 };
}

/** Values that a value is computed from. */
export function operandsOf({ code, a, b, c }: Value): number[] {
  if (code === LOAD || code === FILL) return [];
  if (code === SELECT) return [a, b, c];
  return code >= FIRST_BINARY && b >= 0 ? [a, b] : [a];
}

/** Gives values registers, each free again after its last use; a result may take an operand's register. */
function assignRegisters(values: readonly Value[]): { code: Int32Array; nRegisters: number } {
  const lastUse = values.map((_, i) => i);
  values.forEach((value, i) => operandsOf(value).forEach((operand) => (lastUse[operand] = i)));
  const register = new Int32Array(values.length);
  const free: number[] = [];
  const code: number[] = [];
  let nRegisters = 0;
  const release = (value: number, at: number): void => {
    if (lastUse[value] === at) free.push(register[value] as number);
  };
  values.forEach((value, i) => {
    const operands = operandsOf(value);
    const at = operands.map((operand) => register[operand] as number);
    new Set(operands).forEach((operand) => release(operand, i));
    const out = free.pop() ?? nRegisters++;
    register[i] = out;
    code.push(value.code, out, at[0] ?? value.a, at[1] ?? value.b, at[2] ?? value.c);
    value.outputs?.forEach((output) => code.push(EMIT, 0, out, output, 0));
    release(i, i);
  });
  return { code: Int32Array.from(code), nRegisters };
}

/** The name of an instruction: for explain(). */
export function nameOf(code: number): string {
  if (code === LOAD) return "load";
  if (code === FILL) return "fill";
  if (code === SELECT) return "where";
  return (code < FIRST_BINARY ? UNARY[code - FIRST_UNARY] : BINARY[code - FIRST_BINARY]) ?? "?";
}

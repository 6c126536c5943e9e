import { invalidArgument, show } from "../base/errors.js";
import type { FloatType } from "../native/addon.js";
import type { ChunkedMatrix } from "./chunked-matrix.js";
import { checkDtype } from "./from.js";
import { isNode, operation, type Node } from "./node.js";
import { combine, nodeOf, type Operand } from "./operands.js";
import type { OperationName } from "./operations.js";

/**
 * The element-wise operations of a ChunkedMatrix. Each gives a new matrix at once and computes nothing: a whole expression
 * is later computed in one pass, slot by slot of 1,024 rows while they lie in the processor's cache.
 *
 * An operand is a number; an array of one number for each column; a Matrix or ChunkedMatrix of the same shape or of one
 * column, one number for each row (and a matrix of one column goes with operands of any width). Arithmetic is in float64;
 * between float32 matrices every result is rounded to float32, so that it is what float32 arithmetic gives; numbers and
 * arrays take the matrix's dtype, a float64 matrix makes the result float64. Comparisons and logic give 0 and 1; what is
 * not 0 is true, NaN too.
 */
export abstract class Elementwise {
  /** A matrix computed by `node`, with this one's chunk size, and its names if it has as many columns. @internal */
  abstract derive(node: Node): ChunkedMatrix;

  /** Sum with an operand. */
  add(other: Operand): ChunkedMatrix {
    return this.#with("add", other);
  }

  /** Difference: this - other. */
  subtract(other: Operand): ChunkedMatrix {
    return this.#with("subtract", other);
  }

  /** Product, element by element. */
  multiply(other: Operand): ChunkedMatrix {
    return this.#with("multiply", other);
  }

  /** Quotient: this / other. */
  divide(other: Operand): ChunkedMatrix {
    return this.#with("divide", other);
  }

  /** Power: this ** exponent, within one unit in the last place; exact where the result is a float64. */
  power(exponent: Operand): ChunkedMatrix {
    if (exponent === 2) return this.square();
    return exponent === 0.5 ? this.#with("power", 0.5) : this.#with("power", exponent);
  }

  /** The smaller of each two; NaN if either is. */
  minimum(other: Operand): ChunkedMatrix {
    return this.#with("minimum", other);
  }

  /** The greater of each two; NaN if either is. */
  maximum(other: Operand): ChunkedMatrix {
    return this.#with("maximum", other);
  }

  /** 1 where equal, else 0. NaN equals nothing. */
  equal(other: Operand): ChunkedMatrix {
    return this.#with("equal", other);
  }

  /** 1 where different, else 0. */
  notEqual(other: Operand): ChunkedMatrix {
    return this.#with("notEqual", other);
  }

  /** 1 where this < other, else 0. */
  less(other: Operand): ChunkedMatrix {
    return this.#with("less", other);
  }

  /** 1 where this <= other, else 0. */
  lessEqual(other: Operand): ChunkedMatrix {
    return this.#with("lessEqual", other);
  }

  /** 1 where this > other, else 0. */
  greater(other: Operand): ChunkedMatrix {
    return this.#with("greater", other);
  }

  /** 1 where this >= other, else 0. */
  greaterEqual(other: Operand): ChunkedMatrix {
    return this.#with("greaterEqual", other);
  }

  /** 1 where both are not 0, else 0. */
  and(other: Operand): ChunkedMatrix {
    return this.#with("and", other);
  }

  /** 1 where one or both are not 0, else 0. */
  or(other: Operand): ChunkedMatrix {
    return this.#with("or", other);
  }

  /** 1 where exactly one is not 0, else 0. */
  xor(other: Operand): ChunkedMatrix {
    return this.#with("xor", other);
  }

  /** 1 where this is 0, else 0. */
  not(): ChunkedMatrix {
    return this.#apply("not");
  }

  negative(): ChunkedMatrix {
    return this.#apply("negative");
  }

  abs(): ChunkedMatrix {
    return this.#apply("abs");
  }

  square(): ChunkedMatrix {
    return this.#apply("square");
  }

  /** NaN for negative numbers. */
  sqrt(): ChunkedMatrix {
    return this.#apply("sqrt");
  }

  /** -1, 0 or 1; NaN stays. */
  sign(): ChunkedMatrix {
    return this.#apply("sign");
  }

  /** 1 / this. */
  reciprocal(): ChunkedMatrix {
    return this.#apply("reciprocal");
  }

  floor(): ChunkedMatrix {
    return this.#apply("floor");
  }

  ceil(): ChunkedMatrix {
    return this.#apply("ceil");
  }

  /** To the nearest integer, halves to the even one, as numpy.round. */
  round(): ChunkedMatrix {
    return this.#apply("round");
  }

  /** e to the power of this. */
  exp(): ChunkedMatrix {
    return this.#apply("exp");
  }

  /** exp(this) - 1, exact near 0. */
  expm1(): ChunkedMatrix {
    return this.#apply("expm1");
  }

  /** Natural logarithm; -Infinity for 0, NaN below. */
  log(): ChunkedMatrix {
    return this.#apply("log");
  }

  /** log(1 + this), exact near 0. */
  log1p(): ChunkedMatrix {
    return this.#apply("log1p");
  }

  /** 1 / (1 + exp(-this)). */
  sigmoid(): ChunkedMatrix {
    return this.#apply("sigmoid");
  }

  /** 1 where NaN, else 0. */
  isNaN(): ChunkedMatrix {
    return this.#apply("isNaN");
  }

  /** 1 where neither NaN nor infinite, else 0. */
  isFinite(): ChunkedMatrix {
    return this.#apply("isFinite");
  }

  /** NaN replaced: by a number, by one for each column, or by another matrix's values. */
  fillNaN(value: Operand): ChunkedMatrix {
    return this.#with("fillNaN", value);
  }

  /** Values below `low` become it, those above `high` become that; null: no bound on that side. NaN stays. */
  clip(low: Operand | null, high: Operand | null = null): ChunkedMatrix {
    if (low === null && high === null) throw invalidArgument("ChunkedMatrix.clip: give a lower or an upper bound");
    const raised = low === null ? this.derive(this.#node()) : this.maximum(low);
    return high === null ? raised : raised.minimum(high);
  }

  /** The same numbers as another dtype; to float32 they are rounded. */
  astype(dtype: FloatType): ChunkedMatrix {
    checkDtype(dtype ?? null, "ChunkedMatrix.astype");
    const node = this.#node();
    if (node.dtype === dtype) return this.derive(node);
    const columns = Array.from({ length: node.cols }, (_, j) => j);
    return this.derive(
      dtype === "float32"
        ? { ...operation("toFloat32", [node]), dtype }
        : { kind: "select", columns, arg: node, rows: node.rows, cols: node.cols, dtype },
    );
  }

  #node(): Node {
    return nodeOf(this) as Node;
  }

  #apply(name: OperationName): ChunkedMatrix {
    return this.derive(operation(name, [this.#node()]));
  }

  #with(name: OperationName, other: Operand): ChunkedMatrix {
    return this.derive(combine(name, [this as unknown as ChunkedMatrix, other], `ChunkedMatrix.${name}`));
  }
}

/**
 * Takes from `a` where the condition is not 0, else from `b`: numpy.where. The operands' shapes fit together as in
 * arithmetic; one at least is a ChunkedMatrix.
 *
 * @example const positive = where(X.greater(0), X, 0);
 */
export function where(condition: Operand, a: Operand, b: Operand): ChunkedMatrix {
  const node = combine("where", [condition, a, b], "where");
  const matrix = [condition, a, b].find((operand) => nodeOf(operand) !== undefined);
  if (matrix === undefined || !node.args.some(isNode)) {
    throw invalidArgument(`where: one operand at least must be a ChunkedMatrix, got ${show(condition)}`);
  }
  return (matrix as ChunkedMatrix).derive(node);
}

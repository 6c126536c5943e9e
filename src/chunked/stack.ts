import { invalidArgument, show } from "../base/errors.js";
import { Matrix } from "../data/matrix.js";
import type { ChunkedMatrix } from "./chunked-matrix.js";
import { promote, type Node } from "./node.js";
import { matrixNode, nodeOf } from "./operands.js";

/**
 * Matrices of equally many rows side by side: numpy.hstack. One at least is a ChunkedMatrix.
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT when their numbers of rows differ.
 */
export function hstack(matrices: readonly (ChunkedMatrix | Matrix)[]): ChunkedMatrix {
  return stack("hstack", matrices, "rows");
}

/**
 * Matrices of equally many columns one below the other: numpy.vstack. One at least is a ChunkedMatrix.
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT when their numbers of columns differ.
 */
export function vstack(matrices: readonly (ChunkedMatrix | Matrix)[]): ChunkedMatrix {
  return stack("vstack", matrices, "cols");
}

function stack(
  kind: "hstack" | "vstack",
  matrices: readonly (ChunkedMatrix | Matrix)[],
  common: "rows" | "cols",
): ChunkedMatrix {
  if (!Array.isArray(matrices)) throw invalidArgument(`${kind}: expected an array of matrices, got ${show(matrices)}`);
  const first = matrices.find((matrix) => nodeOf(matrix) !== undefined) as ChunkedMatrix | undefined;
  if (first === undefined) throw invalidArgument(`${kind}: one of the matrices at least must be a ChunkedMatrix`);
  const args = matrices.map((matrix: ChunkedMatrix | Matrix): Node => {
    const node = nodeOf(matrix) ?? (matrix instanceof Matrix ? matrixNode(matrix, kind) : undefined);
    if (node === undefined) throw invalidArgument(`${kind}: expected matrices, got ${show(matrix)}`);
    return node;
  });
  const size = args[0]?.[common] as number;
  const other = args.find((arg) => arg[common] !== size);
  if (other !== undefined) {
    throw invalidArgument(
      `${kind}: all matrices must have ${size} ${common === "rows" ? "rows" : "columns"}, one has ${other[common]}`,
    );
  }
  const sum = (of: "rows" | "cols"): number => args.reduce((total, arg) => total + arg[of], 0);
  const shape = kind === "hstack" ? { rows: size, cols: sum("cols") } : { rows: sum("rows"), cols: size };
  return first.derive({ kind, args, ...shape, dtype: promote(args) });
}

import { compilePass, nameOf, type CompiledPass, type CompiledPiece } from "./compile.js";
import { isNode, nodesOf, type Argument, type Node, type StoreNode, type StreamNode } from "./node.js";

/** Lines of a tape that are shown. */
const MOST_LINES = 40;

/**
 * The plan of a pass over some matrices in words: what is read, the expression as it was written, and the tapes it is
 * compiled to.
 */
export function explainPass(outputs: readonly Node[], title: string): string {
  const compiled = compilePass(outputs);
  const { rows, sources, pieces } = compiled;
  return [
    title,
    `one pass over ${rows} rows, by slots of 1,024 rows, ${sources.length} source${sources.length === 1 ? "" : "s"}`,
    "",
    "sources",
    ...sources.map((source, i) => `  s${i} = ${sourceLine(source)}`),
    "",
    "expression",
    ...expressionLines(outputs, sources),
    ...pieces.flatMap((piece, i) => ["", ...tapeLines(piece, pieces[i - 1]?.endRow ?? 0, compiled)]),
  ].join("\n");
}

function sourceLine(source: StreamNode | StoreNode): string {
  const shape = `${source.rows} × ${source.cols} ${source.dtype}`;
  if (source.kind === "stream") return `${source.label}, ${shape}, read again in every pass`;
  const { memoryBytes, spilledBytes } = source.store.info;
  return `kept matrix, ${shape}, ${megabytes(memoryBytes)} in memory and ${megabytes(spilledBytes)} in a spill file`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** One line a node, inputs first. */
function expressionLines(outputs: readonly Node[], sources: readonly Node[]): string[] {
  const names = new Map<Node, string>(sources.map((source, i) => [source, `s${i}`]));
  const lines: string[] = [];
  for (const node of nodesOf(outputs)) {
    const isResult = outputs.includes(node) ? "   → result" : "";
    if (names.has(node)) {
      if (isResult !== "") lines.push(`  ${names.get(node)}${isResult}`);
      continue;
    }
    const name = `m${names.size - sources.length}`;
    names.set(node, name);
    lines.push(`  ${name} = ${formula(node, names)}${isResult}`);
  }
  return lines;
}

function formula(node: Node, names: ReadonlyMap<Node, string>): string {
  const shape = `${node.rows} × ${node.cols} ${node.dtype}`;
  switch (node.kind) {
    case "operation":
      return `${node.operation}(${node.args.map((arg) => argumentName(arg, names)).join(", ")}), ${shape}`;
    case "slice":
      return `${names.get(node.arg)} rows ${node.start} … ${node.start + node.rows - 1}`;
    case "select":
      return `${names.get(node.arg)} columns ${shortList(node.columns)}, ${node.dtype}`;
    case "fold":
      return `${node.fold} over the columns of ${names.get(node.arg)}, ${shape}`;
    case "hstack":
    case "vstack":
      return `${node.kind}(${node.args.map((arg) => names.get(arg)).join(", ")}), ${shape}`;
    default:
      return names.get(node) ?? "";
  }
}

function argumentName(arg: Argument, names: ReadonlyMap<Node, string>): string {
  if (isNode(arg)) return names.get(arg) ?? "";
  return typeof arg === "number" ? String(arg) : `${arg.length} numbers`;
}

function shortList(columns: readonly number[]): string {
  const shown = columns.slice(0, 8).join(", ");
  return columns.length > 8 ? `${shown}, … (${columns.length})` : shown;
}

const INSTRUCTION = 5;
const EMIT = 2;

function tapeLines(
  { code, nRegisters, endRow, constants, reads }: CompiledPiece,
  begin: number,
  pass: CompiledPass,
): string[] {
  const n = code.length / INSTRUCTION;
  const head =
    `tape of rows ${begin} … ${endRow - 1}: ${n} instructions for ${pass.nOutputs} column${pass.nOutputs === 1 ? "" : "s"}, ` +
    `${nRegisters} registers of 8 KB`;
  const lines = Array.from({ length: Math.min(n, MOST_LINES) }, (_, i) => {
    const [op, out, a, b, c] = code.subarray(i * INSTRUCTION, (i + 1) * INSTRUCTION) as unknown as [
      number,
      number,
      number,
      number,
      number,
    ];
    if (op === EMIT) return `  → column ${b} of the result from r${a}`;
    return `  r${out} = ${instruction(op, a, b, c, constants, reads)}`;
  });
  return [head, ...lines, ...(n > MOST_LINES ? [`  … and ${n - MOST_LINES} more of the same kind`] : [])];
}

function instruction(
  op: number,
  a: number,
  b: number,
  c: number,
  constants: Float64Array,
  reads: Float64Array,
): string {
  const name = nameOf(op);
  if (name === "load") {
    const shift = reads[2 * a + 1] as number;
    return `load s${reads[2 * a]} column ${b}${shift === 0 ? "" : `, ${shift} rows on`}`;
  }
  if (name === "fill") return `fill ${constants[a]}`;
  if (name === "where") return `where r${a}, r${b}, r${c}`;
  if (op < 64) return `${name} r${a}`;
  return `${name} r${a}, ${b < 0 ? constants[-1 - b] : `r${b}`}`;
}

import { escapeHtml } from "../base/rich.js";
import { isNode, inputsOf, nodesOf, type Node } from "./node.js";

/** A box of a picture: a node, and where it is drawn. */
interface Box {
  readonly node: Node;
  readonly layer: number;
  x: number;
  y: number;
  readonly width: number;
}

const BOX_HEIGHT = 44;
const GAP_X = 24;
const GAP_Y = 44;
const MARGIN = 16;

/**
 * The graph of an expression as an SVG picture: sources at the top, results at the bottom, a box a step with what it does
 * and its shape. Steps of one picture are computed in one pass.
 */
export function drawGraph(outputs: readonly Node[]): string {
  const boxes = layOut(outputs);
  const width = Math.max(...boxes.map((box) => box.x + box.width)) + MARGIN + GAP_X / 2; // arrows go around boxes
  const height = Math.max(...boxes.map((box) => box.y)) + BOX_HEIGHT + MARGIN;
  const byNode = new Map(boxes.map((box) => [box.node, box]));
  const edges = boxes.flatMap((box) =>
    [...new Set(inputsOf(box.node))].map((input) => edge(byNode.get(input) as Box, box, boxes)),
  );
  const drawn = boxes.map((box) => drawBox(box, outputs.includes(box.node)));
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
    `font-family="ui-sans-serif, system-ui, Helvetica, Arial, sans-serif" text-anchor="middle">` +
    `<rect width="100%" height="100%" fill="#ffffff"/>${edges.join("")}${drawn.join("")}</svg>`
  );
}

/** Boxes in layers: a node is below all of its inputs, and near the middle of them. */
function layOut(outputs: readonly Node[]): Box[] {
  const layerOf = new Map<Node, number>();
  const layers: Box[][] = [];
  for (const node of nodesOf(outputs)) {
    const layer = Math.max(-1, ...inputsOf(node).map((input) => layerOf.get(input) as number)) + 1;
    layerOf.set(node, layer);
    (layers[layer] ??= []).push({ node, layer, x: 0, y: 0, width: boxWidth(node) });
  }
  const widest = Math.max(...layers.map(layerWidth));
  const centres = new Map<Node, number>();
  for (const layer of layers) {
    const wish = (box: Box): number => {
      const inputs = inputsOf(box.node);
      return inputs.reduce((sum, input) => sum + (centres.get(input) as number), 0) / Math.max(1, inputs.length);
    };
    layer.sort((a, b) => wish(a) - wish(b));
    place(layer, layer.map(wish), widest);
    for (const box of layer) centres.set(box.node, box.x + box.width / 2);
  }
  return layers.flat();
}

/** Places the boxes of a layer from left to right, each as near its wish as the others allow; sources in the middle. */
function place(layer: Box[], wishes: readonly number[], widest: number): void {
  const isTop = layer[0]?.layer === 0;
  let x = isTop ? MARGIN + (widest - layerWidth(layer)) / 2 : MARGIN;
  let behind = layerWidth(layer);
  layer.forEach((box, i) => {
    const latest = MARGIN + widest - behind;
    box.x = isTop ? x : Math.max(x, Math.min(latest, (wishes[i] as number) - box.width / 2));
    box.y = MARGIN + box.layer * (BOX_HEIGHT + GAP_Y);
    x = box.x + box.width + GAP_X;
    behind -= box.width + GAP_X;
  });
}

function layerWidth(layer: readonly Box[]): number {
  return layer.reduce((sum, box) => sum + box.width, 0) + GAP_X * (layer.length - 1);
}

function boxWidth(node: Node): number {
  return Math.max(110, 7.4 * Math.max(titleOf(node).length, shapeOf(node).length) + 24);
}

function titleOf(node: Node): string {
  switch (node.kind) {
    case "stream":
      return node.label;
    case "store":
      return node.store.info.spilledBytes > 0 ? "kept, partly on disk" : "kept in memory";
    case "operation": {
      const numbers = node.args.filter((arg) => !isNode(arg));
      const shown = numbers.map((arg) => (typeof arg === "number" ? String(arg) : "row")).join(", ");
      return shown === "" ? node.operation : `${node.operation} (${shown})`;
    }
    case "slice":
      return `rows ${node.start} … ${node.start + node.rows - 1}`;
    case "select":
      return `${node.columns.length} column${node.columns.length === 1 ? "" : "s"}`;
    case "fold":
      return `${node.fold} along rows`;
    default:
      return node.kind;
  }
}

function shapeOf({ rows, cols, dtype }: Node): string {
  return `${rows} × ${cols} ${dtype}`;
}

function drawBox({ node, x, y, width }: Box, isResult: boolean): string {
  const isSource = node.kind === "stream" || node.kind === "store";
  const fill = isSource ? "#e8f1fb" : isResult ? "#e9f7ec" : "#f6f6f4";
  const line = isSource ? "#3b78b8" : isResult ? "#3c8f53" : "#9a9a94";
  const middle = x + width / 2;
  return (
    `<rect x="${round(x)}" y="${y}" width="${round(width)}" height="${BOX_HEIGHT}" rx="6" fill="${fill}" stroke="${line}"/>` +
    `<text x="${round(middle)}" y="${y + 19}" font-size="13" fill="#1c1c1a">${escapeHtml(titleOf(node))}</text>` +
    `<text x="${round(middle)}" y="${y + 35}" font-size="11" fill="#6b6b66">${shapeOf(node)}</text>`
  );
}

/** An arrow from a box to one below; where a box lies in between, it goes around that on its right. */
function edge(from: Box, to: Box, boxes: readonly Box[]): string {
  const [x1, y1] = [from.x + from.width / 2, from.y + BOX_HEIGHT];
  const [x2, y2] = [to.x + to.width / 2, to.y - 5];
  const bend = Math.min(GAP_Y, (y2 - y1) / 2);
  const inTheWay = boxes.filter((box) => {
    if (box.layer <= from.layer || box.layer >= to.layer) return false;
    const x = x1 + ((x2 - x1) * (box.layer - from.layer)) / (to.layer - from.layer);
    return x > box.x - 4 && x < box.x + box.width + 4;
  });
  const curve = (xa: number, ya: number, xb: number, yb: number): string =>
    `C${round(xa)} ${round(ya + bend)} ${round(xb)} ${round(yb - bend)} ${round(xb)} ${round(yb)}`;
  const side = Math.max(...inTheWay.map((box) => box.x + box.width)) + GAP_X / 2;
  const line =
    inTheWay.length === 0
      ? curve(x1, y1, x2, y2)
      : `${curve(x1, y1, side, y1 + GAP_Y)}L${round(side)} ${round(y2 - GAP_Y)}${curve(side, y2 - GAP_Y, x2, y2)}`;
  return (
    `<path d="M${round(x1)} ${y1}${line}" fill="none" stroke="#9a9a94"/>` +
    `<path d="M${round(x2 - 4)} ${y2 - 2}L${round(x2)} ${y2 + 5}L${round(x2 + 4)} ${y2 - 2}Z" fill="#9a9a94"/>`
  );
}

function round(x: number): number {
  return Math.round(x * 10) / 10;
}

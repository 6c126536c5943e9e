import { invalidArgument, show } from "../base/errors.js";
import { escapeHtml } from "../base/rich.js";
import type { TreeNode } from "./tree-node.js";

/** A tree as the estimators describe it: the root first. */
export type DrawnTree = readonly TreeNode[];

/** Options of treeToSvg. */
export interface TreeSvgOptions {
  /** Names of the features; default: those of fit, else "feature 3". */
  readonly featureNames?: readonly string[] | undefined;
  /** A line above the tree. */
  readonly title?: string | undefined;
  /** Deepest nodes to draw; what lies below is drawn as "…". Default: all. */
  readonly maxDepth?: number | undefined;
  /** Significant digits of numbers. Default 3. */
  readonly precision?: number | undefined;
  /** What a leaf's value stands for, written before it: the name of a class, say. Default "value". */
  readonly valueName?: string | undefined;
}

const LINE = 15;
const GAP = 14;
const LEVEL = 46;
const PAD = 9;
const MARGIN = 16;
const CHAR = 6.7; // a good guess of the mean width of a character of 12 px
const BOLD = 7.4;

interface Box {
  readonly node: TreeNode;
  readonly lines: readonly string[];
  readonly width: number;
  readonly children: readonly Box[];
  readonly isCut: boolean;
  /** Centre. */
  x: number;
}

/**
 * A tree as an SVG picture: splits with their question, gain and training rows; leaves with their value, blue below zero
 * and orange above. Lines are as wide as the share of rows that goes along them. A text to write to a file or into a page.
 *
 * @example await writeFile("tree.svg", treeToSvg(model.treeNodes(0), { title: "The first tree" }));
 * @throws TreelineError ERR_INVALID_ARGUMENT for something that is no tree.
 */
export function treeToSvg(tree: DrawnTree, options: TreeSvgOptions = {}): string {
  const root = Array.isArray(tree) ? (tree as DrawnTree)[0] : undefined;
  if (root === undefined) throw invalidArgument(`treeToSvg: expected the nodes of a tree, got ${show(tree)}`);
  const { maxDepth = Infinity, title } = options;
  const box = boxOf(tree, root, maxDepth, options);
  const width = Math.max(place(box, MARGIN) + MARGIN, 2 * MARGIN + (title?.length ?? 0) * CHAR * 1.2);
  const depth = deepest(box);
  const boxHeight = 2 * PAD + 3 * LINE;
  const top = MARGIN + (title === undefined ? 0 : 26);
  const height = top + (depth + 1) * boxHeight + depth * LEVEL + MARGIN;
  const y = (level: number): number => top + level * (boxHeight + LEVEL);
  const scale = tree.reduce(
    (most, node) => Math.max(most, node.left === undefined ? Math.abs(shade(node)) : 0),
    1e-300,
  );
  const parts: string[] = [];
  drawEdges(box, y, boxHeight, Math.max(root.count, 1), parts);
  drawBoxes(box, y, scale, parts);
  const heading =
    title === undefined
      ? ""
      : `<text x="${MARGIN}" y="${MARGIN + 12}" font-size="15" font-weight="600">${escapeHtml(title)}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.ceil(width)}" height="${Math.ceil(height)}" ` +
      `viewBox="0 0 ${Math.ceil(width)} ${Math.ceil(height)}" font-family="Helvetica, Arial, sans-serif" font-size="12" fill="#1d2733">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    heading,
    ...parts,
    "</svg>",
  ]
    .filter((part) => part !== "")
    .join("\n");
}

function boxOf(tree: DrawnTree, node: TreeNode, levels: number, options: TreeSvgOptions): Box {
  const isLeaf = node.left === undefined || node.right === undefined;
  const isCut = !isLeaf && levels <= 0;
  const lines = isCut ? cutLines(node) : isLeaf ? leafLines(node, options) : splitLines(node, options);
  const children =
    isLeaf || isCut
      ? []
      : [node.left, node.right].map((child) => boxOf(tree, tree[child as number] as TreeNode, levels - 1, options));
  const width = Math.max(...lines.map((line, i) => line.length * (i === 0 ? BOLD : CHAR))) + 2 * PAD;
  return { node, lines, width, children, isCut, x: 0 };
}

function splitLines(node: TreeNode, options: TreeSvgOptions): string[] {
  const { feature, threshold, categories, missingLeft, gain, count } = node;
  const name = options.featureNames?.[feature as number] ?? node.featureName ?? `feature ${feature}`;
  const codes = (categories ?? []).slice(0, 5).join(", ") + ((categories?.length ?? 0) > 5 ? ", …" : "");
  const question = categories ? `${name} in {${codes}}` : `${name} ≤ ${number(threshold as number, options)}`;
  return [
    question,
    `gain ${number(gain, options)} · missing → ${missingLeft ? "yes" : "no"}`,
    `${count.toLocaleString("en")} rows`,
  ];
}

function leafLines({ value, values, linear, count, leaf }: TreeNode, options: TreeSvgOptions): string[] {
  const signed = (x: number): string => (x > 0 ? "+" : "") + number(x, options);
  const many = (all: readonly number[]): string =>
    all.slice(0, 5).map(signed).join(", ") + (all.length > 5 ? ", …" : "");
  const text = linear
    ? [number(linear.intercept, options)]
        .concat(linear.slopes.slice(0, 4).map(({ feature, slope }) => `${signed(slope)} × ${nameOf(feature, options)}`))
        .join(" ") + (linear.slopes.length > 4 ? " …" : "")
    : values
      ? many(values)
      : signed(value);
  return [`${options.valueName ?? "value"} ${text}`, `${count.toLocaleString("en")} rows`, `leaf ${leaf}`];
}

function nameOf(feature: number, { featureNames }: TreeSvgOptions): string {
  return featureNames?.[feature] ?? `feature ${feature}`;
}

/** What colours a leaf: its value; of several outputs the one of greatest size. */
function shade({ value, values }: TreeNode): number {
  return values?.reduce((most, x) => (Math.abs(x) > Math.abs(most) ? x : most), 0) ?? value;
}

function cutLines({ count }: TreeNode): string[] {
  return ["…", `${count.toLocaleString("en")} rows`, ""];
}

function number(value: number, { precision = 3 }: TreeSvgOptions): string {
  if (value === Infinity) return "∞";
  return String(Number(value.toPrecision(precision))).replace("-", "−");
}

/** Places a subtree from `left` on; returns where it ends. Parents stand in the middle of their children. */
function place(box: Box, left: number): number {
  if (box.children.length === 0) {
    box.x = left + box.width / 2;
    return left + box.width;
  }
  let at = left;
  box.children.forEach((child, i) => (at = place(child, i === 0 ? at : at + GAP)));
  const [first, second] = box.children as [Box, Box];
  box.x = (first.x + second.x) / 2;
  const overhang = left - (box.x - box.width / 2);
  if (overhang > 0) shift(box, overhang);
  return Math.max(at + Math.max(overhang, 0), box.x + box.width / 2);
}

function shift(box: Box, by: number): void {
  box.x += by;
  for (const child of box.children) shift(child, by);
}

function deepest(box: Box): number {
  return box.children.length === 0 ? 0 : 1 + Math.max(...box.children.map(deepest));
}

function drawEdges(
  box: Box,
  y: (level: number) => number,
  boxHeight: number,
  allRows: number,
  parts: string[],
  level = 0,
): void {
  box.children.forEach((child, i) => {
    const [from, to] = [y(level) + boxHeight, y(level + 1)];
    const middle = (from + to) / 2;
    const width = 1 + 9 * Math.sqrt(child.node.count / allRows);
    parts.push(
      `<path d="M${px(box.x)} ${px(from)}C${px(box.x)} ${px(middle)} ${px(child.x)} ${px(middle)} ${px(child.x)} ${px(to)}" ` +
        `fill="none" stroke="#c3ccd6" stroke-width="${px(width)}"/>`,
      `<text x="${px((box.x + 3 * child.x) / 4)}" y="${px(to - 14)}" text-anchor="${i === 0 ? "end" : "start"}" ` +
        `dx="${i === 0 ? -8 : 8}" font-size="11" fill="#5b6875" ` +
        `paint-order="stroke" stroke="#ffffff" stroke-width="4">${i === 0 ? "yes" : "no"}</text>`,
    );
    drawEdges(child, y, boxHeight, allRows, parts, level + 1);
  });
}

function drawBoxes(box: Box, y: (level: number) => number, scale: number, parts: string[], level = 0): void {
  const isLeaf = box.children.length === 0 && !box.isCut;
  const height = 2 * PAD + box.lines.filter((line) => line !== "").length * LINE;
  const fill = isLeaf ? leafColour(shade(box.node) / scale) : "#f4f6f9";
  const [left, top] = [box.x - box.width / 2, y(level)];
  parts.push(
    `<rect x="${px(left)}" y="${px(top)}" width="${px(box.width)}" height="${px(height)}" rx="${isLeaf ? 12 : 4}" ` +
      `fill="${fill}" stroke="#8794a3"/>`,
  );
  box.lines.forEach((line, i) => {
    if (line === "") return;
    const style = i === 0 ? `font-weight="600"` : `fill="#4a5765"`;
    parts.push(
      `<text x="${px(box.x)}" y="${px(top + PAD + (i + 0.78) * LINE)}" text-anchor="middle" ${style}>${escapeHtml(line)}</text>`,
    );
  });
  for (const child of box.children) drawBoxes(child, y, scale, parts, level + 1);
}

/** White for 0, towards orange up to 1 and blue down to -1. */
function leafColour(share: number): string {
  const [r, g, b] = share >= 0 ? [245, 158, 66] : [84, 153, 222];
  const part = 0.15 + 0.6 * Math.min(1, Math.abs(share));
  const mixed = [r, g, b].map((channel) => Math.round(255 + (channel - 255) * part));
  return `#${mixed.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}

function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

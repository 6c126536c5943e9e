import { invalidArgument, show } from "../base/errors.js";
import type { DecisionTreeClassifier } from "./decision-tree-classifier.js";
import type { DecisionTreeRegressor } from "./decision-tree-regressor.js";
import type { ExtraTreeClassifier } from "./extra-tree-classifier.js";
import type { ExtraTreeRegressor } from "./extra-tree-regressor.js";
import { TREE_LEAF, type Tree } from "./tree.js";

/** A fitted tree of any kind. */
export type AnyTree = DecisionTreeClassifier | DecisionTreeRegressor | ExtraTreeClassifier | ExtraTreeRegressor;

/** Options of exportText. */
export interface ExportTextOptions {
  /** Names of the features; default: those of fit, else "feature_3". */
  readonly featureNames?: readonly string[] | undefined;
  /** Names of the classes; default: classes_. */
  readonly classNames?: readonly string[] | undefined;
  /** Deeper branches are cut. Default 10. */
  readonly maxDepth?: number | undefined;
  /** Spaces between edges. Default 3. */
  readonly spacing?: number | undefined;
  /** Digits behind the point. Default 2. */
  readonly decimals?: number | undefined;
  /** Write the weight of each class in leaves. Default false. */
  readonly showWeights?: boolean | undefined;
}

/** Labels of a tree's features and classes, checked. */
export function namesOf(
  model: AnyTree,
  { featureNames, classNames }: Pick<ExportTextOptions, "featureNames" | "classNames">,
  where: string,
): { readonly features: readonly string[] | undefined; readonly classes: readonly string[] | undefined } {
  const { nFeaturesIn_ } = model;
  if (featureNames !== undefined && featureNames.length !== nFeaturesIn_) {
    throw invalidArgument(`${where}: featureNames must hold ${nFeaturesIn_} names, got ${featureNames.length}`);
  }
  const known = "classes_" in model ? Array.from<unknown>(model.classes_).map(String) : undefined;
  if (classNames !== undefined && classNames.length !== known?.length) {
    throw invalidArgument(
      `${where}: classNames must hold ${known?.length ?? 0} names, one a class, got ${classNames.length}`,
    );
  }
  return { features: featureNames ?? model.featureNamesIn_, classes: classNames ?? known };
}

/**
 * The rules of a fitted decision tree as text, as scikit-learn's export_text writes them.
 *
 * @example
 * const tree = await new DecisionTreeClassifier({ maxDepth: 2 }).fit(X, y);
 * console.log(exportText(tree));
 * @throws TreelineError ERR_INVALID_ARGUMENT for names that do not fit, ERR_NOT_FITTED.
 */
export function exportText(model: AnyTree, options: ExportTextOptions = {}): string {
  if (typeof model !== "object" || model === null || !("tree_" in model)) {
    throw invalidArgument(`exportText: expected a fitted decision tree, got ${show(model)}`);
  }
  const { maxDepth = 10, spacing = 3, decimals = 2, showWeights = false } = options;
  const tree = model.tree_;
  const { features, classes } = namesOf(model, options, "exportText");
  const lines: string[] = [];
  const leaf = (node: number, indent: string): void => {
    lines.push(`${indent} ${leafText(tree, node, classes, showWeights, decimals)}`);
  };
  const write = (node: number, depth: number): void => {
    const indent = `|${" ".repeat(spacing)}`.repeat(depth).slice(0, -spacing) + "-".repeat(spacing);
    const isLeaf = tree.childrenLeft[node] === TREE_LEAF;
    if (depth > maxDepth + 1) {
      const below = depthBelow(tree, node);
      if (below === 1) leaf(node, indent);
      else lines.push(`${indent} truncated branch of depth ${below}`);
    } else if (isLeaf) {
      leaf(node, indent);
    } else {
      const j = tree.feature[node] as number;
      const name = features?.[j] ?? `feature_${j}`;
      const threshold = inDecimals(tree.threshold[node] as number, decimals);
      lines.push(`${indent} ${name} <= ${threshold}`);
      write(tree.childrenLeft[node] as number, depth + 1);
      lines.push(`${indent} ${name} >  ${threshold}`);
      write(tree.childrenRight[node] as number, depth + 1);
    }
  };
  write(0, 1);
  return `${lines.join("\n")}\n`;
}

function leafText(
  tree: Tree,
  node: number,
  classes: readonly string[] | undefined,
  showWeights: boolean,
  decimals: number,
): string {
  const values = tree.value.row(node);
  if (classes === undefined) return `value: [${Array.from(values, (v) => inDecimals(v, decimals)).join(", ")}]`;
  const best = values.indexOf(values.reduce((a, b) => Math.max(a, b)));
  const weight = tree.weightedNNodeSamples[node] as number;
  const weights = Array.from(values, (v) => inDecimals(v * weight, decimals)).join(", ");
  return showWeights ? `weights: [${weights}] class: ${classes[best]}` : `class: ${classes[best]}`;
}

/** Rounded as Python rounds: halves to the even digit. */
function inDecimals(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const exact = value.toFixed(100); // toFixed is exact, but rounds halves up
  const point = exact.indexOf(".");
  const rest = exact.slice(point + 1 + decimals);
  const kept = exact.slice(0, point + (decimals > 0 ? 1 + decimals : 0));
  return /^50*$/.test(rest) && Number(kept.at(-1)) % 2 === 0 ? kept : value.toFixed(decimals);
}

/** Levels of a branch: 1 of a leaf. */
function depthBelow(tree: Tree, node: number): number {
  const left = tree.childrenLeft[node] as number;
  if (left === TREE_LEAF) return 1;
  return 1 + Math.max(depthBelow(tree, left), depthBelow(tree, tree.childrenRight[node] as number));
}

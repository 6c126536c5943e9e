import { invalidArgument, show } from "../base/errors.js";
import { namesOf, type AnyTree } from "./export-text.js";
import { TREE_LEAF } from "./tree.js";
import type { TreeNode } from "./tree-node.js";
import { treeToSvg, type TreeSvgOptions } from "./tree-svg.js";

/** Options of plotTree. */
export interface PlotTreeOptions extends Omit<TreeSvgOptions, "valueName"> {
  /** Names of the classes; default: classes_. */
  readonly classNames?: readonly string[] | undefined;
}

/**
 * A fitted decision tree as an SVG picture (see treeToSvg): splits with their threshold and the fall of weighted impurity;
 * leaves with their prediction, or their share of every class.
 *
 * @example
 * const tree = await new DecisionTreeRegressor({ maxDepth: 5 }).fit(X, y);
 * await writeFile("tree.svg", plotTree(tree, { maxDepth: 3 }));
 * @throws TreelineError ERR_INVALID_ARGUMENT for something that is no tree, ERR_NOT_FITTED.
 */
export function plotTree(model: AnyTree, options: PlotTreeOptions = {}): string {
  if (typeof model !== "object" || model === null || !("tree_" in model)) {
    throw invalidArgument(`plotTree: expected a fitted decision tree, got ${show(model)}`);
  }
  const { classNames, ...drawing } = options;
  const { features, classes } = namesOf(model, { featureNames: options.featureNames, classNames }, "plotTree");
  const valueName = classes && (classes.length > 5 ? "shares" : classes.join(", "));
  return treeToSvg(nodesOf(model, features), { ...drawing, featureNames: features, valueName });
}

/** The tree as a list of nodes. */
function nodesOf(model: AnyTree, names: readonly string[] | undefined): TreeNode[] {
  const tree = model.tree_;
  const depths = tree.depths();
  const total = tree.weightedNNodeSamples[0] as number;
  const part = (node: number): number =>
    ((tree.weightedNNodeSamples[node] as number) / total) * (tree.impurity[node] as number);
  let leaves = 0;
  return Array.from(tree.feature, (feature, node): TreeNode => {
    const [left, right] = [tree.childrenLeft[node] as number, tree.childrenRight[node] as number];
    const isLeaf = left === TREE_LEAF;
    const values = Array.from(tree.value.row(node));
    return {
      node,
      depth: depths[node] as number,
      feature: isLeaf ? undefined : feature,
      featureName: isLeaf ? undefined : names?.[feature],
      threshold: isLeaf ? undefined : tree.threshold[node],
      categories: undefined,
      left: isLeaf ? undefined : left,
      right: isLeaf ? undefined : right,
      missingLeft: isLeaf ? undefined : tree.missingGoToLeft[node] === 1,
      value: values.length === 1 ? (values[0] as number) : NaN,
      values: values.length === 1 ? undefined : values,
      linear: undefined,
      gain: isLeaf ? 0 : part(node) - part(left) - part(right),
      count: tree.nNodeSamples[node] as number,
      leaf: isLeaf ? leaves++ : undefined,
    };
  });
}

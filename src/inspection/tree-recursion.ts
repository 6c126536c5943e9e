import { takeBreak } from "../data/vector.js";
import type { TreeNode } from "../ensemble/tree-nodes.js";

/** A fitted ensemble of trees whose nodes can be read. */
export interface TreeEnsemble {
  readonly nIter_: number;
  readonly nTreesPerIteration_: number;
  readonly baseline_: Float64Array;
  treeNodes(tree: number): readonly TreeNode[];
}

/** Whether an estimator shows its trees. */
export function hasTrees(estimator: unknown): estimator is TreeEnsemble {
  return typeof (estimator as Partial<TreeEnsemble> | null)?.treeNodes === "function";
}

/** Whether leaves are regressions: their mean over a feature is not in the nodes. */
export function hasLinearLeaves(model: TreeEnsemble): boolean {
  return trees(model).some((nodes) => nodes.some(({ linear }) => linear !== undefined));
}

/** Whether any split on the features is one on categories: what an unseen code does is not written in the nodes. */
export function splitsOnCategories(model: TreeEnsemble, features: readonly number[]): boolean {
  return trees(model).some((nodes) =>
    nodes.some(
      ({ feature, categories }) => feature !== undefined && categories !== undefined && features.includes(feature),
    ),
  );
}

/**
 * Raw predictions at every point of a grid, the other features averaged out in the proportions of the training rows:
 * outputs × points. One pass through the nodes a point, whatever the number of rows.
 */
export async function averageByRecursion(
  model: TreeEnsemble,
  features: readonly number[],
  points: readonly (readonly number[])[],
  signal: AbortSignal | undefined,
): Promise<Float64Array[]> {
  const outputs = Array.from(model.baseline_, (baseline) => new Float64Array(points.length).fill(baseline));
  const { nTreesPerIteration_: nTrees } = model;
  for (const [t, nodes] of trees(model).entries()) {
    const nValues = outputs.length / nTrees; // of a leaf
    for (let k = 0; k < nValues; k++) {
      const output = outputs[(t % nTrees) + k] as Float64Array;
      for (let p = 0; p < points.length; p++) {
        output[p] = (output[p] as number) + averageOf(nodes, 0, features, points[p] as readonly number[], k);
      }
    }
    await takeBreak(signal);
  }
  return outputs;
}

function trees(model: TreeEnsemble): (readonly TreeNode[])[] {
  return Array.from({ length: model.nIter_ * model.nTreesPerIteration_ }, (_, t) => model.treeNodes(t));
}

function averageOf(
  nodes: readonly TreeNode[],
  at: number,
  features: readonly number[],
  point: readonly number[],
  output: number,
): number {
  const node = nodes[at] as TreeNode;
  if (node.feature === undefined) return node.values?.[output] ?? node.value;
  const [left, right] = [node.left as number, node.right as number];
  const fixed = features.indexOf(node.feature);
  if (fixed >= 0) {
    const x = point[fixed] as number;
    const isLeft = Number.isNaN(x) ? node.missingLeft === true : x <= (node.threshold as number);
    return averageOf(nodes, isLeft ? left : right, features, point, output);
  }
  const share = (nodes[left] as TreeNode).count / node.count;
  const side = (child: number): number => averageOf(nodes, child, features, point, output);
  return share * side(left) + (1 - share) * side(right);
}

import { addon } from "../native/load.js";
import type { BoostingLinearLeaf, BoostingNodes } from "../native/addon.js";
import type { LinearLeaf, TreeNode } from "../tree/tree-node.js";
import type { BoostingForest } from "./boosting-predict.js";

export type { LinearLeaf, TreeNode };

function linearLeaf({ constant, features, slopes }: BoostingLinearLeaf): LinearLeaf | undefined {
  if (features.length === 0) return undefined;
  const terms = Array.from(features, (feature, i) => ({ feature, slope: slopes[i] as number }));
  return { intercept: constant, slopes: terms };
}

/** The nodes of tree `tree` of a forest, counted iteration by iteration. */
export function treeNodes(forest: BoostingForest, tree: number, names: readonly string[] | undefined): TreeNode[] {
  const columns = addon().boostingNodes(forest.model, tree);
  const depths = depthsOf(columns);
  const { nOutputs } = forest.info;
  let leaves = 0;
  return Array.from(columns.feature, (feature, node): TreeNode => {
    const at = (column: Float64Array): number => column[node] as number;
    const shared = {
      node,
      depth: depths[node] as number,
      value: at(columns.value),
      values: undefined,
      linear: undefined,
      count: at(columns.count),
    };
    if (feature < 0) {
      const regression = columns.linear[leaves];
      const vector = columns.vectors.subarray(leaves * nOutputs, (leaves + 1) * nOutputs);
      return {
        ...shared,
        ...(vector.length > 0 ? { value: NaN, values: Array.from(vector) } : {}),
        linear: regression && linearLeaf(regression),
        feature: undefined,
        featureName: undefined,
        threshold: undefined,
        categories: undefined,
        left: undefined,
        right: undefined,
        missingLeft: undefined,
        gain: 0,
        leaf: leaves++,
      };
    }
    const codes = at(columns.set) < 0 ? undefined : codesOf(columns, at(columns.set), forest.info.categories[feature]);
    return {
      ...shared,
      feature,
      featureName: names?.[feature],
      threshold: codes ? undefined : at(columns.threshold),
      categories: codes,
      left: at(columns.left),
      right: at(columns.right),
      missingLeft: at(columns.missingLeft) !== 0,
      gain: at(columns.gain),
      leaf: undefined,
    };
  });
}

/** Children come after their parents. */
export function depthsOf({ feature, left, right }: BoostingNodes): Int32Array {
  const depths = new Int32Array(feature.length);
  for (let node = 0; node < feature.length; node++) {
    if ((feature[node] as number) < 0) continue;
    for (const child of [left[node] as number, right[node] as number]) depths[child] = (depths[node] as number) + 1;
  }
  return depths;
}

/** The codes of the bins in a set. */
export function codesOf({ sets }: BoostingNodes, set: number, codes: Float64Array | undefined): number[] {
  return Array.from(codes ?? []).filter((_, bin) => ((sets[32 * set + (bin >> 3)] as number) >> (bin & 7)) & 1);
}

/** Totals a feature: splits on it, or their gains. */
export function featureTotals(forest: BoostingForest, type: "split" | "gain"): Float64Array {
  const totals = new Float64Array(forest.info.nFeatures);
  const { nIterations, nTreesPerIteration } = forest.info;
  for (let tree = 0; tree < nIterations * nTreesPerIteration; tree++) {
    const { feature, gain } = addon().boostingNodes(forest.model, tree);
    for (let node = 0; node < feature.length; node++) {
      const j = feature[node] as number;
      if (j >= 0) totals[j] = (totals[j] as number) + (type === "split" ? 1 : (gain[node] as number));
    }
  }
  return totals;
}

import { Matrix } from "../data/matrix.js";
import type { ForestArrays } from "../native/addon.js";

/** Children of leaves, as scikit-learn's TREE_LEAF. */
export const TREE_LEAF = -1;
/** Features and thresholds of leaves, as scikit-learn's TREE_UNDEFINED. */
export const TREE_UNDEFINED = -2;

/** The arrays of a fitted tree (scikit-learn's `tree_`): one element a node, the root first. */
export class Tree {
  /** Number of features seen in fit. */
  readonly nFeatures: number;
  /** Left child of every node; -1 in leaves. */
  readonly childrenLeft: Int32Array;
  /** Right child of every node; -1 in leaves. */
  readonly childrenRight: Int32Array;
  /** The feature a node splits on; -2 in leaves. */
  readonly feature: Int32Array;
  /** Rows with at most this value go left; -2 in leaves. */
  readonly threshold: Float64Array;
  /** 1 where missing values go left. */
  readonly missingGoToLeft: Uint8Array;
  readonly impurity: Float64Array;
  /** Training rows that came to a node, each counted once. */
  readonly nNodeSamples: Float64Array;
  /** Their weight. */
  readonly weightedNNodeSamples: Float64Array;
  /** Class fractions (nNodes × nClasses) or predictions (nNodes × nOutputs). */
  readonly value: Matrix<Float64Array>;

  constructor(forest: ForestArrays, nFeatures: number) {
    this.nFeatures = nFeatures;
    this.childrenLeft = forest.left;
    this.childrenRight = forest.right;
    this.feature = forest.feature;
    this.threshold = forest.threshold;
    this.missingGoToLeft = forest.missingLeft;
    this.impurity = forest.impurity;
    this.nNodeSamples = forest.nRows;
    this.weightedNNodeSamples = forest.weight;
    this.value = new Matrix(forest.values, [forest.feature.length, forest.nValues]);
  }

  get nodeCount(): number {
    return this.feature.length;
  }

  get nLeaves(): number {
    return (this.nodeCount + 1) / 2;
  }

  /** Splits above the deepest leaf. */
  get maxDepth(): number {
    return this.depths().reduce((most, depth) => Math.max(most, depth), 0);
  }

  /** Number of splits above every node. */
  depths(): Int32Array {
    const depths = new Int32Array(this.nodeCount);
    this.childrenLeft.forEach((left, node) => {
      if (left === TREE_LEAF) return;
      depths[left] = (depths[node] as number) + 1;
      depths[this.childrenRight[node] as number] = (depths[node] as number) + 1;
    });
    return depths;
  }
}

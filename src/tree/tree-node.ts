/** A node of a fitted tree. Values are shrunk already: a row's raw prediction is the sum of its leaves' and a constant. */
export interface TreeNode {
  /** Number of the node in its tree; the root is 0. */
  readonly node: number;
  /** Number of splits above it. */
  readonly depth: number;
  /** The feature it splits on; undefined in leaves. */
  readonly feature: number | undefined;
  readonly featureName: string | undefined;
  /** Rows with at most this value go left; undefined in leaves and in splits on categories. */
  readonly threshold: number | undefined;
  /** Codes of the categories that go left, in splits on categories. */
  readonly categories: readonly number[] | undefined;
  readonly left: number | undefined;
  readonly right: number | undefined;
  /** Where missing values go; undefined in leaves. */
  readonly missingLeft: boolean | undefined;
  /** What a leaf adds to the raw prediction; 0 in splits, NaN in leaves that have `values`. */
  readonly value: number;
  /** What a leaf of several outputs adds to each of them (multiStrategy "multiOutputTree"); undefined elsewhere. */
  readonly values: readonly number[] | undefined;
  /**
   * The regression of a linear leaf (linearTree): intercept + sum of slopes times features; of rows without a finite value
   * of one of them `value` counts. Undefined elsewhere.
   */
  readonly linear: LinearLeaf | undefined;
  /** How much the split lowered the loss; 0 in leaves. */
  readonly gain: number;
  /** Training rows. */
  readonly count: number;
  /** Number of the leaf among the leaves of its tree, as apply() gives it; undefined elsewhere. */
  readonly leaf: number | undefined;
}

/** A regression on features of a leaf's path, shrunk already. */
export interface LinearLeaf {
  readonly intercept: number;
  readonly slopes: readonly { readonly feature: number; readonly slope: number }[];
}

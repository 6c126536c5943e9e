import type { BlockMapHandle, FeatureLabels } from "./addon-types.js";

/** What two rows are to each other: distances, "cosine" among them, and similarities. */
export type PairwiseKind =
  "euclidean" | "sqeuclidean" | "manhattan" | "cosine" | "cosineSimilarity" | "rbf" | "laplacian";

/** Distances and similarities between rows (native/binding/pairwise.cc). */
export interface PairwiseAddon {
  /** Every row against each of `others` (n × labels.nFeatures, finite): n numbers a row. gamma: of "rbf" and "laplacian". */
  createPairwiseMap(labels: FeatureLabels, others: Float64Array, kind: PairwiseKind, gamma: number): BlockMapHandle;
}

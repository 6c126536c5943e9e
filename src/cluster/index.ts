export type { ClusterFitOptions, InitialCenters } from "./cluster-fit.js";
export { KMeans, type KMeansParams } from "./kmeans.js";
export { MiniBatchKMeans, type MiniBatchKMeansParams } from "./mini-batch-kmeans.js";

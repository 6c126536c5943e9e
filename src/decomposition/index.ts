export { IncrementalPCA, type IncrementalPCAParams } from "./incremental-pca.js";
export { PCA, type PCAParams, type PCASolver } from "./pca.js";
export { TruncatedSVD, type TruncatedSVDParams } from "./truncated-svd.js";

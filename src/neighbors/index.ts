export { NearestNeighbors, type NearestNeighborsParams } from "./nearest-neighbors.js";
export { KNeighborsClassifier, type KNeighborsParams } from "./k-neighbors-classifier.js";
export { KNeighborsRegressor } from "./k-neighbors-regressor.js";
export type { KNeighborsGraphOptions, KNeighborsOptions } from "./k-neighbors-estimator.js";
export type { Neighbors } from "./neighbors-estimator.js";
export type { NeighborMetric, NeighborWeights, NeighborSearchParams } from "./search-params.js";
export type { RadiusNeighbors, RadiusNeighborsOptions } from "./within-radius.js";

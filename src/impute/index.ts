export { KNNImputer, type KNNImputerParams } from "./knn-imputer.js";
export { MissingIndicator, type MissingIndicatorParams } from "./missing-indicator.js";
export { SimpleImputer, type MissingValue, type SimpleImputerParams } from "./simple-imputer.js";

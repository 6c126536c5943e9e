export { LabelEncoder } from "./label-encoder.js";
export { StandardScaler, type StandardScalerFitOptions, type StandardScalerParams } from "./standard-scaler.js";

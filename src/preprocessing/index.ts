export { LabelEncoder } from "./label-encoder.js";
export { StandardScaler, type StandardScalerParams } from "./standard-scaler.js";

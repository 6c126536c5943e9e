export type { CategoriesParam, Category } from "./categories.js";
export {
  FunctionTransformer,
  type FunctionTransformerParams,
  type NamesFunction,
  type TableFunction,
} from "./function-transformer.js";
export {
  KBinsDiscretizer,
  type KBinsDiscretizerFitOptions,
  type KBinsDiscretizerParams,
} from "./k-bins-discretizer.js";
export { MaxAbsScaler, MinMaxScaler, type MaxAbsScalerParams, type MinMaxScalerParams } from "./min-max-scaler.js";
export { Binarizer, Normalizer, type BinarizerParams, type NormalizerParams } from "./normalizer.js";
export { OneHotEncoder, type OneHotEncoderParams } from "./one-hot-encoder.js";
export { OrdinalEncoder, type OrdinalEncoderParams } from "./ordinal-encoder.js";
export { PolynomialFeatures, type PolynomialFeaturesParams } from "./polynomial-features.js";
export { PowerTransformer, type PowerTransformerParams } from "./power-transformer.js";
export { QuantileTransformer, type QuantileTransformerParams } from "./quantile-transformer.js";
export { RobustScaler, type RobustScalerParams } from "./robust-scaler.js";
export { LabelBinarizer, type LabelBinarizerInverseOptions, type LabelBinarizerParams } from "./label-binarizer.js";
export { LabelEncoder } from "./label-encoder.js";
export { MultiLabelBinarizer, type LabelSets, type MultiLabelBinarizerParams } from "./multi-label-binarizer.js";
export {
  SplineTransformer,
  type SplineTransformerFitOptions,
  type SplineTransformerParams,
} from "./spline-transformer.js";
export type { Extrapolation } from "./b-splines.js";
export { StandardScaler, type StandardScalerFitOptions, type StandardScalerParams } from "./standard-scaler.js";
export { TargetEncoder, type TargetEncoderFitOptions, type TargetEncoderParams } from "./target-encoder.js";
export type { TargetKind } from "./target-kind.js";
export type { Smooth } from "./target-means.js";

export {
  makeColumnSelector,
  type ColumnFunction,
  type ColumnInfo,
  type Columns,
  type ColumnSelector,
  type ColumnSelectorOptions,
} from "./column-selector.js";
export {
  ColumnTransformer,
  makeColumnTransformer,
  type ColumnStep,
  type ColumnTransformerParams,
} from "./column-transformer.js";
export {
  TransformedTargetRegressor,
  type NumberFunction,
  type TransformedTargetFitOptions,
  type TransformedTargetRegressorParams,
} from "./transformed-target-regressor.js";

export {
  LogisticRegression,
  type LogisticRegressionFitOptions,
  type LogisticRegressionParams,
} from "./logistic-regression.js";

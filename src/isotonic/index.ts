export { IsotonicRegression, type IsotonicFitOptions, type IsotonicRegressionParams } from "./isotonic-regression.js";

export { DummyClassifier, type DummyClassifierParams, type FitOptions } from "./dummy-classifier.js";
export { DummyRegressor, type DummyRegressorParams } from "./dummy-regressor.js";

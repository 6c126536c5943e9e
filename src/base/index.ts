export { TreelineError, type ErrorCode } from "./errors.js";
export { setConfig, getConfig, withConfig, effectiveNJobs, type Config } from "./config.js";
export { BaseEstimator, clone, type AnyEstimator, type EstimatorTags } from "./estimator.js";

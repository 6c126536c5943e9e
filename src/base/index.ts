export { TreelineError, type ErrorCode } from "./errors.js";
export { setConfig, getConfig, withConfig, effectiveNJobs, type Config } from "./config.js";
export { BaseEstimator, clone, type AnyEstimator, type EstimatorTags } from "./estimator.js";
export {
  parallel,
  parallelStream,
  type Indexed,
  type ParallelOptions,
  type ParallelProgress,
  type ParallelStreamOptions,
  type Task,
} from "./parallel.js";
export {
  progressBars,
  type BarState,
  type ProgressBar,
  type ProgressBars,
  type ProgressBarsOptions,
} from "./progress-bar.js";
export { displayWith, JUPYTER_DISPLAY, type MimeBundle, type NotebookDisplay } from "./rich.js";

export { Incremental, type IncrementalFitOptions, type IncrementalParams } from "./incremental.js";
export {
  ParallelPostFit,
  type AnsweredBlock,
  type ParallelPostFitOptions,
  type ParallelPostFitParams,
} from "./parallel-post-fit.js";
export type { Wrappable } from "./wrapped.js";

export * from "./base/index.js";
export * from "./data/index.js";
export * from "./datasets/index.js";
export * from "./linear-model/index.js";
export * from "./metrics/index.js";
export * from "./preprocessing/index.js";
export { load, fromBuffer } from "./registry.js";
export { simdInfo } from "./native/simd-info.js";
export type { Progress, RunOptions } from "./native/job.js";

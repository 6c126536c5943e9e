export { FeatureUnion, makeUnion, type FeatureUnionParams } from "./feature-union.js";
export { makePipeline, Pipeline, type PipelineFitOptions, type PipelineParams, type PipelineStep } from "./pipeline.js";

export { makePipeline, Pipeline, type PipelineFitOptions, type PipelineParams, type PipelineStep } from "./pipeline.js";

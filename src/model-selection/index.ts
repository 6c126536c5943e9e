export { trainTestSplit, type Part, type SplitParts, type TrainTestSplitOptions } from "./train-test-split.js";

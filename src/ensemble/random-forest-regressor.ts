import { DecisionTreeRegressor } from "../tree/decision-tree-regressor.js";
import { RegressionForest, regressionForestSpecs, type RegressionForestParams } from "./regression-forest.js";

/** Parameters of RandomForestRegressor; bootstrap is true by default. */
export type RandomForestRegressorParams = RegressionForestParams;

const SPECS = regressionForestSpecs(true);

/**
 * A random forest for numbers (Breiman 2001), with scikit-learn's parameters: trees on rows drawn with replacement, whose
 * predictions are averaged. Columns are binned once for all trees (maxBins). y may have several targets: predictions are a
 * Matrix then. The forest is the same, bit for bit, for any nJobs and any chunking of X.
 *
 * @example const model = await new RandomForestRegressor({ minSamplesLeaf: 3, randomState: 0 }).fit(X, y);
 */
export class RandomForestRegressor extends RegressionForest<DecisionTreeRegressor> {
  constructor(params: Partial<RandomForestRegressorParams> = {}) {
    super("RandomForestRegressor", SPECS, { tree: DecisionTreeRegressor, randomSplits: false }, params);
  }
}

import { RegressionTree, regressionTreeSpecs, type SingleRegressionTreeParams } from "./regression-tree.js";

/** Parameters of DecisionTreeRegressor; splitter is "best" by default. */
export type DecisionTreeRegressorParams = SingleRegressionTreeParams;

const SPECS = regressionTreeSpecs("best", null);

/**
 * A decision tree for numbers, with scikit-learn's parameters and arrays. Columns are binned first: on up to 10,000 rows
 * every distinct value has a bin of its own, so that the splits are those of scikit-learn's DecisionTreeRegressor; larger
 * tables are split between 255 quantiles (maxBins). Of equal splits the one on the first feature is taken, with
 * maxFeatures the one drawn first (scikit-learn draws one). Missing values go to the side where they help, with criterion "absoluteError" too (scikit-learn refuses them there).
 * y may have several targets: predictions are a Matrix then. The tree is the same, bit for bit, for any nJobs and any chunking of X.
 *
 * @example const model = await new DecisionTreeRegressor({ maxDepth: 5 }).fit(X, y);
 */
export class DecisionTreeRegressor extends RegressionTree {
  constructor(params: Partial<DecisionTreeRegressorParams> = {}) {
    super("DecisionTreeRegressor", SPECS, params);
  }
}

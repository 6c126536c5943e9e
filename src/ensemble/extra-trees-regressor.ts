import { ExtraTreeRegressor } from "../tree/extra-tree-regressor.js";
import { RegressionForest, regressionForestSpecs, type RegressionForestParams } from "./regression-forest.js";

/** Parameters of ExtraTreesRegressor; bootstrap is false by default. */
export type ExtraTreesRegressorParams = RegressionForestParams;

const SPECS = regressionForestSpecs(false);

/**
 * Extremely randomized trees for numbers (Geurts, Ernst, Wehenkel 2006), with scikit-learn's parameters: each split is the
 * best of random thresholds, one a feature, on all rows. A threshold that would fall inside a bin of several values (maxBins)
 * moves to the bin's nearer end. A RandomForestRegressor otherwise.
 *
 * @example const model = await new ExtraTreesRegressor({ randomState: 0 }).fit(X, y);
 */
export class ExtraTreesRegressor extends RegressionForest<ExtraTreeRegressor> {
  constructor(params: Partial<ExtraTreesRegressorParams> = {}) {
    super("ExtraTreesRegressor", SPECS, { tree: ExtraTreeRegressor, randomSplits: true }, params);
  }
}

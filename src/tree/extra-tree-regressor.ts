import { RegressionTree, regressionTreeSpecs, type SingleRegressionTreeParams } from "./regression-tree.js";

/** Parameters of ExtraTreeRegressor; splitter is "random" by default. */
export type ExtraTreeRegressorParams = SingleRegressionTreeParams;

const SPECS = regressionTreeSpecs("random", 1);

/**
 * A tree whose splits are the best of random ones, one threshold a feature: what extremely randomized forests are made
 * of (scikit-learn's ExtraTreeRegressor). A DecisionTreeRegressor otherwise.
 *
 * @example const model = await new ExtraTreeRegressor({ randomState: 0 }).fit(X, y);
 */
export class ExtraTreeRegressor extends RegressionTree {
  constructor(params: Partial<ExtraTreeRegressorParams> = {}) {
    super("ExtraTreeRegressor", SPECS, params);
  }
}

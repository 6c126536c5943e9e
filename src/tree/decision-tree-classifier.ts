import { ClassificationTree, classTreeSpecs, type SingleClassTreeParams } from "./classification-tree.js";

/** Parameters of DecisionTreeClassifier; splitter is "best" by default. */
export type DecisionTreeClassifierParams = SingleClassTreeParams;

const SPECS = classTreeSpecs("best", null);

/**
 * A decision tree for classes, with scikit-learn's parameters and arrays. Columns are binned first: on up to 10,000 rows
 * every distinct value has a bin of its own, so that the splits are those of scikit-learn's DecisionTreeClassifier; larger
 * tables are split between 255 quantiles (maxBins). Of equal splits the one on the first feature is taken, with
 * maxFeatures the one drawn first (scikit-learn draws one). Missing values go to the side where they help. The tree is the same, bit for bit, for any nJobs and any
 * chunking of X.
 *
 * @example
 * const model = await new DecisionTreeClassifier({ maxDepth: 3 }).fit(X, y);
 * console.log(exportText(model));
 */
export class DecisionTreeClassifier extends ClassificationTree {
  constructor(params: Partial<DecisionTreeClassifierParams> = {}) {
    super("DecisionTreeClassifier", SPECS, params);
  }
}

import { DecisionTreeClassifier } from "../tree/decision-tree-classifier.js";
import { ClassificationForest, classForestSpecs, type ClassForestParams } from "./classification-forest.js";

/** Parameters of RandomForestClassifier; bootstrap is true by default. */
export type RandomForestClassifierParams = ClassForestParams;

const SPECS = classForestSpecs(true);

/**
 * A random forest for classes (Breiman 2001), with scikit-learn's parameters: trees on rows drawn with replacement, each
 * split searched in a few features drawn anew; probabilities are the means of the trees' class fractions. Columns are binned
 * once for all trees (maxBins); class counts are whole numbers, so that the forest is the same, bit for bit, for any nJobs
 * and any chunking of X. Missing values go to the side where they help.
 *
 * @example
 * const model = await new RandomForestClassifier({ nEstimators: 200, oobScore: true, randomState: 0 }).fit(X, y);
 * console.log(model.oobScore_, model.featureImportances_);
 */
export class RandomForestClassifier extends ClassificationForest<DecisionTreeClassifier> {
  constructor(params: Partial<RandomForestClassifierParams> = {}) {
    super("RandomForestClassifier", SPECS, { tree: DecisionTreeClassifier, randomSplits: false }, params);
  }
}

import { ExtraTreeClassifier } from "../tree/extra-tree-classifier.js";
import { ClassificationForest, classForestSpecs, type ClassForestParams } from "./classification-forest.js";

/** Parameters of ExtraTreesClassifier; bootstrap is false by default. */
export type ExtraTreesClassifierParams = ClassForestParams;

const SPECS = classForestSpecs(false);

/**
 * Extremely randomized trees for classes (Geurts, Ernst, Wehenkel 2006), with scikit-learn's parameters: each split is the
 * best of random thresholds, one a feature, on all rows. A threshold that would fall inside a bin of several values (maxBins)
 * moves to the bin's nearer end. A RandomForestClassifier otherwise.
 *
 * @example const model = await new ExtraTreesClassifier({ randomState: 0 }).fit(X, y);
 */
export class ExtraTreesClassifier extends ClassificationForest<ExtraTreeClassifier> {
  constructor(params: Partial<ExtraTreesClassifierParams> = {}) {
    super("ExtraTreesClassifier", SPECS, { tree: ExtraTreeClassifier, randomSplits: true }, params);
  }
}

import { ClassificationTree, classTreeSpecs, type SingleClassTreeParams } from "./classification-tree.js";

/** Parameters of ExtraTreeClassifier; splitter is "random" by default. */
export type ExtraTreeClassifierParams = SingleClassTreeParams;

const SPECS = classTreeSpecs("random", "sqrt");

/**
 * A tree whose splits are the best of random ones, one threshold a feature: what extremely randomized forests are made
 * of (scikit-learn's ExtraTreeClassifier). A DecisionTreeClassifier otherwise.
 *
 * @example const model = await new ExtraTreeClassifier({ randomState: 0 }).fit(X, y);
 */
export class ExtraTreeClassifier extends ClassificationTree {
  constructor(params: Partial<ExtraTreeClassifierParams> = {}) {
    super("ExtraTreeClassifier", SPECS, params);
  }
}

import {
  CalibratedClassifierCV,
  DecisionTreeClassifier,
  DummyClassifier,
  ExtraTreesClassifier,
  GaussianNB,
  HistGradientBoostingClassifier,
  LinearSVC,
  LogisticRegression,
  makePipeline,
  RandomForestClassifier,
  StandardScaler,
  type Matrix,
  type RunOptions,
} from "treeline";

/** What every model here can do. */
export interface Classifier {
  fit(X: Matrix, y: Float64Array, options: RunOptions & { sampleWeight?: Float64Array }): Promise<unknown>;
  predictProba(X: Matrix, options?: RunOptions): Promise<Matrix>;
}

/** The models that are compared. Frauds are 0.17 % of the rows: boosting needs small steps and large leaves. */
export function models(seed: number): Record<string, Classifier> {
  return {
    "Dummy (class frequencies)": new DummyClassifier(),
    "Logistic regression": scaled(new LogisticRegression({ maxIter: 1000 })),
    "Logistic regression, balanced": scaled(new LogisticRegression({ maxIter: 1000, classWeight: "balanced" })),
    "Linear SVM, calibrated": scaled(new CalibratedClassifierCV({ estimator: new LinearSVC(), cv: 3 })),
    "Gaussian naive Bayes": new GaussianNB(),
    "Decision tree": new DecisionTreeClassifier({ minSamplesLeaf: 5, randomState: seed }),
    "Random forest": new RandomForestClassifier({ randomState: seed }),
    "Extra trees": new ExtraTreesClassifier({ randomState: seed }),
    "Histogram gradient boosting": boosting(seed),
  };
}

/** Boosted trees for rare frauds: small steps, large leaves, no early stopping. */
export function boosting(seed: number): HistGradientBoostingClassifier {
  return new HistGradientBoostingClassifier({
    learningRate: 0.05,
    maxIter: 200,
    maxLeafNodes: 15,
    l2Regularization: 10,
    minSamplesLeaf: 50,
    earlyStopping: false,
    randomState: seed,
  });
}

function scaled(model: LogisticRegression | CalibratedClassifierCV): Classifier {
  return makePipeline(new StandardScaler(), model) as Classifier;
}

import {
  DummyClassifier,
  HistGradientBoostingClassifier,
  LogisticRegression,
  makePipeline,
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
    "Histogram gradient boosting": new HistGradientBoostingClassifier({
      learningRate: 0.05,
      maxIter: 200,
      maxLeafNodes: 15,
      l2Regularization: 10,
      minSamplesLeaf: 50,
      earlyStopping: false,
      randomState: seed,
    }),
  };
}

function scaled(model: LogisticRegression): Classifier {
  return makePipeline(new StandardScaler(), model) as Classifier;
}

import {
  DecisionTreeClassifier,
  DummyClassifier,
  ExtraTreesClassifier,
  GaussianNB,
  GridSearchCV,
  HistGradientBoostingClassifier,
  IsolationForest,
  KNeighborsClassifier,
  LinearSVC,
  LogisticRegression,
  makePipeline,
  RandomForestClassifier,
  SGDClassifier,
  StandardScaler,
  StratifiedKFold,
  type Matrix,
} from "treeline";

/** What is measured of a model. */
export interface Fittable {
  fit(X: Matrix, y: Float64Array): Promise<unknown>;
  predictProba?(X: Matrix): Promise<Matrix>;
  decisionFunction?(X: Matrix): Promise<Float64Array | Matrix>;
  scoreSamples?(X: Matrix): Promise<Float64Array>;
}

const scaled = (model: object): Fittable => makePipeline(new StandardScaler(), model) as unknown as Fittable;
const cv = new StratifiedKFold({ nSplits: 3, shuffle: true, randomState: 0 });

/** The models of the founding scenario, as scenario_peer.py makes them of scikit-learn's. */
export const MODELS: Readonly<Record<string, () => Fittable>> = {
  dummy: () => new DummyClassifier() as unknown as Fittable,
  "logistic regression": () => scaled(new LogisticRegression({ maxIter: 1000 })),
  "logistic regression, balanced": () => scaled(new LogisticRegression({ maxIter: 1000, classWeight: "balanced" })),
  "SGD, log loss": () => scaled(new SGDClassifier({ loss: "logLoss", randomState: 0 })),
  "Gaussian naive Bayes": () => new GaussianNB() as unknown as Fittable,
  "linear SVC": () => scaled(new LinearSVC()),
  "decision tree": () => new DecisionTreeClassifier({ randomState: 0 }) as unknown as Fittable,
  "random forest": () => new RandomForestClassifier({ randomState: 0 }) as unknown as Fittable,
  "extra trees": () => new ExtraTreesClassifier({ randomState: 0 }) as unknown as Fittable,
  "gradient boosting": () =>
    new HistGradientBoostingClassifier({
      learningRate: 0.05,
      l2Regularization: 10,
      minSamplesLeaf: 50,
      earlyStopping: false,
      randomState: 0,
    }) as unknown as Fittable,
  "5 nearest neighbours": () => scaled(new KNeighborsClassifier({ nNeighbors: 5 })),
  "isolation forest": () => new IsolationForest({ randomState: 0 }) as unknown as Fittable,
};

const GRIDS = {
  "logistic regression, 8 × 3": { logisticRegression__C: [0.001, 0.01, 0.1, 1, 10, 100, 1000, 10000] },
  "gradient boosting, 4 × 3": { learningRate: [0.05, 0.1], maxLeafNodes: [15, 31] },
};
export type GridName = keyof typeof GRIDS;
export const GRID_NAMES = Object.keys(GRIDS) as GridName[];

/** A grid search of the scenario. */
export function gridSearch(name: GridName): GridSearchCV {
  const estimator = (
    name === "gradient boosting, 4 × 3"
      ? new HistGradientBoostingClassifier({
          earlyStopping: false,
          l2Regularization: 10,
          minSamplesLeaf: 50,
          randomState: 0,
        })
      : scaled(new LogisticRegression({ maxIter: 1000 }))
  ) as object;
  const paramGrid = GRIDS[name] as Readonly<Record<string, readonly unknown[]>>;
  return new GridSearchCV({ estimator, paramGrid, scoring: "averagePrecision", cv, refit: false } as never);
}

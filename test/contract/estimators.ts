import type { AnyEstimator, Matrix, MatrixLike, VectorLike } from "../../src/index.js";
import {
  CsrMatrix,
  GaussianNB,
  KFold,
  LinearRegression,
  LogisticRegression,
  loguniform,
  makeColumnSelector,
  makePipeline,
  MinMaxScaler,
  PCA,
  Ridge,
  SGDClassifier,
  SGDRegressor,
  StandardScaler,
} from "../../src/index.js";
import { ESTIMATORS } from "../../src/registry.js";
import { blobs, graded, linear, positive, type Problem } from "./problems.js";

/** What a search answers. */
interface Found extends ArrayLike<unknown> {
  readonly distances: Matrix;
  readonly indices: Matrix;
}

/** The methods of all kinds of estimators, as generic code calls them. */
export interface Methods {
  readonly fit: (X: MatrixLike, y?: VectorLike, options?: object) => Promise<unknown>;
  readonly predict?: (X: MatrixLike, options?: object) => Promise<ArrayLike<unknown>>;
  readonly predictProba?: (X: MatrixLike, options?: object) => Promise<ArrayLike<unknown>>;
  readonly predictLogProba?: (X: MatrixLike, options?: object) => Promise<ArrayLike<unknown>>;
  readonly decisionFunction?: (X: MatrixLike, options?: object) => Promise<ArrayLike<unknown>>;
  readonly transform?: (X: MatrixLike, options?: object) => Promise<ArrayLike<unknown>>;
  readonly fitTransform?: (X: MatrixLike, y?: VectorLike, options?: object) => Promise<ArrayLike<unknown>>;
  readonly kneighbors?: (X: MatrixLike, options?: object) => Promise<Found>;
  readonly score?: (X: MatrixLike, y?: VectorLike, options?: object) => Promise<number>;
  readonly predictSync?: (X: MatrixLike) => ArrayLike<unknown>;
  readonly predictProbaSync?: (X: MatrixLike) => ArrayLike<unknown>;
  readonly fitPredict?: (X: MatrixLike, y?: VectorLike, options?: object) => Promise<ArrayLike<unknown>>;
  readonly labels_?: ArrayLike<unknown>;
  readonly classes_?: ArrayLike<unknown>;
  readonly nIter_?: unknown;
}
export type Subject = AnyEstimator & Methods;

type Params = Readonly<Record<string, unknown>>;

const CLASSIFYING_MEMBERS = (): [string, unknown][] => [
  ["logistic", new LogisticRegression({ tol: 1e-9, maxIter: 500 })],
  ["bayes", new GaussianNB()],
];
const REGRESSING_MEMBERS = (): unknown[] => [
  ["ridge", new Ridge()],
  ["none", new LinearRegression()],
];

/**
 * What a test run tries besides the defaults, and what makes an estimator quick and reproducible. An estimator that is
 * not here is tried with its defaults (and randomState 0 where it has one).
 */
const VARIANTS: Readonly<Record<string, () => Params[]>> = {
  AdaBoostClassifier: () => [{ nEstimators: 12 }, { nEstimators: 5, estimator: new GaussianNB(), learningRate: 0.5 }],
  AdaBoostRegressor: () => [
    { nEstimators: 10 },
    { nEstimators: 6, loss: "square", estimator: makePipeline(new StandardScaler(), new Ridge()) },
  ],
  BaggingClassifier: () => [
    { nEstimators: 6 },
    { nEstimators: 5, estimator: new GaussianNB(), bootstrap: false, maxSamples: 30, maxFeatures: 0.75 },
    {
      nEstimators: 6,
      estimator: makePipeline(new StandardScaler(), new GaussianNB()),
      bootstrapFeatures: true,
      oobScore: true,
    },
  ],
  BaggingRegressor: () => [
    { nEstimators: 6, oobScore: true },
    { nEstimators: 5, estimator: makePipeline(new StandardScaler(), new Ridge()), maxSamples: 0.7 },
  ],
  BlockwiseVotingClassifier: () => [
    { estimator: new LogisticRegression({ tol: 1e-9, maxIter: 500 }), blockSize: 45 },
    { estimator: new GaussianNB(), blockSize: 45, voting: "soft" },
  ],
  BlockwiseVotingRegressor: () => [{ estimator: new SGDRegressor({ eta0: 0.003, randomState: 0 }), blockSize: 45 }],
  CalibratedClassifierCV: () => [
    { estimator: new GaussianNB(), cv: 3 },
    { estimator: new LogisticRegression({ tol: 1e-9, maxIter: 500 }), method: "isotonic", ensemble: false, cv: 3 },
    { estimator: new GaussianNB(), method: "temperature", cv: 3 },
  ],
  ColumnTransformer: () => [
    {
      transformers: [
        ["scale", new StandardScaler(), makeColumnSelector({ dtypeInclude: "number" })],
        ["range", new MinMaxScaler(), [-1]],
      ],
      remainder: "passthrough",
    },
  ],
  // A tree grown until its leaves are pure knows the training rows by heart, whatever the classes weigh.
  DecisionTreeClassifier: () => [
    { minWeightFractionLeaf: 0.01 },
    { minWeightFractionLeaf: 0.02, criterion: "entropy", maxLeafNodes: 6, maxBins: 16 },
  ],
  DecisionTreeRegressor: () => [
    {},
    { maxLeafNodes: 20, maxFeatures: 0.7 },
    { criterion: "absoluteError", maxDepth: 6 },
  ],
  ExtraTreeClassifier: () => [{ minWeightFractionLeaf: 0.01 }],
  ExtraTreesClassifier: () => [{ nEstimators: 12, minWeightFractionLeaf: 0.01 }],
  ExtraTreesRegressor: () => [{ nEstimators: 12 }, { nEstimators: 8, criterion: "absoluteError", maxDepth: 6 }],
  IsolationForest: () => [
    { nEstimators: 20 },
    { nEstimators: 10, maxSamples: 30, maxFeatures: "one", contamination: 0.1 },
  ],
  RandomForestClassifier: () => [
    { nEstimators: 12, minWeightFractionLeaf: 0.01 },
    { nEstimators: 10, minWeightFractionLeaf: 0.01, oobScore: true, maxSamples: 0.8, bootstrap: true, maxBins: 32 },
  ],
  RandomForestRegressor: () => [{ nEstimators: 12 }, { nEstimators: 8, maxFeatures: "one", maxLeafNodes: 30 }],
  DummyClassifier: () => [{}, { strategy: "mostFrequent" }],
  DummyRegressor: () => [{}, { strategy: "median" }],
  ElasticNet: () => [{ tol: 1e-9, alpha: 0.1 }],
  ElasticNetCV: () => [{ tol: 1e-9, alphas: 10, l1Ratio: [0.5, 1] }],
  FeatureUnion: () => [
    {
      transformerList: [
        ["scale", new StandardScaler()],
        ["pca", new PCA({ nComponents: 1 })],
      ],
    },
  ],
  GenericUnivariateSelect: () => [{ scoreFunc: "fRegression", mode: "percentile", param: 50 }],
  SelectFdr: () => [{ scoreFunc: "fRegression", alpha: 0.5 }],
  SelectFpr: () => [{ scoreFunc: "fRegression" }],
  SelectFwe: () => [{ scoreFunc: "fRegression", alpha: 0.5 }],
  RFE: () => [
    { estimator: new Ridge(), nFeaturesToSelect: 2 },
    { estimator: new Ridge(), nFeaturesToSelect: 0.5, step: 0.3 },
  ],
  RFECV: () => [
    { estimator: new Ridge(), minFeaturesToSelect: 2, cv: 3 },
    { estimator: new Ridge(), step: 0.3, scoring: "negMeanSquaredError", cv: new KFold({ nSplits: 4 }) },
  ],
  SelectFromModel: () => [
    { estimator: new Ridge() },
    { estimator: new Ridge(), threshold: "0.5*median", maxFeatures: 2, normOrder: 2 },
  ],
  SelectKBest: () => [
    { scoreFunc: "fRegression", k: 2 },
    { scoreFunc: "rRegression", k: "all" },
  ],
  SelectPercentile: () => [{ scoreFunc: "fRegression", percentile: 50 }],
  GridSearchCV: () => [
    { estimator: new LogisticRegression({ tol: 1e-9, maxIter: 500 }), paramGrid: { C: [0.1, 1] }, cv: 3 },
    { estimator: new Ridge(), paramGrid: { alpha: [0.1, 10] }, scoring: "r2", cv: 3 },
  ],
  HalvingGridSearchCV: () => [
    {
      estimator: new LogisticRegression({ tol: 1e-9, maxIter: 500 }),
      paramGrid: { C: [0.1, 1, 10] },
      cv: 3,
      minResources: 60,
      randomState: 0,
    },
    { estimator: new Ridge(), paramGrid: { alpha: [0.1, 10] }, factor: 2, scoring: "r2", cv: 3, randomState: 0 },
  ],
  HalvingRandomSearchCV: () => [
    {
      estimator: new SGDRegressor({ eta0: 0.003, randomState: 0 }),
      paramDistributions: { alpha: loguniform(1e-4, 1) },
      resource: "maxIter",
      maxResources: 40,
      minResources: 10,
      nCandidates: 4,
      factor: 2,
      cv: 3,
      randomState: 0,
    },
  ],
  HyperbandSearchCV: () => [
    {
      estimator: new SGDClassifier({ loss: "logLoss", randomState: 0 }),
      parameters: { alpha: loguniform(1e-4, 1e-2) },
      blockSize: 60,
      maxIter: 9,
      randomState: 0,
    },
    {
      estimator: new SGDRegressor({ eta0: 0.003, randomState: 0 }),
      parameters: { alpha: loguniform(1e-4, 1) },
      patience: true,
      maxIter: 27,
      aggressiveness: 4,
      randomState: 0,
    },
  ],
  SuccessiveHalvingSearchCV: () => [
    {
      estimator: new SGDClassifier({ loss: "logLoss", randomState: 0 }),
      parameters: { alpha: loguniform(1e-4, 1e-2) },
      nInitialParameters: 6,
      nInitialIter: 4,
      randomState: 0,
    },
  ],
  IncrementalSearchCV: () => [
    {
      estimator: new SGDClassifier({ loss: "logLoss", randomState: 0 }),
      parameters: { alpha: [1e-4, 1e-3, 1e-2] },
      nInitialParameters: "grid",
      blockSize: 30,
      maxIter: 12,
      randomState: 0,
    },
    {
      estimator: new SGDRegressor({ eta0: 0.003, randomState: 0 }),
      parameters: { alpha: loguniform(1e-4, 1) },
      nInitialParameters: 4,
      decayRate: 1,
      patience: 3,
      maxIter: 30,
      randomState: 0,
    },
  ],
  HistGradientBoostingClassifier: () => [
    { maxIter: 15 },
    { maxIter: 10, classWeight: "balanced", maxLeafNodes: 5, multiStrategy: "multiOutputTree" },
  ],
  HistGradientBoostingRanker: () => [{ maxIter: 15 }, { maxIter: 10, lambdarankNorm: false, maxLeafNodes: 5 }],
  HistGradientBoostingRegressor: () => [
    { maxIter: 30 },
    { maxIter: 20, maxFeatures: 0.7, pathSmooth: 1, l1Regularization: 0.1, interactionCst: "pairwise", randomState: 0 },
    { maxIter: 10, linearTree: true, linearLambda: 1 },
  ],
  FixedThresholdClassifier: () => [{ estimator: new LogisticRegression({ tol: 1e-9, maxIter: 500 }), threshold: 0.3 }],
  FunctionTransformer: () => [{ validate: true, featureNamesOut: "oneToOne" }],
  GammaRegressor: () => [{ tol: 1e-9, maxIter: 500 }],
  HuberRegressor: () => [{ tol: 1e-9 }],
  Lasso: () => [{ tol: 1e-9, alpha: 0.1 }, { positive: true }],
  LassoCV: () => [{ tol: 1e-9, alphas: 10, selection: "random" }],
  LinearRegression: () => [{}, { positive: true }],
  Incremental: () => [
    { estimator: new GaussianNB(), blockSize: 50 },
    { estimator: new SGDClassifier({ loss: "logLoss", alpha: 0.01, randomState: 0 }), blockSize: 30 },
    { estimator: new SGDRegressor({ eta0: 0.003, randomState: 0 }), blockSize: 20 },
  ],
  LinearSVC: () => [{}, { penalty: "l1", C: 0.1 }, { loss: "hinge", C: 0.1, tol: 1e-8, maxIter: 100_000 }],
  LogisticRegression: () => [
    { tol: 1e-9, maxIter: 500 },
    { tol: 1e-9, solver: "newton-cholesky", C: 0.5 },
    { tol: 1e-9, l1Ratio: 0.7, C: 0.5, maxIter: 500 },
  ],
  LogisticRegressionCV: () => [
    { tol: 1e-9, maxIter: 500, Cs: [0.1, 1], cv: 3, scoring: "negLogLoss" },
    { tol: 1e-9, maxIter: 500, Cs: [0.1, 1], cv: 3, l1Ratios: [0, 1], refit: false },
  ],
  IncrementalPCA: () => [{ batchSize: 50 }, { nComponents: 1, whiten: true }],
  KBinsDiscretizer: () => [
    { encode: "ordinal" },
    { encode: "onehot-dense", strategy: "kmeans", nBins: 3 },
    { encode: "ordinal", strategy: "uniform", nBins: 70 },
  ],
  PolynomialFeatures: () => [{}, { degree: [2, 3], interactionOnly: true, includeBias: false, order: "F" }],
  SplineTransformer: () => [
    {},
    { degree: 2, extrapolation: "periodic", includeBias: false, order: "F" },
    { extrapolation: "linear", handleMissing: "zeros" },
  ],
  KMeans: () => [{ nClusters: 3 }, { nClusters: 4, init: "random", nInit: 3 }],
  MinMaxScaler: () => [{}, { featureRange: [-1, 2], clip: true }],
  KNNImputer: () => [{}, { weights: "distance", nNeighbors: 3, addIndicator: true }],
  KNeighborsClassifier: () => [{}, { weights: "distance", metric: "manhattan" }],
  KNeighborsRegressor: () => [{}, { weights: "distance", nNeighbors: 3, p: 1.5 }],
  RadiusNeighborsClassifier: () => [{ radius: 4, weights: "distance" }],
  RadiusNeighborsRegressor: () => [{ radius: 100, weights: "distance" }],
  MissingIndicator: () => [{ features: "all" }],
  Normalizer: () => [{}, { norm: "l1" }, { norm: "max" }],
  OneHotEncoder: () => [
    { handleUnknown: "ignore", sparseOutput: false },
    { handleUnknown: "infrequentIfExist", maxCategories: 5, drop: "first", sparseOutput: false },
  ],
  OrdinalEncoder: () => [{ handleUnknown: "useEncodedValue", unknownValue: -1 }],
  TargetEncoder: () => [{}, { smooth: 10, targetType: "continuous", shuffle: false, cv: 3 }],
  MiniBatchKMeans: () => [{ nClusters: 3, batchSize: 64 }],
  PCA: () => [{}, { nComponents: 1, svdSolver: "randomized", whiten: true }, { nComponents: 0.9, svdSolver: "full" }],
  ParallelPostFit: () => [{ estimator: new LogisticRegression({ tol: 1e-9, maxIter: 500 }), blockSize: 50 }],
  Pipeline: () =>
    ["LogisticRegression", "HistGradientBoostingRegressor", "DummyRegressor", undefined]
      .filter((last) => last === undefined || Object.hasOwn(ESTIMATORS, last))
      .map((last) => ({
        steps: [
          ["scale", new StandardScaler()],
          ["last", last === undefined ? "passthrough" : create(last, VARIANTS[last]?.()[0] ?? {})],
        ],
      })),
  PoissonRegressor: () => [{ tol: 1e-9, maxIter: 500 }],
  PowerTransformer: () => [{}, { standardize: false }],
  QuantileRegressor: () => [{ alpha: 0.001 }, { quantile: 0.4, alpha: 0, solver: "highs-ds" }],
  QuantileTransformer: () => [
    { nQuantiles: 20 },
    { nQuantiles: 50, outputDistribution: "normal" },
    { nQuantiles: 10, subsample: 40 },
  ],
  RandomizedSearchCV: () => [
    {
      estimator: new GaussianNB(),
      paramDistributions: { varSmoothing: loguniform(1e-9, 1e-3) },
      nIter: 3,
      cv: new KFold({ nSplits: 3 }),
      randomState: 0,
    },
  ],
  Ridge: () => [{}, { alpha: 5, fitIntercept: false }],
  RidgeCV: () => [{}, { scoring: "negMeanAbsoluteError" }, { cv: 3, scoring: "r2" }],
  RidgeClassifierCV: () => [{}, { scoring: "accuracy", classWeight: "balanced" }, { cv: 3, alphas: [0.1, 1] }],
  RobustScaler: () => [{}, { quantileRange: [10, 80], unitVariance: true, withCentering: false }],
  SimpleImputer: () => [{}, { strategy: "median", addIndicator: true }, { strategy: "mostFrequent" }],
  SGDClassifier: () => [
    {},
    { loss: "logLoss", average: true, penalty: "elasticnet" },
    { loss: "modifiedHuber", learningRate: "adaptive" },
  ],
  SGDRegressor: () => [{ eta0: 0.001 }],
  StackingClassifier: () => [
    { estimators: [...CLASSIFYING_MEMBERS(), ["out", "drop"]], cv: 3 },
    {
      estimators: [...CLASSIFYING_MEMBERS(), ["ridge", new Ridge()]],
      stackMethod: "predict",
      passthrough: true,
      cv: new KFold({ nSplits: 3, shuffle: true, randomState: 0 }),
    },
  ],
  StackingRegressor: () => [
    { estimators: REGRESSING_MEMBERS() },
    { estimators: REGRESSING_MEMBERS(), finalEstimator: new Ridge(), passthrough: true, cv: 3 },
  ],
  StandardScaler: () => [{}, { withMean: false }, { withStd: false }],
  TfidfTransformer: () => [{}, { norm: "l1", smoothIdf: false }],
  TransformedTargetRegressor: () => [{}, { regressor: new Ridge(), transformer: new StandardScaler() }],
  TruncatedSVD: () => [{ nComponents: 1 }, { nComponents: 1, algorithm: "arpack" }],
  TunedThresholdClassifierCV: () => [
    { estimator: new LogisticRegression({ tol: 1e-9, maxIter: 500 }), cv: 3, thresholds: 20 },
    { estimator: new GaussianNB(), cv: 2, scoring: "accuracy", thresholds: [-1, 0.2, 0.4, 0.9] },
  ],
  TweedieRegressor: () => [
    { tol: 1e-9, maxIter: 500 },
    { tol: 1e-9, power: 1.5, solver: "newton-cholesky" },
  ],
  VotingClassifier: () => [
    { estimators: [...CLASSIFYING_MEMBERS(), ["out", "drop"]] },
    { estimators: CLASSIFYING_MEMBERS(), voting: "soft", weights: [2, 1] },
  ],
  VotingRegressor: () => [{ estimators: REGRESSING_MEMBERS(), weights: [1, 3] }],
};

/** Checks that do not hold for an estimator, as in scikit-learn, and why. */
const EXCEPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  AdaBoostRegressor: { "weights repeat rows": "rows are drawn by number: other rows, other draws" },
  BaggingClassifier: { "weights repeat rows": "rows are drawn by number: other rows, other draws" },
  BaggingRegressor: { "weights repeat rows": "rows are drawn by number: other rows, other draws" },
  BlockwiseVotingClassifier: { "weights repeat rows": "blocks are of so many rows, whatever they weigh" },
  BlockwiseVotingRegressor: { "weights repeat rows": "blocks are of so many rows, whatever they weigh" },
  CalibratedClassifierCV: { "weights repeat rows": "repeated rows fall into other folds" },
  ColumnTransformer: { "names in another order": "it finds columns by name" },
  // Weights of classes multiply whole counts, sample weights are added up row by row: nearly equal splits may change places.
  DecisionTreeClassifier: { "class weights are sample weights": "sums round differently" },
  ExtraTreeClassifier: { "class weights are sample weights": "sums round differently" },
  ExtraTreesClassifier: { "class weights are sample weights": "sums round differently" },
  IsolationForest: { "weights repeat rows": "a row that is drawn twice is there once" },
  RandomForestClassifier: { "weights repeat rows": "rows are drawn by number: other rows, other draws" },
  RandomForestRegressor: { "weights repeat rows": "rows are drawn by number: other rows, other draws" },
  DummyRegressor: {
    "equal weights count as none": "a weighted median is a value of y, that of an even number of rows is not",
  },
  ElasticNetCV: { "weights repeat rows": "repeated rows fall into other folds" },
  GammaRegressor: { "score is R²": "it is D², the fraction of its deviance explained" },
  GridSearchCV: { "weights repeat rows": "repeated rows fall into other folds" },
  HalvingGridSearchCV: { "weights repeat rows": "repeated rows fall into other folds" },
  HalvingRandomSearchCV: { "weights repeat rows": "repeated rows fall into other folds" },
  HashingVectorizer: { "needs a fit": "there is nothing to learn" },
  HistGradientBoostingClassifier: {
    "weights repeat rows": "minSamplesLeaf counts rows, and gradients are rounded by row",
  },
  HistGradientBoostingRanker: {
    "weights repeat rows": "a document twice in a query takes two of its ranks",
    "a pipeline of it alone": "it is told the queries by its step's name",
  },
  HistGradientBoostingRegressor: {
    "weights repeat rows": "minSamplesLeaf counts rows, and gradients are rounded by row",
  },
  KMeans: { "weights repeat rows": "first centres are drawn by row: other rows, other draws" },
  MiniBatchKMeans: { "weights repeat rows": "first centres and batches are drawn by row: other rows, other draws" },
  LogisticRegressionCV: {
    "weights repeat rows": "repeated rows fall into other folds",
    "class weights are sample weights": "scores weigh rows by sample weights alone",
  },
  LassoCV: { "weights repeat rows": "repeated rows fall into other folds" },
  HyperbandSearchCV: {
    "weights repeat rows": "repeated rows fall into other parts",
    "nIter_ of maxIter": "maxIter is of every model: partialFitCalls in cvResults_ tells them",
  },
  SuccessiveHalvingSearchCV: {
    "weights repeat rows": "repeated rows fall into other parts",
    "nIter_ of maxIter": "maxIter is of every model: partialFitCalls in cvResults_ tells them",
  },
  IncrementalSearchCV: {
    "weights repeat rows": "repeated rows fall into other parts",
    "nIter_ of maxIter": "maxIter is of every model: partialFitCalls in cvResults_ tells them",
  },
  Incremental: {
    "weights repeat rows": "blocks are of so many rows, whatever they weigh",
    "classes of partialFit": "y is there as a whole, so it tells the classes itself",
  },
  LinearSVC: {
    "class weights are sample weights": "with more than two classes they count for the class's own rows only",
  },
  Perceptron: {
    "weights repeat rows": "a step is made per row; its weight makes it longer",
    "class weights are sample weights": "with more than two classes they count for the class's own rows only",
  },
  Pipeline: { "weights repeat rows": "weights go to the last step: a scaler before it counts rows" },
  NearestNeighbors: { "a pipeline of it alone": "a pipeline does not search" },
  PoissonRegressor: { "score is R²": "it is D², the fraction of its deviance explained" },
  RandomizedSearchCV: { "weights repeat rows": "repeated rows fall into other folds" },
  RFECV: { "weights repeat rows": "repeated rows fall into other folds" },
  RidgeClassifierCV: {
    "weights repeat rows": "leaving one of several equal rows out is not leaving a weighted row out",
    "class weights are sample weights": "scores of rows that are left out do not weigh them",
  },
  RidgeCV: { "weights repeat rows": "leaving one of several equal rows out is not leaving a weighted row out" },
  StackingClassifier: { "weights repeat rows": "repeated rows fall into other folds" },
  StackingRegressor: { "weights repeat rows": "repeated rows fall into other folds" },
  TransformedTargetRegressor: { "weights repeat rows": "a scaler of the targets counts rows" },
  TargetEncoder: { "fitTransform is fit, then transform": "it encodes each row without its own target" },
  TunedThresholdClassifierCV: { "weights repeat rows": "repeated rows fall into other folds" },
  TweedieRegressor: { "score is R²": "it is D², the fraction of its deviance explained" },
  SGDClassifier: {
    "weights repeat rows": "a step is made per row; its weight makes it longer",
    "class weights are sample weights": "with more than two classes they count for the class's own rows only",
  },
  SGDRegressor: { "weights repeat rows": "a step is made per row; its weight makes it longer" },
};

export function isExcepted(subject: AnyEstimator, check: string): boolean {
  const names = [subject.className, ...Object.values(namedSteps(subject)).map((step) => step.className)];
  return names.some((name) => EXCEPTIONS[name]?.[check] !== undefined);
}

function namedSteps(subject: AnyEstimator): Record<string, AnyEstimator> {
  const { namedSteps: steps = {} } = subject as { namedSteps?: Record<string, AnyEstimator> };
  return Object.fromEntries(Object.entries(steps).filter(([, step]) => typeof step === "object"));
}

/** A new estimator of a registered class; randomState 0 unless given. */
export function create(className: string, params: Params): Subject {
  const type = ESTIMATORS[className] as unknown as new (params: Params) => Subject;
  const seeded = Object.hasOwn(new type({}).paramSpecs, "randomState") ? { randomState: 0 } : {};
  const subject = new type({ ...seeded, ...params });
  return subject.tags.kind === "ranker" ? withQueries(subject) : subject;
}

/** A ranker that is told that every ten rows are a query, where it must be told. */
function withQueries(subject: Subject): Subject {
  const told =
    <R>(method: (X: MatrixLike, y?: VectorLike, options?: object) => R) =>
    (X: MatrixLike, y?: VectorLike, options?: object): R => {
      const { length } = (y ?? []) as ArrayLike<unknown>;
      return method.call(subject, X, y, { groupId: Array.from({ length }, (_, i) => Math.floor(i / 10)), ...options });
    };
  const { fit, score } = subject;
  return Object.assign(subject, { fit: told(fit), score: score && told(score) });
}

/** One entry of the suite: a way to make an estimator, and the data it is tried on. */
export interface Entry {
  readonly name: string;
  readonly className: string;
  readonly params: Params;
  readonly make: (more?: Params) => Subject;
  readonly tags: Subject["tags"];
  readonly specs: Readonly<Record<string, { default: unknown; expected: string; invalid: unknown }>>;
}

/** TREELINE_CONTRACT="Ridge,Lasso" tries only classes whose names contain one of these: while one is being written. */
const wanted = process.env.TREELINE_CONTRACT?.split(",") ?? [""];
const classNames = Object.keys(ESTIMATORS).filter((className) => wanted.some((part) => className.includes(part)));

/** Every registered estimator in every variant. */
export const ALL: readonly Entry[] = classNames.flatMap((className) =>
  (VARIANTS[className]?.() ?? [{}]).map((params, i) => {
    const make = (more: Params = {}): Subject => create(className, { ...params, ...more });
    const first = make();
    const name = i === 0 ? className : `${className} (${i + 1})`;
    const specs = first.paramSpecs as unknown as Entry["specs"];
    return { name, className, params, make, tags: first.tags, specs };
  }),
);

/** Those that learn from a table X of numbers; where X holds codes of categories, the module's own tests do. */
export const TABULAR = ALL.filter(
  ({ tags }) =>
    tags.labelsOnly !== true && tags.documents !== true && tags.oneColumn !== true && tags.categoryCodes !== true,
);
export const CLASSIFIERS = TABULAR.filter(({ tags }) => tags.kind === "classifier");
export const CLUSTERERS = TABULAR.filter(({ tags }) => tags.kind === "clusterer");
export const REGRESSORS = TABULAR.filter(({ tags }) => tags.kind === "regressor");
export const RANKERS = TABULAR.filter(({ tags }) => tags.kind === "ranker");
export const TRANSFORMERS = TABULAR.filter(({ tags }) => tags.kind === "transformer");

/** Data that suits an estimator: blobs of classes or clusters, a linear target, or the exponential of one. */
export function problemFor(entry: Entry, rows = 120): Problem {
  if (entry.tags.positiveY === true) return positive(rows);
  if (entry.tags.kind === "ranker") return graded(rows);
  if (entry.tags.twoClasses === true) return suited(entry, blobs(rows, 2));
  const isGrouped = entry.tags.kind === "classifier" || entry.tags.kind === "clusterer";
  return isGrouped ? suited(entry, blobs(rows)) : linear(rows);
}

/** The problem moved to where an estimator can have it: counts are not negative. */
export function suited({ tags }: Entry, { X, y }: Problem): Problem {
  return tags.positiveOnly === true ? { X: X.map((row) => row.map((x) => x + 16)), y } : { X, y };
}

const ANSWERS = ["predict", "predictProba", "predictLogProba", "decisionFunction", "transform"] as const;

/** Everything an estimator says about X, as plain arrays by method. */
export async function answers(subject: Subject, X: MatrixLike): Promise<Record<string, unknown[]>> {
  const said: Record<string, unknown[]> = {};
  for (const method of ANSWERS) {
    const call = subject[method];
    if (typeof call === "function") said[method] = flat(await call.call(subject, X));
  }
  if (subject.tags.kind === "search" && subject.kneighbors !== undefined) {
    const { distances, indices } = await subject.kneighbors(X);
    said["kneighbors"] = distances.toArray().flatMap((row, i) => [...row, ...Array.from(indices.row(i))]);
  }
  return said;
}

/** The numbers of a Matrix or CsrMatrix row by row, or the elements of an array. */
export function flat(result: ArrayLike<unknown> | CsrMatrix | { toArray(): number[][] }): unknown[] {
  if (result instanceof CsrMatrix) return result.toDense().toArray().flat();
  return "toArray" in result ? result.toArray().flat() : Array.from(result);
}

/** The error a call ends with. */
export async function errorOf(call: () => unknown): Promise<Error & { code?: string }> {
  try {
    await call();
  } catch (error) {
    return error as Error;
  }
  throw new Error("expected an error, but none was thrown");
}

process.removeAllListeners("warning"); // convergence and feature names: not what these tests look at

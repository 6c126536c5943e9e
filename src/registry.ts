import { TreelineError, invalidArgument, show } from "./base/errors.js";
import type { AnyEstimator } from "./base/estimator.js";
import { nearest } from "./base/params.js";
import { estimatorFromBuffer, estimatorFromJson, loadEstimator, type Made } from "./base/persistence.js";
import { fromSklearnSpelling } from "./base/sklearn-params.js";
import { GridSearchCV, RandomizedSearchCV } from "./model-selection/grid-search-cv.js";
import { HalvingGridSearchCV, HalvingRandomSearchCV } from "./model-selection/halving-search-cv.js";
import { HyperbandSearchCV } from "./model-selection/hyperband-search-cv.js";
import { IncrementalSearchCV } from "./model-selection/incremental-search-cv.js";
import { SuccessiveHalvingSearchCV } from "./model-selection/successive-halving-search-cv.js";
import { GroupKFold, StratifiedGroupKFold } from "./model-selection/group-k-fold.js";
import { KFold, RepeatedKFold, RepeatedStratifiedKFold, StratifiedKFold } from "./model-selection/k-fold.js";
import {
  LeaveOneGroupOut,
  LeaveOneOut,
  LeavePGroupsOut,
  LeavePOut,
  PredefinedSplit,
} from "./model-selection/leave-out.js";
import { GroupShuffleSplit, ShuffleSplit, StratifiedShuffleSplit } from "./model-selection/shuffle-split.js";
import { TimeSeriesSplit } from "./model-selection/time-series-split.js";
import { KMeans } from "./cluster/kmeans.js";
import { MiniBatchKMeans } from "./cluster/mini-batch-kmeans.js";
import { IncrementalPCA } from "./decomposition/incremental-pca.js";
import { PCA } from "./decomposition/pca.js";
import { TruncatedSVD } from "./decomposition/truncated-svd.js";
import { AdaBoostClassifier } from "./ensemble/ada-boost-classifier.js";
import { AdaBoostRegressor } from "./ensemble/ada-boost-regressor.js";
import { BaggingClassifier } from "./ensemble/bagging-classifier.js";
import { BaggingRegressor } from "./ensemble/bagging-regressor.js";
import { BlockwiseVotingClassifier } from "./ensemble/blockwise-voting-classifier.js";
import { BlockwiseVotingRegressor } from "./ensemble/blockwise-voting-regressor.js";
import { DummyClassifier } from "./dummy/dummy-classifier.js";
import { DummyRegressor } from "./dummy/dummy-regressor.js";
import { ExtraTreesClassifier } from "./ensemble/extra-trees-classifier.js";
import { ExtraTreesRegressor } from "./ensemble/extra-trees-regressor.js";
import { HistGradientBoostingClassifier } from "./ensemble/hist-gradient-boosting-classifier.js";
import { HistGradientBoostingRanker } from "./ensemble/hist-gradient-boosting-ranker.js";
import { HistGradientBoostingRegressor } from "./ensemble/hist-gradient-boosting-regressor.js";
import { IsolationForest } from "./ensemble/isolation-forest.js";
import { RandomForestClassifier } from "./ensemble/random-forest-classifier.js";
import { RandomForestRegressor } from "./ensemble/random-forest-regressor.js";
import { StackingClassifier } from "./ensemble/stacking-classifier.js";
import { StackingRegressor } from "./ensemble/stacking-regressor.js";
import { VotingClassifier } from "./ensemble/voting-classifier.js";
import { VotingRegressor } from "./ensemble/voting-regressor.js";
import { ElasticNetCV } from "./linear-model/elastic-net-cv.js";
import { ElasticNet } from "./linear-model/elastic-net.js";
import { GammaRegressor } from "./linear-model/gamma-regressor.js";
import { HuberRegressor } from "./linear-model/huber-regressor.js";
import { LassoCV } from "./linear-model/lasso-cv.js";
import { Lasso } from "./linear-model/lasso.js";
import { LinearRegression } from "./linear-model/linear-regression.js";
import { LogisticRegression } from "./linear-model/logistic-regression.js";
import { LogisticRegressionCV } from "./linear-model/logistic-regression-cv.js";
import { PoissonRegressor } from "./linear-model/poisson-regressor.js";
import { QuantileRegressor } from "./linear-model/quantile-regressor.js";
import { RidgeClassifier } from "./linear-model/ridge-classifier.js";
import { RidgeClassifierCV } from "./linear-model/ridge-classifier-cv.js";
import { RidgeCV } from "./linear-model/ridge-cv.js";
import { Ridge } from "./linear-model/ridge.js";
import { TweedieRegressor } from "./linear-model/tweedie-regressor.js";
import { BernoulliNB } from "./naive-bayes/bernoulli-nb.js";
import { CategoricalNB } from "./naive-bayes/categorical-nb.js";
import { ComplementNB } from "./naive-bayes/complement-nb.js";
import { GaussianNB } from "./naive-bayes/gaussian-nb.js";
import { MultinomialNB } from "./naive-bayes/multinomial-nb.js";
import { KNeighborsClassifier } from "./neighbors/k-neighbors-classifier.js";
import { KNeighborsRegressor } from "./neighbors/k-neighbors-regressor.js";
import { NearestNeighbors } from "./neighbors/nearest-neighbors.js";
import { RadiusNeighborsClassifier } from "./neighbors/radius-neighbors-classifier.js";
import { RadiusNeighborsRegressor } from "./neighbors/radius-neighbors-regressor.js";
import { Perceptron } from "./linear-model/perceptron.js";
import { SGDClassifier } from "./linear-model/sgd-classifier.js";
import { SGDRegressor } from "./linear-model/sgd-regressor.js";
import { LinearSVC } from "./svm/linear-svc.js";
import { DecisionTreeClassifier } from "./tree/decision-tree-classifier.js";
import { DecisionTreeRegressor } from "./tree/decision-tree-regressor.js";
import { ExtraTreeClassifier } from "./tree/extra-tree-classifier.js";
import { ExtraTreeRegressor } from "./tree/extra-tree-regressor.js";
import { Incremental } from "./wrappers/incremental.js";
import { ParallelPostFit } from "./wrappers/parallel-post-fit.js";
import { CalibratedClassifierCV } from "./calibration/calibrated-classifier-cv.js";
import { IsotonicRegression } from "./isotonic/isotonic-regression.js";
import { FixedThresholdClassifier } from "./model-selection/fixed-threshold-classifier.js";
import { TunedThresholdClassifierCV } from "./model-selection/tuned-threshold-classifier-cv.js";
import { ColumnTransformer } from "./compose/column-transformer.js";
import { TransformedTargetRegressor } from "./compose/transformed-target-regressor.js";
import { KNNImputer } from "./impute/knn-imputer.js";
import { CountVectorizer } from "./feature-extraction/count-vectorizer.js";
import { HashingVectorizer } from "./feature-extraction/hashing-vectorizer.js";
import { TfidfTransformer } from "./feature-extraction/tfidf-transformer.js";
import { TfidfVectorizer } from "./feature-extraction/tfidf-vectorizer.js";
import { GenericUnivariateSelect, SelectFdr, SelectFpr, SelectFwe } from "./feature-selection/p-value-filters.js";
import { RFE } from "./feature-selection/rfe.js";
import { RFECV } from "./feature-selection/rfecv.js";
import { SelectFromModel } from "./feature-selection/select-from-model.js";
import { SelectKBest, SelectPercentile } from "./feature-selection/select-k-best.js";
import { VarianceThreshold } from "./feature-selection/variance-threshold.js";
import { MissingIndicator } from "./impute/missing-indicator.js";
import { SimpleImputer } from "./impute/simple-imputer.js";
import { FeatureUnion } from "./pipeline/feature-union.js";
import { Pipeline } from "./pipeline/pipeline.js";
import { FunctionTransformer } from "./preprocessing/function-transformer.js";
import { KBinsDiscretizer } from "./preprocessing/k-bins-discretizer.js";
import { MaxAbsScaler, MinMaxScaler } from "./preprocessing/min-max-scaler.js";
import { Binarizer, Normalizer } from "./preprocessing/normalizer.js";
import { OneHotEncoder } from "./preprocessing/one-hot-encoder.js";
import { OrdinalEncoder } from "./preprocessing/ordinal-encoder.js";
import { PolynomialFeatures } from "./preprocessing/polynomial-features.js";
import { PowerTransformer } from "./preprocessing/power-transformer.js";
import { QuantileTransformer } from "./preprocessing/quantile-transformer.js";
import { RobustScaler } from "./preprocessing/robust-scaler.js";
import { LabelBinarizer } from "./preprocessing/label-binarizer.js";
import { LabelEncoder } from "./preprocessing/label-encoder.js";
import { MultiLabelBinarizer } from "./preprocessing/multi-label-binarizer.js";
import { TargetEncoder } from "./preprocessing/target-encoder.js";
import { SplineTransformer } from "./preprocessing/spline-transformer.js";
import { StandardScaler } from "./preprocessing/standard-scaler.js";

/** Every estimator there is: what `load` can bring back, and what the contract tests run on. One line each. */
export const ESTIMATORS: Readonly<Record<string, new (params?: never) => AnyEstimator>> = {
  AdaBoostClassifier,
  AdaBoostRegressor,
  BaggingClassifier,
  BaggingRegressor,
  BernoulliNB,
  Binarizer,
  BlockwiseVotingClassifier,
  BlockwiseVotingRegressor,
  CalibratedClassifierCV,
  CategoricalNB,
  ColumnTransformer,
  ComplementNB,
  CountVectorizer,
  DecisionTreeClassifier,
  DecisionTreeRegressor,
  DummyClassifier,
  DummyRegressor,
  ElasticNet,
  ElasticNetCV,
  FeatureUnion,
  FixedThresholdClassifier,
  FunctionTransformer,
  ExtraTreeClassifier,
  ExtraTreeRegressor,
  ExtraTreesClassifier,
  ExtraTreesRegressor,
  GammaRegressor,
  GaussianNB,
  GenericUnivariateSelect,
  GridSearchCV,
  HalvingGridSearchCV,
  HalvingRandomSearchCV,
  HashingVectorizer,
  HistGradientBoostingClassifier,
  HistGradientBoostingRanker,
  HistGradientBoostingRegressor,
  HuberRegressor,
  IncrementalPCA,
  IsolationForest,
  IsotonicRegression,
  KBinsDiscretizer,
  KMeans,
  Incremental,
  IncrementalSearchCV,
  HyperbandSearchCV,
  SuccessiveHalvingSearchCV,
  LabelBinarizer,
  LabelEncoder,
  MultiLabelBinarizer,
  TargetEncoder,
  Lasso,
  LassoCV,
  LinearRegression,
  LinearSVC,
  LogisticRegression,
  LogisticRegressionCV,
  MaxAbsScaler,
  MinMaxScaler,
  KNNImputer,
  KNeighborsClassifier,
  KNeighborsRegressor,
  MissingIndicator,
  NearestNeighbors,
  RadiusNeighborsClassifier,
  RadiusNeighborsRegressor,
  MiniBatchKMeans,
  Normalizer,
  OneHotEncoder,
  OrdinalEncoder,
  PCA,
  MultinomialNB,
  ParallelPostFit,
  Perceptron,
  Pipeline,
  PoissonRegressor,
  PolynomialFeatures,
  PowerTransformer,
  QuantileRegressor,
  QuantileTransformer,
  RandomizedSearchCV,
  RandomForestClassifier,
  RandomForestRegressor,
  Ridge,
  RidgeCV,
  RidgeClassifier,
  RidgeClassifierCV,
  RobustScaler,
  SGDClassifier,
  SGDRegressor,
  SelectFdr,
  SelectFpr,
  SelectFwe,
  RFE,
  RFECV,
  SelectFromModel,
  SelectKBest,
  SelectPercentile,
  SimpleImputer,
  StackingClassifier,
  StackingRegressor,
  SplineTransformer,
  StandardScaler,
  TfidfTransformer,
  TfidfVectorizer,
  TransformedTargetRegressor,
  TruncatedSVD,
  TunedThresholdClassifierCV,
  TweedieRegressor,
  VarianceThreshold,
  VotingClassifier,
  VotingRegressor,
};

/** What else a saved parameter can be. */
const SPLITTERS: Readonly<Record<string, new (params?: never) => Made>> = {
  GroupKFold,
  GroupShuffleSplit,
  KFold,
  LeaveOneGroupOut,
  LeaveOneOut,
  LeavePGroupsOut,
  LeavePOut,
  PredefinedSplit,
  RepeatedKFold,
  RepeatedStratifiedKFold,
  ShuffleSplit,
  StratifiedGroupKFold,
  StratifiedKFold,
  StratifiedShuffleSplit,
  TimeSeriesSplit,
};

/** An unfitted estimator or splitter of a saved class. @internal */
export function construct(className: string, params: object): AnyEstimator | Made {
  const types = Object.hasOwn(SPLITTERS, className) ? SPLITTERS : ESTIMATORS;
  const type = Object.hasOwn(types, className) ? types[className] : undefined;
  if (type === undefined) {
    throw new TreelineError("ERR_INVALID_DATA", `load: this version of treeline has no estimator ${className}`);
  }
  return new type(params as never);
}

/**
 * Reads an estimator that `save` wrote; it predicts the same, bit for bit.
 *
 * @example const model = await load<LogisticRegression>("fraud.treeline");
 * @throws TreelineError ERR_IO when the file cannot be read, ERR_INVALID_DATA when it is no Treeline model, is damaged, or
 * was saved by a newer version.
 */
export async function load<E extends AnyEstimator = AnyEstimator>(path: string): Promise<E> {
  return (await loadEstimator(path, construct)) as E;
}

/** An estimator from the bytes of toBuffer(). @throws TreelineError ERR_INVALID_DATA, as load. */
export function fromBuffer<E extends AnyEstimator = AnyEstimator>(bytes: Uint8Array): E {
  return estimatorFromBuffer(bytes, construct) as E;
}

/** An estimator from what toJSON() gave. @throws TreelineError ERR_INVALID_DATA, as load. */
export function fromJSON<E extends AnyEstimator = AnyEstimator>(json: unknown): E {
  return estimatorFromJson(json, construct) as E;
}

/**
 * An unfitted estimator from the parameters of scikit-learn's of the same name: `json.dumps(model.get_params(deep=False))`
 * in Python. Names and values are brought into Treeline's spelling (`n_estimators`, `"log_loss"`), what
 * says only how scikit-learn computes is left out (`copy_X`, `precompute`). Other parameters that Treeline does not have are
 * refused unless they are None, False or 0.
 *
 * @example const model = fromSklearn("LogisticRegression", { C: 10, class_weight: "balanced", n_jobs: null });
 * @throws TreelineError ERR_INVALID_ARGUMENT for a class or a parameter that Treeline does not have.
 */
export function fromSklearn<E extends AnyEstimator = AnyEstimator>(
  className: string,
  params: Readonly<Record<string, unknown>> = {},
): E {
  const type = Object.hasOwn(ESTIMATORS, className) ? ESTIMATORS[className] : undefined;
  if (type === undefined) {
    throw invalidArgument(
      `fromSklearn: there is no estimator ${show(className)}${nearest(className, Object.keys(ESTIMATORS))}`,
    );
  }
  if (typeof params !== "object" || params === null || Array.isArray(params)) {
    throw invalidArgument(`fromSklearn: expected the object that get_params() gives, got ${show(params)}`);
  }
  const translated = fromSklearnSpelling(params, new type().paramSpecs);
  if (translated.unknown.length > 0) {
    throw invalidArgument(
      `fromSklearn: ${className} has no ${translated.unknown.join(", ")} here; leave ${translated.unknown.length > 1 ? "them" : "it"} out`,
    );
  }
  return new type(translated.params as never) as E;
}

"""Writes meta_ensembles.json: voting, stacking, bagging, boosting and transformed targets of scikit-learn 1.9.1, with members that
draw nothing. Run: python test/parity/make_meta_ensembles.py"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier, BaggingRegressor, StackingClassifier, StackingRegressor, VotingClassifier, VotingRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, RidgeClassifier
from sklearn.model_selection import KFold
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import MinMaxScaler, StandardScaler

assert sklearn.__version__ == "1.9.1", sklearn.__version__
warnings.simplefilter("ignore")
iris = load_iris(return_X_y=True)
cancer = load_breast_cancer(return_X_y=True)
cancer = (StandardScaler().fit_transform(cancer[0])[:, :6], cancer[1])
diabetes = load_diabetes(return_X_y=True)
data = {"iris": iris, "cancer": cancer, "diabetes": diabetes}
MODELS = {
    "logistic": LogisticRegression(tol=1e-10, max_iter=1000),
    "bayes": GaussianNB(),
    "margin": RidgeClassifier(),
    "ridge": Ridge(),
    "linear": LinearRegression(),
    "strong": Ridge(alpha=10),
    "drop": "drop",
}
members = lambda names: [(name, MODELS[name]) for name in names]
some = lambda values: np.asarray(values)[::7].ravel().tolist()

voting = []
for where, names, ours in [
    ("iris", ["logistic", "bayes", "margin"], {}),
    ("iris", ["logistic", "bayes", "margin"], {"weights": [1, 3, 1.5]}),
    ("iris", ["logistic", "drop", "bayes"], {"voting": "soft"}),
    ("cancer", ["logistic", "bayes"], {"voting": "soft", "weights": [1, 2]}),
]:
    X, y = data[where]
    model = VotingClassifier(members(names), **ours).fit(X, y)
    soft = ours.get("voting") == "soft"
    voting.append([where, names, ours, model.predict(X).tolist(), some(model.predict_proba(X)) if soft else None, some(model.transform(X)),
                   model.get_feature_names_out().tolist()])
averaging = []
for names, ours in [(["ridge", "linear", "strong"], {}), (["ridge", "drop", "strong"], {"weights": [1, 5, 2]})]:
    X, y = diabetes
    model = VotingRegressor(members(names), **ours).fit(X, y)
    averaging.append([names, ours, some(model.predict(X)), some(model.transform(X)), model.get_feature_names_out().tolist(), model.score(X, y)])

stacking = []
for where, names, ours, cv in [
    ("iris", ["logistic", "bayes", "margin"], {}, 5),
    ("cancer", ["logistic", "bayes", "margin"], {"passthrough": True}, 3),
    ("cancer", ["logistic", "drop", "bayes"], {"stack_method": "predict"}, KFold(4)),
]:
    X, y = data[where]
    final = LogisticRegression(tol=1e-10, max_iter=5000)
    model = StackingClassifier(members(names), final, cv=cv, **ours).fit(X, y)
    spelt = {"stackMethod": "predict"} if "stack_method" in ours else ours
    stacking.append([where, names, spelt, cv if isinstance(cv, int) else "KFold", model.stack_method_, some(model.transform(X)), some(model.predict_proba(X)),
                     model.get_feature_names_out().tolist()])
regressing = []
for names, ours in [(["ridge", "linear", "strong"], {}), (["ridge", "drop", "strong"], {"passthrough": True})]:
    X, y = diabetes
    model = StackingRegressor(members(names), cv=KFold(4), **ours).fit(X, y)
    regressing.append([names, ours, some(model.predict(X)), some(model.transform(X)), model.get_feature_names_out().tolist(), model.score(X, y)])
fitted = [(name, MODELS[name].__class__().fit(diabetes[0], diabetes[1])) for name in ["ridge", "linear"]]
prefit = StackingRegressor(fitted, Ridge(alpha=0.5), cv="prefit").fit(*diabetes)

X, y = diabetes
two = np.column_stack([y, np.sqrt(y)])
targets = [some(TransformedTargetRegressor(**params).fit(X, t).predict(X)) for params, t in [
    ({}, y),
    ({"regressor": Ridge(), "func": np.log1p, "inverse_func": np.expm1}, y),
    ({"regressor": Ridge(), "transformer": MinMaxScaler()}, y),
    ({"regressor": LinearRegression(), "transformer": StandardScaler()}, two),
]]
# Samples are drawn otherwise here: all rows without replacement, so that only what follows the drawing is compared.
bagging = [some(BaggingClassifier(GaussianNB(), n_estimators=3, bootstrap=False).fit(*iris).predict_proba(iris[0])),
           some(BaggingRegressor(Ridge(), n_estimators=3, bootstrap=False).fit(*diabetes).predict(diabetes[0]))]
adaboost = []
for where, name, ours in [("iris", "bayes", {"n_estimators": 6, "learning_rate": 0.5}), ("cancer", "logistic", {"n_estimators": 8}),
                          ("cancer", "stump", {"n_estimators": 10, "learning_rate": 0.8})]:
    X, y = data[where]
    weights = 1 + np.arange(len(y)) % 3 if name == "bayes" else None
    estimator = None if name == "stump" else MODELS[name]
    model = AdaBoostClassifier(estimator, random_state=0, **ours).fit(X, y, sample_weight=weights)
    adaboost.append([where, name, {"nEstimators": ours["n_estimators"], "learningRate": ours.get("learning_rate", 1)}, model.estimator_weights_.tolist(),
                     model.estimator_errors_.tolist(), some(model.predict_proba(X)), some(model.decision_function(X)), list(model.staged_score(X, y)),
                     model.feature_importances_.tolist() if name == "stump" else None])
path = pathlib.Path(__file__).with_name("meta_ensembles.json")
path.write_text(json.dumps(dict(voting=voting, averaging=averaging, stacking=stacking, regressing=regressing, prefit=some(prefit.predict(diabetes[0])), targets=targets, bagging=bagging, adaboost=adaboost)) + "\n")

"""Writes sgd.json: what scikit-learn 1.9.1's stochastic gradient descents learn without shuffling. Run: python test/parity/make_sgd.py"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.linear_model import Perceptron, SGDClassifier, SGDRegressor
from sklearn.preprocessing import StandardScaler

assert sklearn.__version__ == "1.9.1", sklearn.__version__
warnings.simplefilter("ignore")
MODELS = {m.__name__: m for m in (Perceptron, SGDClassifier, SGDRegressor)}
VALUES = {
    "logLoss": "log_loss",
    "squaredHinge": "squared_hinge",
    "modifiedHuber": "modified_huber",
    "squaredError": "squared_error",
    "epsilonInsensitive": "epsilon_insensitive",
    "squaredEpsilonInsensitive": "squared_epsilon_insensitive",
}
SPELLING = {
    "l1Ratio": "l1_ratio",
    "fitIntercept": "fit_intercept",
    "maxIter": "max_iter",
    "learningRate": "learning_rate",
    "powerT": "power_t",
    "nIterNoChange": "n_iter_no_change",
    "classWeight": "class_weight",
}

# Every case: model, data set, parameters in our spelling, weighted, and how many calls of partialFit (0: fit).
EPOCHS = {"tol": None, "maxIter": 7}
# Steps small enough that rounding does not grow from one to the next.
SMALL = {"learningRate": "invscaling", "eta0": 0.01}
CASES = [("SGDClassifier", "breast_cancer", {"loss": loss, **SMALL, **EPOCHS}, False, 0) for loss in ("hinge", "logLoss", "modifiedHuber", "squaredHinge", "perceptron", "squaredError", "huber", "epsilonInsensitive")]
CASES += [("SGDClassifier", "iris", {"loss": "logLoss", "penalty": penalty, "alpha": 0.01, **EPOCHS}, True, 0) for penalty in ("l2", "l1", "elasticnet", None)]
CASES += [
    ("SGDClassifier", "breast_cancer", {}, False, 0),
    ("SGDClassifier", "breast_cancer", {"loss": "logLoss", "alpha": 0.1}, False, 0),
    ("SGDClassifier", "breast_cancer", {"loss": "hinge", "penalty": "l1", "tol": 1e-4, "alpha": 1e-3}, False, 0),
    ("SGDClassifier", "breast_cancer", {"loss": "logLoss", "learningRate": "constant", "eta0": 0.05, "classWeight": {"0": 2, "1": 0.5}, **EPOCHS}, True, 0),
    ("SGDClassifier", "breast_cancer", {"loss": "logLoss", "learningRate": "adaptive", "eta0": 0.1, "maxIter": 200, "nIterNoChange": 2}, False, 0),
    ("SGDClassifier", "iris", {"loss": "hinge", "average": True, **EPOCHS}, False, 0),
    ("SGDClassifier", "iris", {"loss": "logLoss", "average": 400, "alpha": 0.1, **EPOCHS}, True, 0),
    ("SGDClassifier", "iris", {"loss": "logLoss", "alpha": 0.1, "average": 100000, **EPOCHS}, False, 0),
    ("SGDClassifier", "iris", {"loss": "hinge", "learningRate": "pa1", "eta0": 0.5, "penalty": None, **EPOCHS}, False, 0),
    ("SGDClassifier", "iris", {"loss": "hinge", "learningRate": "pa2", "eta0": 0.5, "penalty": None, **EPOCHS}, True, 0),
    ("SGDClassifier", "iris", {"loss": "logLoss"}, True, 4),
    ("SGDClassifier", "iris", {"loss": "modifiedHuber", "average": 50, "fitIntercept": False}, False, 4),
    ("SGDRegressor", "diabetes", {}, False, 0),
    ("SGDRegressor", "diabetes", {"loss": "huber", "epsilon": 20, "eta0": 0.1, **EPOCHS}, True, 0),
    ("SGDRegressor", "diabetes", {"loss": "epsilonInsensitive", "epsilon": 5, "penalty": "elasticnet", "l1Ratio": 0.5, **EPOCHS}, False, 0),
    ("SGDRegressor", "diabetes", {"loss": "squaredEpsilonInsensitive", "powerT": 0.5, "average": True, **EPOCHS}, False, 0),
    ("SGDRegressor", "diabetes", {"loss": "epsilonInsensitive", "learningRate": "pa1", "eta0": 1, **EPOCHS}, False, 0),
    ("SGDRegressor", "diabetes", {"alpha": 0.01, "average": 30}, True, 5),
    ("Perceptron", "breast_cancer", {**EPOCHS}, False, 0),
    ("Perceptron", "iris", {"penalty": "l2", "alpha": 1e-3, **EPOCHS}, True, 0),
]
LOADERS = {"breast_cancer": load_breast_cancer, "diabetes": load_diabetes, "iris": load_iris}


def table(name):
    """Standardised, and in an order in which classes alternate: the same as in sgd.test.ts."""
    X, y = LOADERS[name](return_X_y=True)
    order = np.arange(len(y)) * 37 % len(y)
    return StandardScaler().fit_transform(X)[order], y[order]


def case(name, dataset, params, weighted, parts):
    X, y = table(dataset)
    weight = 0.25 + np.arange(len(y)) % 7 if weighted else None
    given = {SPELLING.get(key, key): VALUES.get(value, value) if isinstance(value, str) else value for key, value in params.items()}
    if "class_weight" in given:
        given["class_weight"] = {int(key): value for key, value in given["class_weight"].items()}
    model = MODELS[name](shuffle=False, **given)
    if parts == 0:
        model.fit(X, y, sample_weight=weight)
    for part in range(parts):
        rows = slice(part * len(y) // parts, (part + 1) * len(y) // parts)
        classes = {} if name == "SGDRegressor" else {"classes": np.unique(y)}
        model.partial_fit(X[rows], y[rows], sample_weight=None if weight is None else weight[rows], **classes)
    said = {"decision": (model.predict if name == "SGDRegressor" else model.decision_function)(X[::40]).ravel().tolist()}
    if params.get("loss") in ("logLoss", "modifiedHuber"):
        said["proba"] = model.predict_proba(X[::40]).ravel().tolist()
    return {
        "model": name,
        "dataset": dataset,
        "params": params,
        "weighted": weighted,
        "parts": parts,
        "coef": model.coef_.ravel().tolist(),
        "intercept": model.intercept_.tolist(),
        "nIter": int(model.n_iter_),
        "t": float(model.t_),
        **said,
    }


text = json.dumps({"sklearn": sklearn.__version__, "cases": [case(*given) for given in CASES]})
pathlib.Path(__file__).with_name("sgd.json").write_text(text + "\n")

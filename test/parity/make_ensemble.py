"""Writes ensemble.json: what scikit-learn's HistGradientBoosting* gives, for test/parity/ensemble.test.ts.

Run with scikit-learn 1.9.1: python test/parity/make_ensemble.py
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn import datasets
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import accuracy_score, log_loss, r2_score

SETS = {
    "iris": datasets.load_iris,
    "breastCancer": datasets.load_breast_cancer,
    "wine": datasets.load_wine,
    "digits": datasets.load_digits,
    "diabetes": datasets.load_diabetes,
}


def scores(name):
    """Trained on three rows of four, tested on every fourth."""
    X, y = SETS[name](return_X_y=True)
    test = np.arange(len(y)) % 4 == 0
    params = {"max_iter": 50, "early_stopping": False, "random_state": 0}
    if name == "diabetes":
        model = HistGradientBoostingRegressor(**params).fit(X[~test], y[~test])
        return {"r2": r2_score(y[test], model.predict(X[test]))}
    model = HistGradientBoostingClassifier(**params).fit(X[~test], y[~test])
    return {
        "accuracy": accuracy_score(y[test], model.predict(X[test])),
        "logLoss": log_loss(y[test], model.predict_proba(X[test])),
    }


def columns(nodes):
    return {
        "feature": [-1 if n["is_leaf"] else int(n["feature_idx"]) for n in nodes],
        "threshold": [0.0 if n["is_leaf"] or np.isinf(n["num_threshold"]) else float(n["num_threshold"]) for n in nodes],
        "left": [int(n["left"]) for n in nodes],
        "right": [int(n["right"]) for n in nodes],
        "missingLeft": [bool(n["missing_go_to_left"]) for n in nodes],
        "count": [int(n["count"]) for n in nodes],
        "value": [float(n["value"]) for n in nodes],
    }


def trees():
    """Few rows, few bins, integer targets with an integer mean: the first tree's gradients are exact."""
    rng = np.random.default_rng(0)
    cases = []
    for params in [
        {"min_samples_leaf": 5, "max_leaf_nodes": 12},
        {"min_samples_leaf": 20, "max_leaf_nodes": 31, "l2_regularization": 2.0},
        {"min_samples_leaf": 3, "max_leaf_nodes": None, "max_depth": 4},
        {"min_samples_leaf": 5, "max_leaf_nodes": 12, "max_bins": 7},
    ]:
        X = np.round(rng.normal(size=(240, 4)) * 4)
        X[rng.random(240) < 0.2, 2] = np.nan
        y = np.round(3 * X[:, 0] - 2 * X[:, 1] * (X[:, 3] > 0) + np.nan_to_num(X[:, 2], nan=9) + rng.normal(size=240) * 2)
        y[0] -= y.sum() % 240
        model = HistGradientBoostingRegressor(max_iter=4, learning_rate=0.5, early_stopping=False, **params).fit(X, y)
        cases.append({
            "params": params,
            "X": [[None if np.isnan(x) else float(x) for x in row] for row in X],
            "y": y.tolist(),
            "trees": [columns(predictors[0].nodes) for predictors in model._predictors],
        })
    return cases


if __name__ == "__main__":
    result = {
        "sklearn": sklearn.__version__,
        "scores": {name: scores(name) for name in SETS},
        "trees": trees(),
    }
    path = Path(__file__).with_name("ensemble.json")
    path.write_text(json.dumps(result) + "\n")

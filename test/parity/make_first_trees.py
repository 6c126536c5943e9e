"""Writes first_trees.json: the first trees of scikit-learn's classifiers, and of weighted regressions, where gradients and
hessians are exact in 16 bits: balanced classes, whole weights. For test/parity/first-trees.test.ts.

Run with scikit-learn 1.9.1: python test/parity/make_first_trees.py
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from make_ensemble_splits import columns, listed, table
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

SHAPE = {"max_iter": 1, "learning_rate": 0.5, "early_stopping": False, "max_leaf_nodes": 15}

CLASSES = [
    (2, {"min_samples_leaf": 5}),
    (2, {"min_samples_leaf": 20, "l2_regularization": 2.0}),
    (2, {"min_samples_leaf": 10, "categorical_features": [0]}),
    (2, {"min_samples_leaf": 5, "monotonic_cst": [0, 1, 0, -1]}),
    (2, {"min_samples_leaf": 5, "max_depth": 4, "interaction_cst": "pairwise"}),
    (4, {"min_samples_leaf": 5}),
    (4, {"min_samples_leaf": 10, "categorical_features": [0]}),
]


def classes():
    cases = []
    for seed, (n, params) in enumerate(CLASSES):
        X, y = table(480, 100 + seed)
        labels = (np.argsort(np.argsort(y, kind="stable"), kind="stable") * n) // 480  # as many rows in every class
        model = HistGradientBoostingClassifier(**SHAPE, **params).fit(X, labels)
        cases.append({
            "params": params,
            "X": listed(X),
            "y": labels.tolist(),
            "trees": [columns(predictor) for predictor in model._predictors[0]],
        })
    return cases


def weighted():
    cases = []
    for seed, params in enumerate([{"min_samples_leaf": 5}, {"min_samples_leaf": 20, "categorical_features": [0]}]):
        X, y = table(480, 200 + seed)
        y = np.round(y / 64)
        weights = 1.0 + np.arange(480) % 4
        y[0] -= (y @ weights) % weights.sum()  # row 0 weighs 1: the weighted mean is whole
        model = HistGradientBoostingRegressor(**SHAPE, **params).fit(X, y, sample_weight=weights)
        cases.append({
            "params": params,
            "X": listed(X),
            "y": y.tolist(),
            "weights": weights.tolist(),
            "trees": [columns(model._predictors[0][0])],
        })
    return cases


if __name__ == "__main__":
    result = {"sklearn": sklearn.__version__, "classes": classes(), "weighted": weighted()}
    Path(__file__).with_name("first_trees.json").write_text(json.dumps(result) + "\n")

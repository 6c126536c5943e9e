"""Writes ensemble_splits.json: scikit-learn's trees with categories and constraints, for ensemble-splits.test.ts.

Run with scikit-learn 1.9.1: python test/parity/make_ensemble_splits.py
Targets are integers with an integer mean: the first tree's gradients are exact in both.
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.datasets import load_diabetes


def table(rows, seed):
    """Columns: 12 categories (some rare), a number, 3 categories with missing ones, a number with missing ones."""
    rng = np.random.default_rng(seed)
    X = np.column_stack([
        np.minimum(rng.geometric(0.2, rows) - 1, 11),
        np.round(rng.normal(size=rows) * 4),
        rng.integers(0, 3, rows),
        np.round(rng.normal(size=rows) * 4),
    ]).astype(float)
    X[rng.random(rows) < 0.15, 2] = np.nan
    X[rng.random(rows) < 0.1, 3] = np.nan
    effect = rng.normal(size=12) * 30
    y = effect[X[:, 0].astype(int)] + 3 * X[:, 1] + np.nan_to_num(X[:, 2], nan=5) * np.nan_to_num(X[:, 3], nan=2)
    y = np.round(y * 8 + rng.normal(size=rows) * 16)
    y[0] -= y.sum() % rows
    return X, y


def columns(predictor):
    """The nodes; a split on categories has those that go left."""
    nodes = predictor.nodes
    words = predictor.raw_left_cat_bitsets
    def left_of(n):
        if n["is_leaf"] or not n["is_categorical"]:
            return None
        bits = words[n["bitset_idx"]]
        return [c for c in range(256) if (int(bits[c // 32]) >> (c % 32)) & 1]
    return {
        "feature": [-1 if n["is_leaf"] else int(n["feature_idx"]) for n in nodes],
        "threshold": [0.0 if n["is_leaf"] or np.isinf(n["num_threshold"]) else float(n["num_threshold"]) for n in nodes],
        "left": [int(n["left"]) for n in nodes],
        "right": [int(n["right"]) for n in nodes],
        "missingLeft": [bool(n["missing_go_to_left"]) for n in nodes],
        "count": [int(n["count"]) for n in nodes],
        "value": [float(n["value"]) for n in nodes],
        "categories": [left_of(n) for n in nodes],
    }


def listed(X):
    return [[None if np.isnan(x) else float(x) for x in row] for row in X]


CASES = [
    {"categorical_features": [0, 2], "min_samples_leaf": 5},
    {"categorical_features": [0], "min_samples_leaf": 20, "l2_regularization": 3.0},
    {"categorical_features": [0, 2], "max_depth": 3, "min_samples_leaf": 40},
    {"monotonic_cst": [0, 1, 0, -1], "min_samples_leaf": 5},
    {"monotonic_cst": [0, -1, 1, 1], "min_samples_leaf": 10},
    {"categorical_features": [0, 2], "monotonic_cst": [0, 1, 0, 1], "min_samples_leaf": 5},
    {"interaction_cst": "no_interactions", "min_samples_leaf": 5},
    {"interaction_cst": "pairwise", "min_samples_leaf": 5},
    {"interaction_cst": [[0, 1], [1, 2, 3]], "min_samples_leaf": 5},
    {"interaction_cst": [[0, 3]], "min_samples_leaf": 5, "categorical_features": [0]},
]


def trees():
    cases = []
    for seed, params in enumerate(CASES):
        X, y = table(600, seed)
        # scikit-learn puts categorical columns first: the same order here keeps ties the same.
        if "categorical_features" in params and 2 in params["categorical_features"]:
            X = X[:, [0, 2, 1, 3]]
            params = {**params, "categorical_features": [0, 1]}
            if "monotonic_cst" in params:
                params["monotonic_cst"] = [params["monotonic_cst"][j] for j in [0, 2, 1, 3]]
        model = HistGradientBoostingRegressor(
            max_iter=3, learning_rate=0.5, early_stopping=False, max_leaf_nodes=15, **params
        ).fit(X, y)
        cases.append({
            "params": params,
            "X": listed(X),
            "y": y.tolist(),
            "trees": [columns(predictors[0]) for predictors in model._predictors],
        })
    return cases


def diabetes():
    """Real data, with the sex as categories and rising blood pressure and body mass."""
    X, y = load_diabetes(return_X_y=True, scaled=False)
    X = X[:, [1, 0, 2, 3, 4, 5, 6, 7, 8, 9]]
    X[:, 0] -= 1
    y = np.round(y)
    y[0] -= y.sum() % len(y)
    monotonic = [0, 0, 1, 1, 0, 0, 0, 0, 0, 0]
    model = HistGradientBoostingRegressor(
        max_iter=1, learning_rate=1.0, early_stopping=False, categorical_features=[0], monotonic_cst=monotonic
    ).fit(X, y)
    return {"monotonic": monotonic, "y": y.tolist(), "tree": columns(model._predictors[0][0])}


def classes():
    """Test scores of classifiers: gradients are rounded there, so scores are compared, not trees."""
    X, y = table(3000, 77)
    labels = (y > np.median(y)).astype(int)
    results = []
    for params in [
        {"categorical_features": [0, 2]},
        {"monotonic_cst": [0, 1, 0, 0]},
        {"interaction_cst": "pairwise"},
    ]:
        model = HistGradientBoostingClassifier(max_iter=40, early_stopping=False, **params).fit(X[::2], labels[::2])
        results.append({"params": params, "logLoss": float(-np.mean(np.log(
            model.predict_proba(X[1::2])[np.arange(1500), labels[1::2]])))})
    return {"X": listed(X), "labels": labels.tolist(), "results": results}


if __name__ == "__main__":
    result = {"sklearn": sklearn.__version__, "trees": trees(), "diabetes": diabetes(), "classes": classes()}
    Path(__file__).with_name("ensemble_splits.json").write_text(json.dumps(result) + "\n")

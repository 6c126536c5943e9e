"""Writes forest.json: scores of scikit-learn 1.9.1's forests and isolation forests on bundled data, means over
seeds: forests draw, so that only such numbers can agree. Run: python test/parity/make_forest.py"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.metrics import average_precision_score, roc_auc_score

assert sklearn.__version__ == "1.9.1", sklearn.__version__
DATA = {"wine": load_wine, "breastCancer": load_breast_cancer, "diabetes": load_diabetes}
KINDS = {
    "RandomForestClassifier": RandomForestClassifier,
    "RandomForestRegressor": RandomForestRegressor,
    "ExtraTreesClassifier": ExtraTreesClassifier,
    "ExtraTreesRegressor": ExtraTreesRegressor,
}
SEEDS = 10


def camel(name):
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def parts(n):
    """Rows to train on and to test: every third is a test row."""
    rows = np.arange(n)
    return rows[rows % 3 != 0], rows[rows % 3 == 0]


CASES = [
    ("RandomForestClassifier", "breastCancer", {"n_estimators": 40, "oob_score": True}),
    ("RandomForestClassifier", "wine", {"n_estimators": 40, "max_depth": 3, "class_weight": "balanced"}),
    ("RandomForestClassifier", "breastCancer", {"n_estimators": 40, "class_weight": "balanced_subsample", "max_samples": 0.3, "max_leaf_nodes": 9}),
    ("RandomForestRegressor", "diabetes", {"n_estimators": 40, "oob_score": True}),
    ("RandomForestRegressor", "diabetes", {"n_estimators": 40, "max_features": 0.3, "min_samples_leaf": 5}),
    ("ExtraTreesClassifier", "breastCancer", {"n_estimators": 40}),
    ("ExtraTreesRegressor", "diabetes", {"n_estimators": 40, "max_features": 0.5}),
]
cases = []
for kind, name, params in CASES:
    data = DATA[name]()
    X, y = data.data, data.target
    train, test = parts(len(y))
    scores, oob, importances, nodes = [], [], [], []
    for seed in range(SEEDS):
        model = KINDS[kind](random_state=seed, **params).fit(X[train], y[train])
        scores.append(
            average_precision_score(y[test], model.predict_proba(X[test])[:, 1])
            if name == "breastCancer"
            else model.score(X[test], y[test])
        )
        oob.append(getattr(model, "oob_score_", 0))
        importances.append(model.feature_importances_)
        nodes.append(np.mean([tree.tree_.node_count for tree in model.estimators_]))
    cases.append(
        {
            "estimator": kind,
            "data": name,
            "params": {camel(k): camel(v) if isinstance(v, str) else v for k, v in params.items()},
            "score": np.mean(scores),
            "deviation": np.std(scores),
            "oob": np.mean(oob) if params.get("oob_score") else None,
            "importances": np.mean(importances, axis=0).tolist(),
            "nodes": np.mean(nodes),
        }
    )

isolation = []
data = load_breast_cancer()
keep = np.concatenate([np.flatnonzero(data.target == 1), np.flatnonzero(data.target == 0)[:36]])
X, y = data.data[keep], 1 - data.target[keep]
for weighted, params in (
    (False, {}),
    (False, {"max_samples": 64, "max_features": 0.4}),
    (False, {"bootstrap": True, "contamination": 0.1}),
    (True, {"max_samples": 100}),
    (True, {"max_samples": 100, "bootstrap": True}),
):
    # Outliers weigh much: they are drawn often, and look less like outliers.
    weights = np.where(y == 1, 12.5, 1 + np.arange(len(y)) % 3) if weighted else None
    fits = [IsolationForest(random_state=seed, **params).fit(X, sample_weight=weights) for seed in range(SEEDS)]
    isolation.append(
        {
            "params": {camel(k): v for k, v in params.items()},
            "weighted": weighted,
            "auc": np.mean([roc_auc_score(y, -fit.score_samples(X)) for fit in fits]),
            "score": np.mean([fit.score_samples(X).mean() for fit in fits]),
            "offset": np.mean([fit.offset_ for fit in fits]),
            "outliers": np.mean([(fit.predict(X) == -1).mean() for fit in fits]),
        }
    )

path = pathlib.Path(__file__).with_name("forest.json")
rows = lambda items: ",\n".join(json.dumps(item) for item in items)
path.write_text('{\n"cases": [\n' + rows(cases) + '\n],\n"isolation": [\n' + rows(isolation) + "\n]\n}\n")

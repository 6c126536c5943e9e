"""Writes cluster.json: what scikit-learn 1.9.1 makes of bundled tables from given first centres.
Run: python test/parity/make_cluster.py"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn import datasets
from sklearn.cluster import KMeans, MiniBatchKMeans

assert sklearn.__version__ == "1.9.1", sklearn.__version__
warnings.simplefilter("ignore")


def table(case):
    """X and weights of a case; cluster.test.ts builds the same from the same words."""
    X = getattr(datasets, "load_" + case["dataset"])().data.astype(np.float64)
    X = X[:: case.get("step", 1)] + case.get("shift", 0)
    weight = 0.5 + np.arange(len(X)) % 4 if case.get("weighted") else None
    return X, weight


def start(case, X):
    """First centres: every k-th row; `far`: one of them where no row is nearest."""
    k = case["k"]
    init = X[:: len(X) // k][:k].copy()
    if case.get("far"):
        init[-1] += 1e4
    return init


CASES = [
    {"dataset": "iris", "k": 3},
    {"dataset": "iris", "k": 8, "weighted": True},
    {"dataset": "iris", "k": 3, "max_iter": 2},
    {"dataset": "iris", "k": 5, "tol": 0.02},
    {"dataset": "wine", "k": 4, "tol": 0},
    {"dataset": "wine", "k": 4, "shift": 1e5},
    {"dataset": "wine", "k": 6, "far": True},
    {"dataset": "breast_cancer", "k": 2, "weighted": True},
    {"dataset": "digits", "k": 10},
    {"dataset": "digits", "k": 40, "step": 3, "weighted": True},
    {"dataset": "digits", "k": 10, "batch": 256},
    {"dataset": "iris", "k": 3, "batch": 30, "weighted": True},
]

cases = []
for case in CASES:
    X, weight = table(case)
    k = case["k"]
    init = start(case, X)
    if "batch" in case:
        model = MiniBatchKMeans(k, init=init, n_init=1, reassignment_ratio=0)
        for i in range(0, len(X), case["batch"]):
            part = slice(i, i + case["batch"])
            model.partial_fit(X[part], sample_weight=None if weight is None else weight[part])
    else:
        params = {name: case[name] for name in ("max_iter", "tol") if name in case}
        model = KMeans(k, init=init, n_init=1, algorithm="lloyd", **params).fit(X, sample_weight=weight)
    expected = {
        "centers": model.cluster_centers_.ravel().tolist(),
        "inertia": float(model.inertia_),
        "labels": model.predict(X).tolist(),
        "score": float(model.score(X, sample_weight=weight)),
        "distances": model.transform(X[:3]).ravel().tolist(),
    }
    if "batch" not in case:
        expected["n_iter"] = int(model.n_iter_)
    cases.append({**case, "expected": expected})

path = pathlib.Path(__file__).with_name("cluster.json")
path.write_text(json.dumps({"cases": cases}))

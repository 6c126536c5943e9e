"""Writes sparse.json: linear models of sparse tables. Run: python test/parity/make_sparse.py

The table and what is to be learned are written beside the answers. Every model is run to a small tolerance.
"""

import json
import pathlib
import warnings

import numpy as np
import scipy.sparse as sp
import sklearn
from sklearn.linear_model import (
    LinearRegression,
    LogisticRegression,
    PoissonRegressor,
    Ridge,
    TweedieRegressor,
)

assert sklearn.__version__ == "1.9.1", sklearn.__version__
warnings.simplefilter("ignore")


def table(rows, cols):
    """Words of texts: 0 … 8 entries a row, row 0 and every 17th none, columns 5 and 11 never; and what to learn."""
    dense = np.zeros((rows, cols))
    for i in range(rows):
        for k in range(0 if i % 17 == 0 else 1 + i % 8):
            j = (i * 7919 + k * k * 104729 + 13 * k) % (cols * 3)
            j = j % cols if j < 2 * cols else j % 12
            if j not in (5, 11):
                dense[i, j] = 1 + (i + k) % 3
    score = dense @ ((np.arange(cols) * 37 % 11 - 5) / 4) + (np.arange(rows) * 7 % 13 - 6) / 3
    return sp.csr_array(dense), score


def classes(score, n):
    return np.searchsorted(np.quantile(score, np.arange(1, n) / n), score)


CASES = [
    {"name": "two classes", "model": "LogisticRegression", "classes": 2, "params": {"C": 1}},
    {"name": "two classes, no intercept", "model": "LogisticRegression", "classes": 2, "params": {"C": 0.1, "fit_intercept": False}},
    {"name": "three classes, weights", "model": "LogisticRegression", "classes": 3, "weighted": True, "params": {"C": 10}},
    {"name": "balanced", "model": "LogisticRegression", "classes": 2, "params": {"C": 1, "class_weight": "balanced"}},
    {"name": "L1", "model": "LogisticRegression", "classes": 2, "params": {"C": 0.5, "l1_ratio": 1, "solver": "saga"}},
    {"name": "elastic net", "model": "LogisticRegression", "classes": 2, "params": {"C": 0.5, "l1_ratio": 0.4, "solver": "saga"}},
    {"name": "Poisson", "model": "PoissonRegressor", "params": {"alpha": 0.01}},
    {"name": "more columns than rows", "model": "Ridge", "wide": True, "params": {"alpha": 0.3, "solver": "sparse_cg"}},
    {"name": "no intercept, weights", "model": "Ridge", "wide": True, "weighted": True, "params": {"alpha": 2, "fit_intercept": False, "solver": "lsqr"}},
    {"name": "least norm", "model": "LinearRegression", "wide": True, "params": {"tol": 1e-14}},
    {"name": "Tweedie, weights", "model": "TweedieRegressor", "weighted": True, "params": {"power": 1.5, "alpha": 0.1}},
]
MODELS = {
    model.__name__: model
    for model in (LinearRegression, LogisticRegression, PoissonRegressor, Ridge, TweedieRegressor)
}


def solved(case):
    X, score = table(600, 1500 if case.get("wide") else 200)
    y = np.exp(score / 8)
    if "classes" in case:
        y = classes(score, case["classes"])
    weight = 0.5 + np.arange(600) % 4 if case.get("weighted") else None
    params = dict(case["params"])
    if case["model"] != "LinearRegression":
        params |= {"tol": 1e-10, "max_iter": 200_000}
    model = MODELS[case["model"]](**params).fit(X, y, sample_weight=weight)
    return {
        **case,
        "y": np.asarray(y).tolist(),
        "coef": np.ravel(model.coef_).tolist(),
        "intercept": np.ravel(model.intercept_).tolist(),
        "predicted": np.ravel(model.predict(X))[:40].tolist(),
    }




def entries(cols):
    X, _ = table(600, cols)
    return {"data": X.data.tolist(), "indices": X.indices.tolist(), "indptr": X.indptr.tolist(), "shape": X.shape}


path = pathlib.Path(__file__).with_name("sparse.json")
answers = {"sklearn": sklearn.__version__, "X": entries(200), "wide": entries(1500), "cases": [solved(case) for case in CASES]}
path.write_text(json.dumps(answers) + "\n")

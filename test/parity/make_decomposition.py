"""Writes decomposition.json: what scikit-learn 1.9.1 makes of bundled tables. Run: python test/parity/make_decomposition.py"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn import datasets
from sklearn.decomposition import PCA, IncrementalPCA, TruncatedSVD

assert sklearn.__version__ == "1.9.1", sklearn.__version__


def table(case):
    """X of a case; decomposition.test.ts builds the same from the same words."""
    X = getattr(datasets, "load_" + case["dataset"])().data.astype(np.float64)
    X = X[:: case.get("step", 1)]
    if case.get("duplicate"):
        X = np.column_stack([X, X[:, 0] - 2 * X[:, 1]])
    if "shift" in case:
        X = X + case["shift"]
    return X


def learned(model, X):
    names = ["components_", "explained_variance_", "explained_variance_ratio_", "singular_values_"]
    result = {name: np.asarray(getattr(model, name)).ravel().tolist() for name in names}
    if hasattr(model, "noise_variance_"):
        result["noise_variance_"] = float(model.noise_variance_)
        result["mean_"] = model.mean_.tolist()
    # scikit-learn stretches the components of a whitened model; ours is the model of the table, whitened or not.
    if isinstance(model, (PCA, IncrementalPCA)) and not model.whiten and model.noise_variance_ > 1e-9:
        result["covariance"] = model.get_covariance()[:3].ravel().tolist()
        result["precision"] = model.get_precision()[:3].ravel().tolist()
        if isinstance(model, PCA):
            result["log_likelihoods"] = model.score_samples(X[::7]).tolist()
            result["score"] = float(model.score(X))
    result["rank"] = len(model.components_)
    result["transformed"] = model.transform(X[::7]).ravel().tolist()
    result["restored"] = model.inverse_transform(model.transform(X[:2])).ravel().tolist()
    return result


CASES = [
    {"dataset": "iris"},
    {"dataset": "iris", "n_components": 2, "whiten": True},
    {"dataset": "iris", "n_components": 0.97},
    {"dataset": "iris", "n_components": "mle"},
    {"dataset": "iris", "svd_solver": "full", "n_components": 3},
    {"dataset": "iris", "duplicate": True, "n_components": 4},
    {"dataset": "wine", "n_components": 5},
    {"dataset": "wine", "n_components": "mle", "svd_solver": "full"},
    {"dataset": "wine", "svd_solver": "full", "shift": 1e6, "n_components": 6},
    {"dataset": "breast_cancer", "n_components": 10},
    {"dataset": "breast_cancer", "n_components": 0.9999},
    {"dataset": "digits", "step": 4, "n_components": 20, "svd_solver": "full"},
    {"dataset": "digits", "step": 40, "n_components": 12, "svd_solver": "full"},
    {"model": "TruncatedSVD", "dataset": "wine", "n_components": 4, "algorithm": "arpack"},
    {"model": "TruncatedSVD", "dataset": "digits", "step": 3, "n_components": 10, "algorithm": "arpack"},
    {"model": "IncrementalPCA", "dataset": "iris", "n_components": 3, "batch_size": 40},
    {"model": "IncrementalPCA", "dataset": "wine", "whiten": True, "n_components": 5},
    {"model": "IncrementalPCA", "dataset": "digits", "step": 2, "n_components": 8, "batch_size": 100},
]

cases = []
for case in CASES:
    X = table(case)
    params = {k: case[k] for k in ("n_components", "whiten", "svd_solver", "algorithm", "batch_size") if k in case}
    model = {"PCA": PCA, "TruncatedSVD": TruncatedSVD, "IncrementalPCA": IncrementalPCA}[case.get("model", "PCA")]
    cases.append({**case, "expected": learned(model(**params).fit(X), X)})

path = pathlib.Path(__file__).with_name("decomposition.json")
path.write_text(json.dumps({"cases": cases}))

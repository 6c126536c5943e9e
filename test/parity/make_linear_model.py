"""Writes linear_model.json: scikit-learn 1.9.1's LogisticRegression at its tightest. Run: python test/parity/make_linear_model.py

Where columns differ in scale by many powers of ten scikit-learn's solvers give up; the reference there is Newton's method
in standardised coordinates with the penalty in original ones, which is checked against scikit-learn in every other case.
"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn import datasets
from sklearn.linear_model import LogisticRegression

assert sklearn.__version__ == "1.9.1", sklearn.__version__
warnings.simplefilter("ignore")


def table(case):
    """X and y of a case; linear-model.test.ts builds the same from the same words."""
    bunch = getattr(datasets, "load_" + case["dataset"])()
    X, y = bunch.data.astype(np.float64), bunch.target
    if "classes" in case:
        keep = np.isin(y, case["classes"])
        X, y = X[keep], y[keep]
    step = case.get("step", 1)
    X, y = X[::step], y[::step]
    if case.get("standardize"):
        X = (X - X.mean(0)) / X.std(0)
    if case.get("duplicate"):
        X = np.column_stack([X, X[:, 0], X[:, 0] - 2 * X[:, 1]])
    if case.get("constant"):
        X = np.column_stack([X, np.full(len(X), 7.25)])
    if "scale" in case:
        X = X * np.array(case["scale"])
    if "shift" in case:
        X = X + np.array(case["shift"])
    if case.get("float32"):
        X = X.astype(np.float32).astype(np.float64)
    weight = 0.5 + np.arange(len(y)) % 4 if case.get("weighted") else None
    return X, y, weight


def newton(X, y, weight, C, fit_intercept, class_weight):
    n, d = X.shape
    classes = np.unique(y)
    w = np.ones(n) if weight is None else weight.astype(float)
    if class_weight == "balanced":
        counts = np.array([w[y == c].sum() for c in classes])
        w = w * (w.sum() / (len(classes) * counts))[np.searchsorted(classes, y)]
    mean = X.mean(0) if fit_intercept else np.zeros(d)
    spread = np.sqrt(((X - mean) ** 2).mean(0))
    spread[spread == 0] = 1
    Z = (X - mean) / spread
    Z = np.column_stack([Z, np.ones(n)]) if fit_intercept else Z
    k = 1 if len(classes) == 2 else len(classes)
    penalty = np.zeros(Z.shape[1])
    penalty[:d] = 0 if np.isinf(C) else 1 / (C * spread**2)
    Y = (y == classes[1])[:, None] if k == 1 else y[:, None] == classes[None, :]
    B = np.zeros((Z.shape[1], k))

    def value(B):
        M = Z @ B
        if k == 1:
            loss = np.logaddexp(0, np.where(Y, -M, M))[:, 0]
        else:
            loss = np.logaddexp.reduce(M, axis=1) - M[Y]
        return w @ loss + 0.5 * (penalty[:, None] * B**2).sum()

    for _ in range(300):
        M = Z @ B
        if k == 1:
            P = 1 / (1 + np.exp(-M))
        else:
            P = np.exp(M - M.max(1, keepdims=True))
            P /= P.sum(1, keepdims=True)
        G = Z.T @ (w[:, None] * (P - Y)) + penalty[:, None] * B
        H = np.zeros((k, Z.shape[1], k, Z.shape[1]))
        for a in range(k):
            for b in range(k):
                curvature = w * P[:, a] * ((a == b) - (0 if k == 1 and a != b else P[:, b]))
                H[a, :, b, :] = Z.T @ (curvature[:, None] * Z) + (np.diag(penalty) if a == b else 0)
        H = H.reshape(k * Z.shape[1], -1)
        D = 1 / np.sqrt(np.maximum(np.diag(H), 1e-300))
        step = (D * np.linalg.lstsq(H * np.outer(D, D), D * G.T.ravel(), rcond=1e-14)[0]).reshape(k, -1).T
        t = 1.0
        while value(B - t * step) > value(B) + 1e-13 * abs(value(B)) and t > 1e-8:
            t /= 2
        B = B - t * step
        if np.abs(step).max() < 1e-13 * max(1, np.abs(B).max()):
            break
    if k > 1:
        B = B - B.mean(1, keepdims=True) * ((penalty == 0)[:, None])
    coef = (B[:d] / spread[:, None]).T
    intercept = B[d] - coef @ mean if fit_intercept else np.zeros(k)
    return coef, intercept


def answer(case):
    X, y, weight = table(case)
    C = float(case.get("C", 1))
    fit_intercept = case.get("fitIntercept", True)
    class_weight = case.get("classWeight")
    coef, intercept = newton(X, y, weight, C, fit_intercept, class_weight)
    if not case.get("beyond"):
        model = LogisticRegression(
            C=C, tol=1e-12, max_iter=5000, solver="newton-cholesky", fit_intercept=fit_intercept, class_weight=class_weight
        ).fit(X, y, sample_weight=weight)
        both = np.abs(coef - model.coef_).max() / np.abs(coef).max()
        assert both < 1e-7, (case, both)
    margins = X[:5] @ coef.T + intercept
    return {**case, "coef": coef.ravel().tolist(), "intercept": intercept.tolist(), "margins": margins.ravel().tolist()}


IRIS2 = {"dataset": "iris", "classes": [1, 2]}
CASES = [
    *({"name": f"raw columns, C = {C}", "dataset": "breast_cancer", "C": C} for C in ["1e-3", "1", "1e3"]),
    {"name": "standardised columns", "dataset": "breast_cancer", "standardize": True},
    {"name": "balanced class weights", "dataset": "breast_cancer", "classWeight": "balanced"},
    {"name": "sample weights", "dataset": "breast_cancer", "weighted": True},
    {"name": "sample weights and balanced", "dataset": "breast_cancer", "weighted": True, "classWeight": "balanced"},
    {"name": "float32 columns", "dataset": "breast_cancer", "float32": True},
    {"name": "no intercept", "dataset": "breast_cancer", "fitIntercept": False},
    {"name": "fewer rows than columns", "dataset": "breast_cancer", "standardize": True, "step": 28},
    {"name": "separable, weak penalty", "dataset": "iris", "classes": [0, 2], "C": "1e3"},
    *({"name": f"multinomial, C = {C}", "dataset": "iris", "C": C} for C in ["1e-3", "1", "1e3"]),
    {"name": "multinomial, weighted and balanced", "dataset": "iris", "weighted": True, "classWeight": "balanced"},
    {"name": "multinomial, raw columns", "dataset": "wine"},
    {"name": "multinomial, no intercept", "dataset": "iris", "fitIntercept": False},
    {"name": "ten classes, constant columns", "dataset": "digits", "C": "1e-2", "step": 3},
    {"name": "no penalty", **IRIS2, "C": "inf"},
    {"name": "no penalty, sample weights", **IRIS2, "C": "inf", "weighted": True},
    {"name": "collinear columns", **IRIS2, "duplicate": True},
    {"name": "a constant column", **IRIS2, "constant": True},
    {"name": "huge scales, no penalty", **IRIS2, "C": "inf", "scale": [1e-12, 1, 1e6, 1e12], "beyond": True},
    {"name": "huge scales, penalty", **IRIS2, "scale": [1e-12, 1, 1e6, 1e12], "beyond": True},
    {"name": "far from zero", **IRIS2, "shift": [1e6, 0, -1e5, 0], "beyond": True},
    {"name": "multinomial, huge scales", "dataset": "iris", "scale": [1e-12, 1, 30, 2], "beyond": True},
]

path = pathlib.Path(__file__).with_name("linear_model.json")
lines = ",\n".join(json.dumps(answer(case)) for case in CASES)
path.write_text(f'{{"sklearn": "{sklearn.__version__}", "cases": [\n{lines}\n]}}\n')

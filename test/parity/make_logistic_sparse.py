"""Writes logistic_sparse.json: logistic regression with L1 and elastic-net penalties. Run: python test/parity/make_logistic_sparse.py

The reference is an active-set Newton method in standardised coordinates with the penalty in original ones, run until every
first-order condition of the minimum holds to rounding; where scikit-learn 1.9.1's saga gets there (`"saga": true`) it must
agree.
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


def lattice():
    """50 classes from integers alone; logistic-sparse.test.ts makes the same."""
    i, j = np.arange(300)[:, None], np.arange(3)[None, :]
    y = np.arange(300) % 50
    X = ((i + 1) * (j + 3) * 7919 % 10007) / 10007 + (y[:, None] * (j + 1) % 7)
    return X, y


def table(case):
    """X and y of a case; logistic-sparse.test.ts builds the same from the same words."""
    if case["dataset"] == "lattice":
        return *lattice(), None
    bunch = getattr(datasets, "load_" + case["dataset"])()
    X, y = bunch.data.astype(np.float64), bunch.target
    if "classes" in case:
        keep = np.isin(y, case["classes"])
        X, y = X[keep], y[keep]
    step = case.get("step", 1)
    X, y = X[::step], y[::step]
    if case.get("standardize"):
        X = (X - X.mean(0)) / np.where(X.std(0) > 0, X.std(0), 1)
    if case.get("duplicate"):
        X = np.column_stack([X, X[:, 0], X[:, 0] - 2 * X[:, 1]])
    if case.get("constant"):
        X = np.column_stack([X, np.full(len(X), 7.25)])
    if "scale" in case:
        X = X * np.array(case["scale"])
    weight = 0.5 + np.arange(len(y)) % 4 if case.get("weighted") else None
    return X, y, weight


class Problem:
    """Unknowns: per output coefficients of standardised columns, then the intercept; sums over rows, not means."""

    def __init__(self, case):
        X, y, weight = table(case)
        self.X, self.y, self.weight = X, y, weight
        n, self.d = X.shape
        self.C, self.ratio = float(case["C"]), case["l1Ratio"]
        self.intercept = case.get("fitIntercept", True)
        classes = np.unique(y)
        w = np.ones(n) if weight is None else weight.astype(float)
        if case.get("classWeight") == "balanced":
            counts = np.array([w[y == c].sum() for c in classes])
            w = w * (w.sum() / (len(classes) * counts))[np.searchsorted(classes, y)]
        self.w = w
        self.mean = X.mean(0) if self.intercept else np.zeros(self.d)
        self.spread = np.sqrt(((X - self.mean) ** 2).mean(0))
        self.spread[self.spread == 0] = 1
        Z = (X - self.mean) / self.spread
        self.Z = np.column_stack([Z, np.ones(n)]) if self.intercept else Z
        self.k = 1 if len(classes) == 2 else len(classes)
        self.Y = ((y == classes[1])[:, None] if self.k == 1 else y[:, None] == classes[None, :]).astype(float)
        width = self.Z.shape[1]
        l1, l2 = np.zeros(width), np.zeros(width)
        l1[: self.d] = self.ratio / (self.C * self.spread)
        l2[: self.d] = (1 - self.ratio) / (self.C * self.spread**2)
        self.l1, self.l2 = np.tile(l1, self.k), np.tile(l2, self.k)

    def margins(self, b):
        return self.Z @ b.reshape(self.k, -1).T

    def value(self, b):
        M = self.margins(b)
        if self.k == 1:
            loss = np.logaddexp(0, M[:, 0]) - self.Y[:, 0] * M[:, 0]
        else:
            loss = np.logaddexp.reduce(M, axis=1) - (M * self.Y).sum(1)
        return self.w @ loss + self.l1 @ np.abs(b) + 0.5 * self.l2 @ b**2

    def probabilities(self, b):
        M = self.margins(b)
        if self.k == 1:
            return 1 / (1 + np.exp(-M))
        P = np.exp(M - M.max(1, keepdims=True))
        return P / P.sum(1, keepdims=True)

    def gradient(self, b):
        return ((self.w[:, None] * (self.probabilities(b) - self.Y)).T @ self.Z).ravel() + self.l2 * b

    def hessian(self, b, face):
        P = self.probabilities(b)
        width = self.Z.shape[1]
        out, col = face // width, face % width
        H = np.zeros((len(face), len(face)))
        for a in range(self.k):
            for c in range(self.k):
                s, t = np.flatnonzero(out == a), np.flatnonzero(out == c)
                if len(s) and len(t):
                    curvature = self.w * P[:, a] * ((a == c) - (0 if self.k == 1 and a != c else P[:, c]))
                    H[np.ix_(s, t)] = (self.Z[:, col[s]] * curvature[:, None]).T @ self.Z[:, col[t]]
        return H + np.diag(self.l2[face])

    def violation(self, b, g):
        v = np.where(b == 0, np.maximum(np.abs(g) - self.l1, 0), np.abs(g + self.l1 * np.sign(b)))
        return v

    def face_minimum(self, b, active):
        """Newton's method over the active unknowns, each kept on its side of 0."""
        for _ in range(200):
            face = np.flatnonzero(active)
            g = self.gradient(b)[face] + (self.l1 * np.where(b != 0, np.sign(b), self.side))[face]
            H = self.hessian(b, face)
            D = 1 / np.sqrt(np.maximum(np.diag(H), 1e-300))
            step = -D * np.linalg.lstsq(H * np.outer(D, D), D * g, rcond=1e-13)[0]
            sign = np.where(b != 0, np.sign(b), self.side)[face]
            cross = (self.l1[face] > 0) & ((b[face] + step) * sign < 0)
            t = 1.0
            if cross.any():
                t = min(1.0, (-b[face][cross] / step[cross]).min())
            start, full = self.value(b), t
            while t > 1e-10:
                trial = b.copy()
                trial[face] += t * step
                if self.value(trial) <= start + 1e-14 * abs(start):
                    break
                t /= 2
            else:
                return b, active
            if t == full and cross.any():
                hit = face[cross & (np.abs(b[face] + t * step) <= 1e-12 * np.maximum(np.abs(b[face]), 1e-300))]
                hit = hit if len(hit) else face[cross][[np.argmin(-b[face][cross] / step[cross])]]
                trial[hit] = 0
                active[hit] = False
            moved = np.abs(trial - b).max()
            b = trial
            if moved <= 1e-14 * max(1, np.abs(b).max()):
                break
        return b, active

    def solve(self):
        b = np.zeros(len(self.l1))
        active = self.l1 == 0
        if not self.intercept:
            active = np.zeros(len(b), bool) if self.ratio > 0 else active
        self.side = np.zeros(len(b))
        for _ in range(5000):
            b, active = self.face_minimum(b, active)
            g = self.gradient(b)
            outside = np.where(active, 0, self.violation(b, g) / np.maximum(1, self.l1))
            worst = np.argmax(outside)
            if outside[worst] <= 1e-11:
                break
            active[worst] = True
            self.side[worst] = -np.sign(g[worst])
        v = self.violation(b, self.gradient(b))
        assert (v <= 1e-8 * np.maximum(1, self.l1)).all(), v.max()
        return b

    def original(self, b):
        B = b.reshape(self.k, -1)
        coef = B[:, : self.d] / self.spread
        intercept = B[:, self.d] - coef @ self.mean if self.intercept else np.zeros(self.k)
        return coef, intercept - (intercept.mean() if self.k > 1 else 0)


def answer(case):
    problem = Problem(case)
    b = problem.solve()
    coef, intercept = problem.original(b)
    objective = problem.value(b)
    if case.get("saga"):
        model = LogisticRegression(
            C=problem.C,
            l1_ratio=problem.ratio,
            tol=1e-10,
            max_iter=100000,
            solver="saga",
            fit_intercept=problem.intercept,
            class_weight=case.get("classWeight"),
        ).fit(problem.X, problem.y, sample_weight=problem.weight)
        both = np.abs(coef - model.coef_).max() / max(np.abs(coef).max(), 1e-300)
        assert both < 1e-5, (case, both)
        assert ((coef == 0) == (model.coef_ == 0)).all(), case
    print(case["name"], "objective", objective, "zeros", int((coef == 0).sum()), "of", coef.size, flush=True)
    return {**case, "objective": objective, "coef": coef.ravel().tolist(), "intercept": intercept.tolist()}


IRIS2 = {"dataset": "iris", "classes": [1, 2]}
BC = {"dataset": "breast_cancer"}
STD = {**BC, "standardize": True}
CASES = [
    {"name": "L1", **STD, "C": "0.1", "l1Ratio": 1, "saga": True},
    {"name": "L1, weaker", **STD, "C": "10", "l1Ratio": 1},
    {"name": "elastic net", **STD, "C": "0.1", "l1Ratio": 0.5, "saga": True},
    {"name": "elastic net, hardly L1", **STD, "C": "1", "l1Ratio": 0.01},
    {"name": "L1, raw columns", **BC, "C": "1", "l1Ratio": 1},
    {"name": "elastic net, raw columns", **BC, "C": "100", "l1Ratio": 0.3},
    {"name": "sample weights", **STD, "C": "0.1", "l1Ratio": 1, "weighted": True, "saga": True},
    {"name": "balanced class weights", **STD, "C": "0.1", "l1Ratio": 0.7, "classWeight": "balanced", "saga": True},
    {"name": "no intercept", **STD, "C": "0.1", "l1Ratio": 1, "fitIntercept": False, "saga": True},
    {"name": "fewer rows than columns", **STD, "step": 28, "C": "1", "l1Ratio": 1, "saga": True},
    {"name": "separable, weak penalty", "dataset": "iris", "classes": [0, 2], "C": "1e3", "l1Ratio": 1},
    {"name": "a penalty that leaves nothing", **STD, "C": "1e-6", "l1Ratio": 1, "saga": True},
    {"name": "multinomial", "dataset": "iris", "C": "0.5", "l1Ratio": 1, "saga": True},
    {"name": "multinomial, elastic net", "dataset": "wine", "standardize": True, "C": "0.5", "l1Ratio": 0.5, "saga": True},
    {"name": "multinomial, raw columns", "dataset": "wine", "C": "1", "l1Ratio": 1},
    {"name": "multinomial, weighted", "dataset": "iris", "C": "1", "l1Ratio": 1, "weighted": True},
    {"name": "multinomial, no intercept", "dataset": "iris", "C": "0.2", "l1Ratio": 1, "fitIntercept": False},
    {"name": "ten classes, constant columns", "dataset": "digits", "C": "1e-2", "l1Ratio": 0.8, "step": 12},
    {"name": "fifty classes", "dataset": "lattice", "C": "0.12", "l1Ratio": 0.9},
    {"name": "collinear columns", **IRIS2, "duplicate": True, "C": "1", "l1Ratio": 1, "flat": True},
    {"name": "collinear columns, elastic net", **IRIS2, "duplicate": True, "C": "1", "l1Ratio": 0.5},
    {"name": "a constant column", **IRIS2, "constant": True, "C": "1", "l1Ratio": 1},
    {"name": "huge scales", **IRIS2, "scale": [1e-12, 1, 1e6, 1e12], "C": "1", "l1Ratio": 1},
    {"name": "huge scales, elastic net", **IRIS2, "scale": [1e-12, 1, 1e6, 1e12], "C": "1", "l1Ratio": 0.5},
    {"name": "multinomial, huge scales", "dataset": "iris", "scale": [1e-12, 1, 30, 2], "C": "1", "l1Ratio": 1},
]

path = pathlib.Path(__file__).with_name("logistic_sparse.json")
lines = ",\n".join(json.dumps(answer(case)) for case in CASES)
path.write_text(f'{{"sklearn": "{sklearn.__version__}", "cases": [\n{lines}\n]}}\n')

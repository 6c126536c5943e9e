"""Writes linear_tree.json: test scores of LightGBM's linear trees, for test/parity/linear-tree.test.ts, which makes the same
table from the same integer arithmetic.

Run with LightGBM 4.7: python test/parity/make_linear_tree.py
"""

import json
from pathlib import Path

import lightgbm
import numpy as np
from make_multi_output import uniform
from sklearn.datasets import load_diabetes
from sklearn.metrics import r2_score

ROWS, COLS = 2000, 5


def table():
    """Lines that change at thresholds, and one feature that is sometimes missing."""
    X = np.array([[uniform(i * COLS + j) for j in range(COLS)] for i in range(ROWS)])
    noise = np.array([uniform(2 * 10**6 + i) - 0.5 for i in range(ROWS)])
    a, b, c, d = X[:, 0], X[:, 1], X[:, 2], X[:, 3]
    y = np.where(a > 0.4, 6 * b - 2 * c, 8 * c + d) + np.where(d > 0.7, -5 * a, 3 * a) + noise
    X[np.arange(ROWS) % 11 == 0, 4] = np.nan
    return X, y


def score(X, y, trees, **params):
    test = np.arange(len(y)) % 4 == 0
    shape = {"n_estimators": trees, "num_leaves": 15, "min_child_samples": 20, "min_child_weight": 1e-3}
    model = lightgbm.LGBMRegressor(**shape, **params, n_jobs=1, verbose=-1, deterministic=True)
    return r2_score(y[test], model.fit(X[~test], y[~test]).predict(X[test]))


def main():
    X, y = table()
    diabetes, progression = load_diabetes(return_X_y=True)
    out = {
        "version": lightgbm.__version__,
        "constant": score(X, y, 40),
        "linear": score(X, y, 40, linear_tree=True, linear_lambda=0.01),
        "diabetes": score(diabetes, progression, 20, linear_tree=True, linear_lambda=1),
    }
    Path(__file__).with_name("linear_tree.json").write_text(json.dumps(out, indent=2) + "\n")


if __name__ == "__main__":
    main()

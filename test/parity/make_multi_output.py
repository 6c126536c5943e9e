"""Writes multi_output.json: test scores of XGBoost's and scikit-learn's boosting of several targets, for
test/parity/multi-output.test.ts, which makes the same table from the same integer arithmetic.

Run with scikit-learn 1.9.1 and xgboost 3.2: python test/parity/make_multi_output.py
"""

import json
from pathlib import Path

import numpy as np
import sklearn
import xgboost
from sklearn.datasets import load_digits
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import accuracy_score, r2_score
from sklearn.multioutput import MultiOutputRegressor

ROWS, COLS = 2400, 6


def uniform(i):
    """32 well-mixed bits as a number in [0, 1)."""
    h = (i * 0x9E3779B1 + 0x85EBCA6B) & 0xFFFFFFFF
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        h = ((h ^ (h >> shift)) * factor) & 0xFFFFFFFF
    return h / 2**32


def table():
    X = np.array([[uniform(i * COLS + j) for j in range(COLS)] for i in range(ROWS)])
    noise = np.array([[uniform(10**6 + 3 * i + t) - 0.5 for t in range(3)] for i in range(ROWS)])
    a, b, c, d = X[:, 0], X[:, 1], X[:, 2], X[:, 3]
    shared = np.where(a > 0.5, 2 * b, -c)
    y = np.column_stack([shared + a, 3 * shared - d * d, np.where(b > 0.3, 1, 0) * shared + c * d]) + noise
    return X, y


def main():
    X, y = table()
    test = np.arange(ROWS) % 4 == 0
    shape = {"max_bin": 255, "n_estimators": 60, "learning_rate": 0.1, "reg_lambda": 0, "min_child_weight": 20, "n_jobs": 1}
    leaves = {"grow_policy": "lossguide", "max_leaves": 31, "max_depth": 0, "tree_method": "hist"}
    joint = xgboost.XGBRegressor(**shape, **leaves, multi_strategy="multi_output_tree").fit(X[~test], y[~test])
    own = MultiOutputRegressor(HistGradientBoostingRegressor(max_iter=60, early_stopping=False)).fit(X[~test], y[~test])
    digits, labels = load_digits(return_X_y=True)
    held = np.arange(len(labels)) % 4 == 0
    classes = xgboost.XGBClassifier(
        **{**shape, "min_child_weight": 1e-3}, **leaves, multi_strategy="multi_output_tree"
    ).fit(digits[~held], labels[~held])
    out = {
        "versions": {"xgboost": xgboost.__version__, "sklearn": sklearn.__version__},
        "multiOutputTree": r2_score(y[test], joint.predict(X[test])),
        "oneOutputPerTree": r2_score(y[test], own.predict(X[test])),
        "digits": accuracy_score(labels[held], classes.predict(digits[held])),
    }
    Path(__file__).with_name("multi_output.json").write_text(json.dumps(out, indent=2) + "\n")


if __name__ == "__main__":
    main()

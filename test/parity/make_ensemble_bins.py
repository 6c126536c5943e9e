"""Writes ensemble_bins.json: scikit-learn's DecisionTreeRegressor, which looks at every cut between two values, for
test/parity/ensemble-bins.test.ts.

Run with scikit-learn 1.9.1: python test/parity/make_ensemble_bins.py
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.tree import DecisionTreeRegressor

ROWS = 1500


def table():
    """Distinct values in every column, exact in float32; integer targets with an integer mean: all gradients are exact."""
    i = np.arange(ROWS)
    X = np.stack([(i * 7919 + 13) % 4099, (i * 104729 + 7) % 8209, (i * 1299709 + 3) % 16411], axis=1) / 64
    y = np.round(3 * np.sin(X[:, 0] / 5) + X[:, 1] / 32 - (X[:, 2] / 64) ** 2 + (i * 31) % 7)
    y[-1] -= y.sum() % ROWS
    return X, y


def tree(params):
    X, y = table()
    fitted = DecisionTreeRegressor(random_state=0, **params).fit(X, y).tree_
    return {
        "params": params,
        "feature": [int(f) if f >= 0 else -1 for f in fitted.feature],
        "threshold": [float(t) for t in fitted.threshold],
        "left": fitted.children_left.tolist(),
        "right": fitted.children_right.tolist(),
        "count": fitted.n_node_samples.tolist(),
        "value": fitted.value[:, 0, 0].tolist(),
    }


def main():
    trees = [
        tree({"max_leaf_nodes": 31, "min_samples_leaf": 20}),
        tree({"max_leaf_nodes": 60, "min_samples_leaf": 7}),
        tree({"max_depth": 5, "min_samples_leaf": 10}),
    ]
    X, y = table()
    data = {"scikitLearn": sklearn.__version__, "rows": ROWS, "checksum": float(X.sum()), "y": y.tolist(), "trees": trees}
    Path(__file__).with_name("ensemble_bins.json").write_text(json.dumps(data) + "\n")


if __name__ == "__main__":
    main()

"""scikit-learn's partial_dependence of a formula, for test/parity/inspection.test.ts.

Run: python test/parity/make_inspection.py (scikit-learn 1.9.1, numpy)
"""

import json
from pathlib import Path

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.inspection import partial_dependence


class Formula(RegressorMixin, BaseEstimator):
    """y = x0 x1 + |x2| - x3² / 4"""

    def fit(self, X, y=None):
        self.n_features_in_ = X.shape[1]
        self.is_fitted_ = True
        return self

    def predict(self, X):
        return X[:, 0] * X[:, 1] + np.abs(X[:, 2]) - X[:, 3] ** 2 / 4


rng = np.random.default_rng(7)
X = rng.normal(size=(60, 4)).round(6)
X[:, 3] = np.floor(2 * X[:, 3])
weights = rng.uniform(size=60).round(6)
model = Formula().fit(X)
cases = []
for features, options in [
    ([0], {}),
    ([2], {"percentiles": (0, 1), "grid_resolution": 7}),
    ([3], {"grid_resolution": 20}),
    ([1, 3], {"grid_resolution": 12}),
    ([0], {"percentiles": (0.2, 0.6), "grid_resolution": 5, "sample_weight": weights}),
]:
    options = {"grid_resolution": 30, **options}
    result = partial_dependence(model, X, features, kind="average", method="brute", **options)
    entry = {
        "features": features,
        "options": {k: v for k, v in options.items() if k != "sample_weight"},
        "weighted": "sample_weight" in options,
        "grid": [g.tolist() for g in result["grid_values"]],
        "average": result["average"].ravel().tolist(),
    }
    if "sample_weight" not in options:
        both = partial_dependence(model, X, features, kind="individual", method="brute", **options)
        entry["individual"] = both["individual"][0][:2].reshape(2, -1).tolist()
    cases.append(entry)
path = Path(__file__).with_name("inspection.json")
path.write_text(json.dumps({"X": X.tolist(), "weights": weights.tolist(), "cases": cases}) + "\n")

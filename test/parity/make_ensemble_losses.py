"""Writes ensemble_losses.json: what scikit-learn's and LightGBM's boosting gives for every regression loss, for
test/parity/ensemble-losses.test.ts.

Run with scikit-learn 1.9.1 and LightGBM 4.7.0: python test/parity/make_ensemble_losses.py
"""

import json
from pathlib import Path

import lightgbm
import numpy as np
import sklearn
from make_ensemble import columns
from sklearn.datasets import load_diabetes
from sklearn.ensemble import HistGradientBoostingRegressor


def halves():
    X, y = load_diabetes(return_X_y=True)
    test = np.arange(len(y)) % 4 == 0
    return X[~test], y[~test], X[test], y[test]


def of_sklearn(**params):
    X, y, X_test, _ = halves()
    return HistGradientBoostingRegressor(max_iter=50, early_stopping=False, **params).fit(X, y).predict(X_test)


def of_lightgbm(scale=1.0, **params):
    X, y, X_test, _ = halves()
    model = lightgbm.LGBMRegressor(
        n_estimators=50, min_child_samples=20, min_child_weight=1e-3, min_data_in_bin=1, verbose=-1, deterministic=True, **params
    )
    return model.fit(X, y / scale).predict(X_test) * scale


def weighted():
    """Weights of 0 to 3 a row, with the losses that renew leaves."""
    X, y, X_test, _ = halves()
    weights = np.arange(len(y)) % 4
    model = HistGradientBoostingRegressor(max_iter=50, early_stopping=False, loss="absolute_error")
    return model.fit(X, y, sample_weight=weights).predict(X_test)


def median_trees():
    """Gradients of ±1 are exact, and so are medians of dyadic numbers: the trees must agree to the last bit."""
    rng = np.random.default_rng(1)
    X = np.round(rng.normal(size=(240, 3)) * 4)
    X[rng.random(240) < 0.2, 2] = np.nan
    y = np.round(3 * X[:, 0] - 2 * X[:, 1] + np.nan_to_num(X[:, 2], nan=9) + rng.normal(size=240) * 2)
    model = HistGradientBoostingRegressor(
        loss="absolute_error", max_iter=4, learning_rate=0.5, early_stopping=False, min_samples_leaf=5, max_leaf_nodes=8
    ).fit(X, y)
    return {
        "X": [[None if np.isnan(x) else float(x) for x in row] for row in X],
        "y": y.tolist(),
        "baseline": float(model._baseline_prediction[0, 0]),
        "trees": [columns(predictors[0].nodes) for predictors in model._predictors],
    }


if __name__ == "__main__":
    predictions = {
        "absoluteError": of_sklearn(loss="absolute_error"),
        "quantile 0.2": of_sklearn(loss="quantile", quantile=0.2),
        "quantile 0.9": of_sklearn(loss="quantile", quantile=0.9),
        "poisson": of_sklearn(loss="poisson"),
        "gamma": of_sklearn(loss="gamma"),
        "huber 20": of_lightgbm(objective="huber", alpha=20.0),
        "fair 30": of_lightgbm(objective="fair", fair_c=30.0),
        "mape": of_lightgbm(objective="mape"),
        "tweedie 1.3": of_lightgbm(objective="tweedie", tweedie_variance_power=1.3),
        "crossEntropy": of_lightgbm(scale=350.0, objective="cross_entropy"),
    }
    result = {
        "sklearn": sklearn.__version__,
        "lightgbm": lightgbm.__version__,
        "predictions": {name: np.round(values, 6).tolist() for name, values in predictions.items()},
        "weightedAbsoluteError": np.round(weighted(), 6).tolist(),
        "medianTrees": median_trees(),
    }
    path = Path(__file__).with_name("ensemble_losses.json")
    path.write_text(json.dumps(result) + "\n")

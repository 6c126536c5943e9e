"""Writes sampling.json: R² of LightGBM's bagging, GOSS and DART on the diabetes data, seed by seed, for
test/parity/sampling.test.ts.

The target is centred: LightGBM keeps the mean of y in its first tree, and DART, which shrinks the trees it drops, would
shrink the mean with it (here to a quarter, R² -1.8). Run with LightGBM 4.7.0: python test/parity/make_sampling.py
"""

import json
from pathlib import Path

import lightgbm
from make_ensemble_losses import halves
from sklearn.metrics import r2_score

SEEDS = 10
CASES = {
    "subsample 0.5": {"subsample": 0.5, "subsample_freq": 1},
    "subsample 0.3, every 5": {"subsample": 0.3, "subsample_freq": 5},
    "goss": {"data_sample_strategy": "goss"},
    "goss 0.1, 0.2": {"data_sample_strategy": "goss", "top_rate": 0.1, "other_rate": 0.2},
    "dart": {"boosting_type": "dart"},
    "dart, always drops": {"boosting_type": "dart", "skip_drop": 0.0, "drop_rate": 0.3},
    "dart, uniform, at most 3": {"boosting_type": "dart", "skip_drop": 0.2, "uniform_drop": True, "max_drop": 3, "drop_rate": 0.5},
    "dart, as XGBoost": {"boosting_type": "dart", "skip_drop": 0.0, "drop_rate": 0.2, "uniform_drop": True, "xgboost_dart_mode": True},
}


def scores(params):
    X, y, X_test, y_test = halves()
    values = []
    for seed in range(SEEDS):
        model = lightgbm.LGBMRegressor(
            n_estimators=60, random_state=seed, verbose=-1, min_data_in_bin=1, n_jobs=1, **params
        ).fit(X, y - y.mean())
        values.append(float(r2_score(y_test, model.predict(X_test) + y.mean())))
    return values


if __name__ == "__main__":
    out = {"version": lightgbm.__version__, "cases": {name: scores(params) for name, params in CASES.items()}}
    Path(__file__).with_name("sampling.json").write_text(json.dumps(out) + "\n")

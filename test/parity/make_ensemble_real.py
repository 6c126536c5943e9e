"""Writes ensemble_real.json: ROC AUC of scikit-learn and LightGBM on real tables with categories, for ensemble-real.test.ts.

Run with scikit-learn 1.9.1 and LightGBM 4.7: TREELINE_DATA=… python test/parity/make_ensemble_real.py
Folds are row index mod 5, so that they are the same everywhere: the mean AUC of the first three is compared.
"""

import json
import os
from pathlib import Path

import lightgbm
import numpy as np
import pyarrow.parquet as pq
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

FOLDS = 3

TABLES = {
    "adult": {"target": "income", "positive": ">50K", "drop": ["split"]},
    "telco_churn": {"target": "Churn", "positive": "Yes", "drop": ["customerID"]},
    "titanic": {"target": "Survived", "positive": 1, "drop": ["PassengerId", "Name", "Ticket"]},
    "bank_marketing": {"target": "deposit", "positive": "yes", "drop": []},
}


def auc(make, X, y):
    scores = []
    for fold in range(FOLDS):
        test = np.arange(len(y)) % 5 == fold
        model = make().fit(X[~test], y[~test])
        scores.append(roc_auc_score(y[test], model.predict_proba(X[test])[:, 1]))
    return float(np.mean(scores))


def measure(name, target, positive, drop):
    table = pq.read_table(Path(os.environ["TREELINE_DATA"]) / f"{name}.parquet")
    drop = [c for c in drop if c in table.column_names]
    y = np.array([int(str(v).strip() == str(positive)) for v in table[target].to_pylist()])
    columns, categorical = [], []
    for j, column in enumerate(c for c in table.column_names if c not in [target, *drop]):
        values = table[column].to_pylist()
        if any(isinstance(v, str) for v in values):
            code = {v: k for k, v in enumerate(sorted({v for v in values if v is not None}))}
            values = [None if v is None else code[v] for v in values]
            categorical.append(j)
        columns.append([np.nan if v is None else float(v) for v in values])
    X = np.array(columns).T
    widest = int(max(np.nanmax(X[:, j]) + 1 for j in categorical))
    few = [j for j in categorical if np.nanmax(X[:, j]) < 255]  # scikit-learn takes no more
    return {
        "target": target, "positive": positive, "drop": drop, "widest": widest,
        "sklearn": auc(lambda: HistGradientBoostingClassifier(
            max_iter=60, early_stopping=False, categorical_features=few), X, y),
        "lightgbm": auc(lambda: lightgbm.LGBMClassifier(
            n_estimators=60, min_child_samples=20, verbosity=-1, n_jobs=1, categorical_feature=categorical), X, y),
    }


if __name__ == "__main__":
    result = {name: measure(name, **table) for name, table in TABLES.items()}
    Path(__file__).with_name("ensemble_real.json").write_text(json.dumps(result, indent=1) + "\n")

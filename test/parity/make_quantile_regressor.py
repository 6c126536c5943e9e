"""Writes quantile_regressor.json: what scikit-learn 1.9.1's QuantileRegressor (HiGHS) learns. Run:
python test/parity/make_quantile_regressor.py

A case names a table (of linear_regression.json, or a data set that both sides bundle) and tells the mean objective that
scikit-learn reached, its coefficients, and whether they are the only ones: they are where exactly as many residuals and
penalised coefficients are 0 as there are unknowns, and all of their multipliers lie clearly within their bounds.
"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn import datasets
from sklearn.linear_model import QuantileRegressor

assert sklearn.__version__ == "1.9.1", sklearn.__version__
warnings.simplefilter("ignore")
HERE = pathlib.Path(__file__).parent
TABLES = json.loads((HERE / "linear_regression.json").read_text())["tables"]


def table(name):
    if name == "diabetes":
        return datasets.load_diabetes(return_X_y=True)
    if name in ("wine", "breast_cancer"):  # the last column by the others
        X = getattr(datasets, f"load_{name}")().data
        return X[:, :-1], X[:, -1]
    return np.array(TABLES[name]["X"], float), np.array(TABLES[name]["y"], float)


def objective(model, X, y, weight):
    r = y - X @ model.coef_ - model.intercept_
    loss = np.maximum(model.quantile * r, (model.quantile - 1) * r)
    return np.average(loss, weights=weight) + model.alpha * np.abs(model.coef_).sum()


def is_unique(model, X, y, weight):
    """Whether the vertex is the only minimum: see above. In standardised columns, for the sake of tolerances."""
    keep = weight > 0
    X, y, weight = X[keep], y[keep], weight[keep]
    mean = X.mean(0) if model.fit_intercept else 0 * X[0]
    scale = np.sqrt(((X - mean) ** 2).mean(0))
    if not (scale > 1e-12 * np.abs(mean)).all():
        return False
    A = np.column_stack([(X - mean) / scale, np.ones(len(X))]) if model.fit_intercept else X / scale
    n, p, d = len(X), A.shape[1], X.shape[1]
    penalty = model.alpha * weight.sum() / scale
    upper = np.r_[weight * model.quantile, penalty]
    lower = np.r_[weight * (1 - model.quantile), penalty]
    r = np.r_[y - X @ model.coef_ - model.intercept_, -model.coef_ * scale]
    if model.alpha > 0:
        A = np.vstack([A, np.eye(d, p)])
    else:
        r, upper, lower = r[:n], upper[:n], lower[:n]
    zero = np.abs(r) < 1e-7 * np.abs(y - np.median(y)).mean()
    if zero.sum() != p or np.linalg.cond(A[zero]) > 1e8:
        return False
    dual = np.linalg.solve(A[zero].T, -A[~zero].T @ np.where(r > 0, upper, -lower)[~zero])
    return bool(np.all(dual < upper[zero] * (1 - 1e-6)) and np.all(dual > -lower[zero] * (1 - 1e-6)))


def cases():
    for name in ("plain", "outliers", "shifted", "scales", "collinear", "constant", "counts", "one row", "diabetes", "wine", "breast_cancer", "wide"):
        for quantile in (0.1, 0.5, 0.9):
            for alpha in (0, 1e-3, 0.1, 1):
                for weighted in (False, True) if name != "one row" else (False,):
                    yield dict(table=name, params=dict(quantile=quantile, alpha=alpha), weighted=weighted)
    for name in ("plain", "shifted", "diabetes", "wide"):
        for alpha in (0, 0.01, 1):
            yield dict(table=name, params=dict(quantile=0.3, alpha=alpha, fit_intercept=False), weighted=False)


def answer(case):
    X, y = table(case["table"])
    weight = (np.arange(len(y)) % 4).astype(float) if case["weighted"] else np.ones(len(y))
    model = QuantileRegressor(**case["params"]).fit(X, y, sample_weight=weight)
    learned = dict(objective=objective(model, X, y, weight), unique=is_unique(model, X, y, weight))
    if learned["unique"]:
        learned |= dict(coef=model.coef_.tolist(), intercept=float(model.intercept_))
    return {**case, **learned}


if __name__ == "__main__":
    answers = [answer(case) for case in cases()]
    body = ",\n".join(json.dumps(case) for case in answers)
    (HERE / "quantile_regressor.json").write_text(f'{{"sklearn": "{sklearn.__version__}", "cases": [\n{body}\n]}}\n')

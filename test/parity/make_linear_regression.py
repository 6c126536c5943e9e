"""Writes linear_regression.json: what scikit-learn 1.9.1's regressors learn, at their tightest. Run:
python test/parity/make_linear_regression.py

Every case names a table (below, written out; or a data set that both sides bundle), an estimator, its parameters in
scikit-learn's words, and what it learned. linear-regression.test.ts fits the same and compares.
"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn import datasets, linear_model

assert sklearn.__version__ == "1.9.1", sklearn.__version__
warnings.simplefilter("ignore")
random = np.random.RandomState(0)


def some(rows, cols, scale=None, noise=0.3):
    X = random.normal(size=(rows, cols)).round(3)
    w = np.arange(1, cols + 1) * (-1.0) ** np.arange(cols)
    y = (X @ w / cols + 2 + noise * random.normal(size=rows)).round(4)
    return (X if scale is None else X * scale), y


def tables():
    X, y = some(60, 4)
    outliers = y.copy()
    outliers[::9] += 25
    wide, wide_y = some(12, 30)
    return {
        "plain": (X, y),
        "positive": (X, np.exp(y / 3).round(4)),
        "counts": (X, np.floor(np.exp(y / 3))),
        "outliers": (X, outliers),
        "shifted": (X + [1e3, 0, -1e2, 5], y),
        "scales": (X * [1e-12, 1, 1e6, 1e12], y),
        "collinear": (np.column_stack([X, X[:, 0] - 2 * X[:, 1], X[:, 2]]), y),
        "constant": (np.column_stack([X, np.full(60, 7.25), np.zeros(60)]), y),
        "wide": (wide, wide_y),
        "targets": (X, np.column_stack([y, 2 - 3 * y + X[:, 3] ** 2, np.abs(X[:, 0])])),
        "one row": (X[:1], y[:1]),
        "zeros": (X, np.zeros(60)),
    }


TABLES = tables()


def table(case):
    if case["table"] == "diabetes":
        X, y = datasets.load_diabetes(return_X_y=True)
    else:
        X, y = TABLES[case["table"]]
    weight = (np.arange(len(y)) % 4).astype(float) if case.get("weighted") else None
    return X, y, weight


def answer(case):
    X, y, weight = table(case)
    tight = case.get("tight", {})
    model = getattr(linear_model, case["estimator"])(**case.get("params", {}), **tight)
    mean = X.mean(0) if case.get("centre") else 0  # where the peer's solver gives up on raw columns: the same optimum
    model.fit(X - mean, y, **({} if weight is None else {"sample_weight": weight}))
    if case.get("centre"):
        model.intercept_ -= model.coef_ @ mean
    learned = {name: np.ravel(getattr(model, name)).astype(float).tolist() for name in case["learned"]}
    return {
        **{key: value for key, value in case.items() if key not in ("learned", "tight", "centre")},
        "learned": learned,
        "predicted": np.ravel(model.predict(X[:5])).tolist(),
        "score": float(model.score(X, y, sample_weight=weight)) if len(y) > 1 else None,
    }


def glms():
    newton = {"solver": "newton-cholesky", "tol": 1e-13, "max_iter": 5000}
    lbfgs = {"tol": 1e-13, "max_iter": 20000}
    learned = ["coef_", "intercept_"]
    for weighted in (False, True):
        for name, table in [("PoissonRegressor", "counts"), ("GammaRegressor", "positive"), ("PoissonRegressor", "diabetes")]:
            for alpha in (1, 1e-3):
                yield dict(table=table, estimator=name, params=dict(alpha=alpha), weighted=weighted, tight=newton, learned=learned)
    yield dict(table="counts", estimator="PoissonRegressor", params=dict(fit_intercept=False), tight=newton, learned=learned)
    yield dict(table="counts", estimator="PoissonRegressor", params=dict(alpha=0), tight=newton, learned=learned)
    for power, link in [(0, "auto"), (1.5, "auto"), (1, "log"), (0, "log"), (3, "auto"), (1, "identity"), (2, "identity")]:
        tight = newton if link == "auto" and power < 3 else lbfgs
        loose = {} if link == "auto" and power < 3 else {"tolerance": 1e-4}
        params = dict(power=power, link=link, alpha=0.1)
        yield dict(table="positive", estimator="TweedieRegressor", params=params, tight=tight, learned=learned, **loose)


def hubers():
    learned = ["coef_", "intercept_", "scale_", "outliers_"]
    for table in ("plain", "outliers", "shifted"):
        for weighted in (False, True):
            tight = {"tol": 1e-12, "max_iter": 50000}
            yield dict(
                table=table, estimator="HuberRegressor", weighted=weighted, tight=tight, learned=learned, tolerance=1e-4, centre=True
            )
    params = dict(epsilon=2, alpha=1, fit_intercept=False)
    yield dict(table="outliers", estimator="HuberRegressor", params=params, tight={"tol": 1e-12, "max_iter": 50000}, learned=learned, tolerance=1e-4)


if __name__ == "__main__":
    cases = [answer(case) for family in (glms, hubers) for case in family()]
    path = pathlib.Path(__file__).with_name("linear_regression.json")
    rows = {name: {"X": X.tolist(), "y": y.tolist()} for name, (X, y) in TABLES.items()}
    head = ",\n".join(f"{json.dumps(name)}: {json.dumps(rows[name])}" for name in rows)
    body = ",\n".join(json.dumps(case) for case in cases)
    path.write_text(f'{{"sklearn": "{sklearn.__version__}", "tables": {{\n{head}\n}}, "cases": [\n{body}\n]}}\n')

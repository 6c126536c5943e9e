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


def numbers(value):
    return [float(f"{x:.14g}") for x in np.ravel(value).astype(float)]


def answer(case):
    X, y, weight = table(case)
    tight = case.get("tight", {})
    model = getattr(linear_model, case["estimator"])(**case.get("params", {}), **tight)
    mean = X.mean(0) if case.get("centre") else 0  # where the peer's solver gives up on raw columns: the same optimum
    model.fit(X - mean, y, **({} if weight is None else {"sample_weight": weight}))
    if case.get("centre"):
        model.intercept_ -= model.coef_ @ mean
    if y.ndim == 2 and np.ndim(model.intercept_) == 0:  # 0 without an intercept, whatever the number of targets
        model.intercept_ = np.zeros(y.shape[1])
    learned = {name: numbers(getattr(model, name)) for name in case["learned"]}
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


def least_squares():
    plain = ["coef_", "intercept_"]
    ranked = [*plain, "rank_", "singular_"]
    for table in ("plain", "shifted", "collinear", "constant", "wide", "targets", "one row", "zeros", "diabetes"):
        for weighted in (False, True) if table not in ("one row",) else (False,):
            yield dict(table=table, estimator="LinearRegression", weighted=weighted, learned=ranked)
            for alpha in (1, 1e-6):
                yield dict(table=table, estimator="Ridge", params=dict(alpha=alpha), weighted=weighted, tight=dict(solver="svd"), learned=plain)
        yield dict(table=table, estimator="LinearRegression", params=dict(fit_intercept=False), learned=ranked)
        yield dict(table=table, estimator="Ridge", params=dict(fit_intercept=False), tight=dict(solver="svd"), learned=plain)
    yield dict(table="targets", estimator="Ridge", params=dict(alpha=[0.1, 1, 10]), tight=dict(solver="svd"), learned=plain)
    for table in ("plain", "collinear", "diabetes"):
        yield dict(table=table, estimator="LinearRegression", params=dict(positive=True), learned=plain)
        yield dict(table=table, estimator="Ridge", params=dict(positive=True), tight=dict(tol=1e-12, max_iter=100000), learned=plain, tolerance=1e-5)


def ridge_cvs():
    learned = ["coef_", "intercept_", "alpha_", "best_score_", "cv_results_"]
    for table in ("plain", "shifted", "wide", "collinear", "diabetes"):
        for weighted in (False, True):
            params = dict(alphas=[1e-3, 0.1, 1, 10, 100], store_cv_results=True)
            yield dict(table=table, estimator="RidgeCV", params=params, weighted=weighted, tight=dict(gcv_mode="svd"), learned=learned)
    params = dict(alphas=[0.1, 1, 10], alpha_per_target=True, fit_intercept=False)
    yield dict(table="targets", estimator="RidgeCV", params=params, tight=dict(gcv_mode="svd"), learned=learned[:4])


def elastic_nets():
    learned = ["coef_", "intercept_"]
    tight = {"tol": 1e-14, "max_iter": 200000}
    for table in ("plain", "shifted", "collinear", "constant", "wide", "diabetes"):
        for weighted in (False, True):
            for alpha in (0.5, 1e-2) if table != "collinear" else ():  # a choice of minima
                yield dict(table=table, estimator="Lasso", params=dict(alpha=alpha), weighted=weighted, tight=tight, learned=learned, tolerance=1e-6)
            params = dict(alpha=0.1, l1_ratio=0.3)
            yield dict(table=table, estimator="ElasticNet", params=params, weighted=weighted, tight=tight, learned=learned, tolerance=1e-6)
    yield dict(table="plain", estimator="Lasso", params=dict(alpha=0.1, positive=True), tight=tight, learned=learned, tolerance=1e-6)
    yield dict(table="wide", estimator="ElasticNet", params=dict(alpha=0.1, l1_ratio=0), tight=tight, learned=learned, tolerance=1e-6)
    yield dict(table="plain", estimator="Lasso", params=dict(alpha=0.1, fit_intercept=False), tight=tight, learned=learned, tolerance=1e-6)
    for table in ("plain", "wide", "diabetes"):
        for weighted in (False, True):
            cv = dict(table=table, weighted=weighted, tight=tight, tolerance=1e-5)
            path = [*learned, "alpha_", "alphas_", "mse_path_"]
            params = dict(alphas=20, eps=0.05 if table == "wide" else 1e-3)
            yield dict(estimator="LassoCV", params=params, learned=path, **cv)
            params = dict(alphas=10, l1_ratio=[0.2, 0.8], cv=3)
            yield dict(estimator="ElasticNetCV", params=params, learned=[*path, "l1_ratio_"], **cv)


if __name__ == "__main__":
    cases = [answer(case) for family in (glms, hubers, least_squares, ridge_cvs, elastic_nets) for case in family()]
    path = pathlib.Path(__file__).with_name("linear_regression.json")
    rows = {name: {"X": X.tolist(), "y": y.tolist()} for name, (X, y) in TABLES.items()}
    head = ",\n".join(f"{json.dumps(name)}: {json.dumps(rows[name])}" for name in rows)
    body = ",\n".join(json.dumps(case) for case in cases)
    path.write_text(f'{{"sklearn": "{sklearn.__version__}", "tables": {{\n{head}\n}}, "cases": [\n{body}\n]}}\n')

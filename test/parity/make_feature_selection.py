"""Writes feature_selection.json: scores, p-values and selections of scikit-learn 1.9.1 on small tables, and tails of scipy's
distributions. NaN is null, infinities are strings. Run: python test/parity/make_feature_selection.py"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from scipy import special
from sklearn.linear_model import Lasso, Ridge, RidgeClassifier
from sklearn.model_selection import GroupKFold
from sklearn.feature_selection import (
    RFE, RFECV, GenericUnivariateSelect, SelectFdr, SelectFromModel, SelectFpr, SelectFwe, SelectKBest, SelectPercentile, VarianceThreshold, chi2,
    f_classif, f_regression, r_regression)

assert sklearn.__version__ == "1.9.1", sklearn.__version__
warnings.simplefilter("ignore")
rng = np.random.RandomState(0)
N, D = 90, 12
X = np.round(rng.randn(N, D) * np.logspace(-3, 3, D), 6)
labels = rng.randint(0, 3, N)
target = np.round(X[:, 2] * 100 + X[:, 7] / 3 + rng.randn(N), 4)
X[:, 4] += 0.3 * labels
X[:, 9] -= 40 * labels
X[:, 5] = 2.0  # constant
X[:, 6] = labels  # constant within the classes
X[:, 8] = X[:, 4]  # equal scores
counts = rng.poisson(2, (N, 6)).astype(float)
counts[:, 1] += 3 * (labels == 1)
counts[:, 4] = 0
holed = X.copy()
holed[rng.rand(N, D) < 0.1] = np.nan
holed[:, 5] = 2.0


def plain(values):
    def one(v):
        v = float(v)
        return None if v != v else v if abs(v) != float("inf") else "-Infinity" if v < 0 else "Infinity"
    return [one(v) for v in np.ravel(values)]


out = {"X": X.tolist(), "holed": [plain(row) for row in holed], "counts": counts.tolist(), "labels": labels.tolist(),
       "target": target.tolist()}
f, p = f_classif(X, labels)
out["fClassif"] = [plain(f), plain(p)]
out["chi2"] = [plain(v) for v in chi2(counts, labels)]
out["chi2Two"] = [plain(v) for v in chi2(counts, labels > 0)]
regression = []
exact = np.column_stack([X, target])  # a feature that is the target
for center in (True, False):
    for force_finite in (True, False):
        f, p = f_regression(exact, target, center=center, force_finite=force_finite)
        r = r_regression(exact, target, center=center, force_finite=force_finite)
        regression.append([{"center": center, "forceFinite": force_finite}, plain(r), plain(f), plain(p)])
out["regression"] = regression

FUNCS = {"fClassif": f_classif, "fRegression": f_regression, "rRegression": r_regression, "chi2": chi2}
CASES = [
    (SelectKBest, "fClassif", {"k": 3}), (SelectKBest, "fClassif", {"k": 0}), (SelectKBest, "fRegression", {"k": "all"}),
    (SelectKBest, "rRegression", {"k": 4}), (SelectKBest, "chi2", {"k": 2}), (SelectKBest, "chi2", {"k": 5}),
    (SelectPercentile, "fClassif", {"percentile": 10}), (SelectPercentile, "fClassif", {"percentile": 30}),
    (SelectPercentile, "fRegression", {"percentile": 37.5}), (SelectPercentile, "chi2", {"percentile": 50}),
    (SelectPercentile, "chi2", {"percentile": 0}), (SelectPercentile, "chi2", {"percentile": 100}),
    (SelectFpr, "fClassif", {}), (SelectFpr, "fRegression", {"alpha": 0.3}), (SelectFdr, "fClassif", {}),
    (SelectFdr, "fRegression", {"alpha": 0.5}), (SelectFdr, "chi2", {"alpha": 0.01}), (SelectFwe, "fClassif", {}),
    (SelectFwe, "fRegression", {"alpha": 0.9}), (GenericUnivariateSelect, "fClassif", {"mode": "k_best", "param": 4}),
    (GenericUnivariateSelect, "fClassif", {"mode": "fdr", "param": 0.2}),
    (GenericUnivariateSelect, "chi2", {"mode": "percentile", "param": 40}),
]
selected = []
for cls, func, params in CASES:
    table, y = (counts if func == "chi2" else X), (labels if func in ("fClassif", "chi2") else target)
    selector = cls(score_func=FUNCS[func], **params).fit(table, y)
    ours = {k: "kBest" if v == "k_best" else v for k, v in params.items()}
    selected.append([cls.__name__, {"scoreFunc": func, **ours}, selector.get_support().tolist()])
out["selected"] = selected
models = []
MODELS = {"ridge": (lambda: Ridge(alpha=0.5), "target"), "lasso": (lambda: Lasso(alpha=1.0, tol=1e-12, max_iter=100000), "target"),
          "bayes": (lambda: RidgeClassifier(), "labels")}
scaled = (X - X.mean(axis=0)) / np.where(X.std(axis=0) > 0, X.std(axis=0), 1)
for name, params in [("ridge", {}), ("ridge", {"threshold": "median"}), ("ridge", {"threshold": "1.25*mean", "max_features": 2}), ("ridge", {"threshold": 0.5}),
                     ("ridge", {"max_features": 3, "threshold": -np.inf}), ("lasso", {}), ("lasso", {"threshold": "mean"}), ("bayes", {}),
                     ("bayes", {"norm_order": 2}), ("bayes", {"norm_order": np.inf, "threshold": "0.1*median"}), ("bayes", {"norm_order": -np.inf})]:
    make, y = MODELS[name]
    s = SelectFromModel(make(), **params).fit(scaled, {"target": target, "labels": labels}[y])
    models.append([name, {k: plain(v)[0] if isinstance(v, float) else v for k, v in params.items()}, plain(s.threshold_)[0], s.get_support().tolist()])
rfe = []
untied = np.delete(scaled, 8, axis=1)  # of the equal features 4 and 8 rounding decides
for name, params in [("ridge", {}), ("ridge", {"n_features_to_select": 3}), ("ridge", {"n_features_to_select": 0.34, "step": 0.2}), ("bayes", {"step": 3, "n_features_to_select": 2}),
                     ("bayes", {"n_features_to_select": 11})]:
    make, y = MODELS[name]
    s = RFE(make(), **params).fit(untied, {"target": target, "labels": labels}[y])
    rfe.append([name, params, s.ranking_.tolist(), s.score(untied, {"target": target, "labels": labels}[y])])
rfecv = []
groups = (np.arange(N) * 7) % 6
for name, params, cv in [("ridge", {}, None), ("ridge", {"scoring": "neg_mean_absolute_error", "step": 2, "min_features_to_select": 2}, 4),
                         ("lasso", {"step": 0.25}, "groups"), ("bayes", {}, 3), ("bayes", {"min_features_to_select": 20, "scoring": "f1_macro"}, 3)]:
    make, y = MODELS[name]
    y = {"target": target, "labels": labels}[y]
    given = GroupKFold(3).split(untied, y, groups) if cv == "groups" else cv
    s = RFECV(make(), cv=list(given) if cv == "groups" else given, **params).fit(untied, y)
    results = {k: np.asarray(v).tolist() for k, v in s.cv_results_.items()}
    rfecv.append([name, params, cv, int(s.n_features_), s.ranking_.tolist(), s.score(untied, y), results])
out["rfecv"] = rfecv
out["groups"] = groups.tolist()
out["scaled"] = scaled.tolist()
out["models"] = models
out["rfe"] = rfe
variance = []
for table in ("X", "holed", "counts"):
    for threshold in (0.0, 0.5):
        s = VarianceThreshold(threshold).fit({"X": X, "holed": holed, "counts": counts}[table])
        variance.append([table, threshold, plain(s.variances_), s.get_support().tolist()])
out["variance"] = variance

tails = []
for dfn in (1, 2, 3, 7, 50):
    for dfd in (1, 2, 5, 30, 147, 284805):
        for x in (0, 1e-10, 1e-3, 0.3, 1, 1.5, 3, 10, 100, 1e3, 1e10, 1e100):
            tails.append(["F", x, dfn, dfd, float(special.fdtrc(dfn, dfd, x))])
for df in (1, 2, 3, 9, 30, 500):
    for x in (0, 1e-8, 0.1, 1, 3, 10, 30, 100, 499, 600, 1000, 1400):
        tails.append(["chi2", x, df, 0, float(special.chdtrc(df, x))])
out["tails"] = tails
path = pathlib.Path(__file__).with_name("feature_selection.json")
path.write_text("{\n" + ",\n".join(f'"{k}": {json.dumps(v)}' for k, v in out.items()) + "\n}\n")

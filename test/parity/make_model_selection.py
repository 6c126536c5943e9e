"""Writes model_selection.json: splits, cross-validation and searches of scikit-learn 1.9.1. Run: python test/parity/make_model_selection.py"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    LeavePGroupsOut,
    LeavePOut,
    PredefinedSplit,
    StratifiedGroupKFold,
    StratifiedKFold,
    TimeSeriesSplit,
    cross_val_predict,
    cross_validate,
    learning_curve,
    validation_curve,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

assert sklearn.__version__ == "1.9.1", sklearn.__version__
warnings.simplefilter("ignore")
rng = np.random.RandomState(0)
n = 23
y = rng.choice(3, n, p=[0.6, 0.25, 0.15])
groups = rng.randint(0, 7, n)
X = np.zeros((n, 1))

splits = {}
for name, splitter in {
    "KFold": KFold(4),
    "StratifiedKFold": StratifiedKFold(3),
    "GroupKFold": GroupKFold(3),
    "StratifiedGroupKFold": StratifiedGroupKFold(3),
    "TimeSeriesSplit": TimeSeriesSplit(4),
    "TimeSeriesSplit gap": TimeSeriesSplit(3, gap=2, test_size=4, max_train_size=6),
    "LeavePOut": LeavePOut(21),
    "LeaveOneGroupOut": LeaveOneGroupOut(),
    "LeavePGroupsOut": LeavePGroupsOut(5),
    "PredefinedSplit": PredefinedSplit(np.where(groups < 3, groups, -1)),
}.items():
    splits[name] = [[train.tolist(), test.tolist()] for train, test in splitter.split(X, y, groups)]

iris = load_iris(return_X_y=True)
cancer = load_breast_cancer(return_X_y=True)
diabetes = load_diabetes(return_X_y=True)


def plain(results, keep):
    return {k: np.asarray(v, dtype=float).tolist() for k, v in results.items() if any(part in k for part in keep)}


nb = cross_validate(GaussianNB(), *cancer, scoring=["roc_auc", "average_precision", "neg_log_loss", "f1"], return_train_score=True)
weights = np.linspace(0.5, 2, len(cancer[1]))
weighted = cross_validate(GaussianNB(), *cancer, cv=3, params={"sample_weight": weights})
predicted = cross_val_predict(GaussianNB(), *iris, cv=4, method="predict_proba")
labels = cross_val_predict(Ridge(), *diabetes, cv=6)

grid = GridSearchCV(Ridge(), {"alpha": [0.01, 0.1, 1, 10], "fit_intercept": [False, True]}, cv=4, return_train_score=True)
grid.fit(*diabetes)
pipe = make_pipeline(StandardScaler(), LogisticRegression(tol=1e-10, max_iter=1000))
search = GridSearchCV(pipe, {"logisticregression__C": [0.01, 1.0, 100.0]}, scoring={"ap": "average_precision", "loss": "neg_log_loss"}, refit="ap", cv=3)
search.fit(*cancer)

sizes, train_lc, test_lc = learning_curve(Ridge(), *diabetes, cv=3, train_sizes=[0.1, 0.5, 1.0])
train_vc, test_vc = validation_curve(Ridge(), *diabetes, param_name="alpha", param_range=[0.1, 1, 10], cv=4, scoring="neg_mean_absolute_error")

KEEP = ["score", "test_", "train_"]
out = {
    "y": y.tolist(),
    "groups": groups.tolist(),
    "splits": splits,
    "crossValidate": plain(nb, ["test_", "train_"]),
    "weighted": weighted["test_score"].tolist(),
    "probabilities": predicted.ravel().tolist(),
    "predictions": labels.tolist(),
    "grid": plain({k: v for k, v in grid.cv_results_.items() if "time" not in k}, KEEP),
    "gridParams": [[p["alpha"], p["fit_intercept"]] for p in grid.cv_results_["params"]],
    "best": [int(grid.best_index_), grid.best_score_, grid.best_params_["alpha"], grid.best_params_["fit_intercept"]],
    "search": plain({k: v for k, v in search.cv_results_.items() if "time" not in k}, KEEP),
    "learning": [sizes.tolist(), train_lc.tolist(), test_lc.tolist()],
    "validation": [train_vc.tolist(), test_vc.tolist()],
    "searchBest": [int(search.best_index_), search.best_score_, search.score(*cancer)],
}
pathlib.Path(__file__).with_name("model_selection.json").write_text(json.dumps(out) + "\n")

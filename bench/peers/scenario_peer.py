"""One measurement for bench/peers/scenario.ts: prints one JSON line.

scenario_peer.py model NAME FOLDER --threads T     a scikit-learn model: fit, predict, scores
scenario_peer.py search NAME FOLDER --threads T --backend loky|dask     a GridSearchCV, by joblib's own workers or by Dask's

FOLDER holds the tables that bench/peers/tables.ts writes.
"""
import argparse
import json
import os
import time
import warnings

parser = argparse.ArgumentParser()
parser.add_argument("task", choices=["model", "search"])
parser.add_argument("name")
parser.add_argument("folder")
parser.add_argument("--threads", type=int, required=True)
parser.add_argument("--backend", choices=["loky", "dask"], default="loky")
args = parser.parse_args()

import joblib  # noqa: E402
import numpy as np  # noqa: E402
from sklearn.dummy import DummyClassifier  # noqa: E402
from sklearn.ensemble import (  # noqa: E402
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression, SGDClassifier  # noqa: E402
from sklearn.metrics import average_precision_score, roc_auc_score  # noqa: E402
from sklearn.model_selection import GridSearchCV, StratifiedKFold  # noqa: E402
from sklearn.naive_bayes import GaussianNB  # noqa: E402
from sklearn.neighbors import KNeighborsClassifier  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.svm import LinearSVC  # noqa: E402
from sklearn.tree import DecisionTreeClassifier  # noqa: E402

warnings.simplefilter("ignore")
with open(os.path.join(args.folder, "meta.json")) as handle:
    meta = json.load(handle)


def table(part):
    X = np.fromfile(os.path.join(args.folder, f"X_{part}.bin"), dtype=meta["dtype"]).reshape(-1, meta["cols"])
    return X, np.fromfile(os.path.join(args.folder, f"y_{part}.bin"), dtype=np.float64)


def scaled(model):
    return make_pipeline(StandardScaler(), model)


n = args.threads
MODELS = {
    "dummy": lambda: DummyClassifier(),
    "logistic regression": lambda: scaled(LogisticRegression(max_iter=1000)),
    "logistic regression, balanced": lambda: scaled(LogisticRegression(max_iter=1000, class_weight="balanced")),
    "SGD, log loss": lambda: scaled(SGDClassifier(loss="log_loss", random_state=0)),
    "Gaussian naive Bayes": lambda: GaussianNB(),
    "linear SVC": lambda: scaled(LinearSVC(dual=False)),
    "decision tree": lambda: DecisionTreeClassifier(random_state=0),
    "random forest": lambda: RandomForestClassifier(n_jobs=n, random_state=0),
    "extra trees": lambda: ExtraTreesClassifier(n_jobs=n, random_state=0),
    "gradient boosting": lambda: HistGradientBoostingClassifier(
        learning_rate=0.05, l2_regularization=10, min_samples_leaf=50, early_stopping=False, random_state=0
    ),
    "5 nearest neighbours": lambda: scaled(KNeighborsClassifier(5, n_jobs=n)),
    "isolation forest": lambda: IsolationForest(n_jobs=n, random_state=0),
}
GRIDS = {
    "logistic regression, 8 × 3": lambda: (
        scaled(LogisticRegression(max_iter=1000)),
        {"logisticregression__C": [0.001, 0.01, 0.1, 1, 10, 100, 1000, 10000]},
    ),
    "gradient boosting, 4 × 3": lambda: (
        HistGradientBoostingClassifier(early_stopping=False, l2_regularization=10, min_samples_leaf=50, random_state=0),
        {"learning_rate": [0.05, 0.1], "max_leaf_nodes": [15, 31]},
    ),
}
X, y = table("train")


def scores(model, X_test):
    if isinstance(model, IsolationForest):
        return -model.score_samples(X_test)
    return model.predict_proba(X_test)[:, 1] if hasattr(model, "predict_proba") else model.decision_function(X_test)


def search():
    estimator, grid = GRIDS[args.name]()
    cv = StratifiedKFold(3, shuffle=True, random_state=0)
    found = GridSearchCV(estimator, grid, scoring="average_precision", cv=cv, refit=False, n_jobs=n)
    start = time.perf_counter()
    found.fit(X, y)
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "best": float(found.best_score_)}))


if args.task == "model":
    X_test, y_test = table("test")
    model = MODELS[args.name]()
    start = time.perf_counter()
    model.fit(X, y)
    fit = time.perf_counter() - start
    start = time.perf_counter()
    said = scores(model, X_test)
    predict = time.perf_counter() - start
    print(json.dumps({"fit": fit, "predict": predict, "averagePrecision": average_precision_score(y_test, said),
                      "rocAuc": roc_auc_score(y_test, said)}))
elif args.backend == "dask":
    from distributed import Client

    # Processes, as a course's LocalCluster() has them; the table is sent to each of them once.
    if __name__ == "__main__":
        with Client(n_workers=n, threads_per_worker=1, dashboard_address=None) as client:
            with joblib.parallel_config(backend="dask", scatter=[X, y]):
                search()
else:
    search()

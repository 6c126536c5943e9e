"""Times scikit-learn, and Dask-ML where it is installed and runs, on the tasks of bench/peers/linear.ts: prints one JSON line.

linear_peer.py FOLDER --threads T --repeats R

FOLDER holds X_train.bin, y_train.bin and meta.json, as written by bench/peers/tables.ts, and treeline.json: Treeline's
coefficients, whose objective is computed here beside the peer's own. The first run of a task warms up and is not reported.
"""
import argparse
import json
import os
import time
import warnings

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--threads", type=int, required=True)
parser.add_argument("--repeats", type=int, default=3)
args = parser.parse_args()
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(args.threads)

import numpy as np  # noqa: E402  (after the thread limits)
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, Ridge, SGDClassifier  # noqa: E402
from sklearn.naive_bayes import GaussianNB  # noqa: E402

warnings.filterwarnings("ignore")
with open(os.path.join(args.folder, "meta.json")) as handle:
    meta = json.load(handle)
with open(os.path.join(args.folder, "treeline.json")) as handle:
    ours = json.load(handle)
X = np.fromfile(os.path.join(args.folder, "X_train.bin"), dtype=meta["dtype"]).reshape(-1, meta["cols"])
y = np.fromfile(os.path.join(args.folder, "y_train.bin"))
W = X.astype(np.float64)


def margins(w):
    return W @ np.array(w[:-1]) + w[-1]


def log_loss(w):
    return np.mean(np.logaddexp(0, margins(w)) - y * margins(w))


def squares(w):
    return np.mean((y - margins(w)) ** 2) / 2


def norm(w):
    return np.sum(np.square(w[:-1]))


OBJECTIVES = {
    "logistic": lambda w: log_loss(w) + norm(w) / (2 * len(y)),
    "least squares": squares,
    "ridge": lambda w: squares(w) + norm(w) / (2 * len(y)),
    "lasso": lambda w: squares(w) + 0.001 * np.sum(np.abs(w[:-1])),
    "sgd": lambda w: log_loss(w) + 0.0001 * norm(w) / 2,
    "gaussian bayes": lambda w: 0.0,
}
PEERS = {
    "sklearn lbfgs": ("logistic", lambda: LogisticRegression(max_iter=1000)),
    "sklearn newton-cholesky": ("logistic", lambda: LogisticRegression(solver="newton-cholesky", max_iter=1000)),
    "sklearn LinearRegression": ("least squares", LinearRegression),
    "sklearn Ridge": ("ridge", Ridge),
    "sklearn Lasso": ("lasso", lambda: Lasso(alpha=0.001)),
    "sklearn SGDClassifier": ("sgd", lambda: SGDClassifier(loss="log_loss", max_iter=5, tol=None, random_state=0)),
    "sklearn GaussianNB": ("gaussian bayes", GaussianNB),
}


def numbers(model):
    if isinstance(model, GaussianNB):
        return np.concatenate([np.ravel(model.theta_), np.ravel(model.var_)])
    return np.append(np.ravel(model.coef_), np.ravel(model.intercept_))


def fit(make):
    return lambda: make().fit(X, y)


tasks = {name: (task, fit(make)) for name, (task, make) in PEERS.items()}
failures = {}
try:
    import dask
    import dask.array as da
    from dask_ml.linear_model import LogisticRegression as DaskLogistic

    dask.config.set(scheduler="threads", num_workers=args.threads)
    step = max(1, (1 << 24) // (8 * meta["cols"]))
    A, b = da.from_array(X, chunks=(step, meta["cols"])), da.from_array(y, chunks=step)
    for solver in ("lbfgs", "gradient_descent"):
        tasks[f"dask-ml {solver}"] = (
            "logistic",
            lambda solver=solver: DaskLogistic(solver=solver, max_iter=100).fit(A, b),
        )
except Exception as error:  # not installed, or it does not run beside this scikit-learn
    failures["dask-ml"] = str(error).split("\n")[0]

results = {}
for name, (task, run) in tasks.items():
    try:
        model = run()
        seconds = []
        for _ in range(args.repeats):
            start = time.perf_counter()
            model = run()
            seconds.append(time.perf_counter() - start)
        own, theirs = numbers(model), np.array(ours[task])
        results[name] = {
            "task": task, "seconds": seconds, "objective": float(OBJECTIVES[task](own)),
            "ours": float(OBJECTIVES[task](theirs)),
            "apart": float(np.max(np.abs(own - theirs)) / np.max(np.abs(own))),
        }
    except Exception as error:
        failures[name] = str(error).split("\n")[0]
print(json.dumps({"results": results, "failures": failures}))

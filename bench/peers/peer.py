"""One measurement of a Python peer: prints one JSON line.

peer.py LIBRARY FOLDER --threads T --repeats R [--params JSON]

FOLDER holds X_train.bin, X_test.bin (row-major), y_train.bin, y_test.bin (float64) and meta.json, as written by
bench/peers/tables.ts. Every fit starts from the matrix in memory and includes binning. The first fit warms up and is
not reported.
"""
import argparse
import json
import os
import sys
import time

parser = argparse.ArgumentParser()
parser.add_argument("library", choices=["lightgbm", "lightgbm-quantized", "sklearn", "xgboost"])
parser.add_argument("folder")
parser.add_argument("--threads", type=int, required=True)
parser.add_argument("--repeats", type=int, default=3)
parser.add_argument("--params", default="{}")
args = parser.parse_args()
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(args.threads)

import numpy as np  # noqa: E402  (after the thread limits)

params = json.loads(args.params)
with open(os.path.join(args.folder, "meta.json")) as handle:
    meta = json.load(handle)


def table(part):
    X = np.fromfile(os.path.join(args.folder, f"X_{part}.bin"), dtype=meta["dtype"]).reshape(-1, meta["cols"])
    return X, np.fromfile(os.path.join(args.folder, f"y_{part}.bin"), dtype=np.float64)


X, y = table("train")
X_test, y_test = table("test")


def timed(body):
    start = time.perf_counter()
    result = body()
    return result, time.perf_counter() - start


def lightgbm_fit(quantized):
    import lightgbm as lgb

    settings = {
        "objective": "binary", "num_leaves": params["maxLeafNodes"], "learning_rate": params["learningRate"],
        "max_bin": 255, "min_data_in_leaf": params["minSamplesLeaf"], "lambda_l2": params["l2Regularization"],
        "min_sum_hessian_in_leaf": 1e-3, "num_threads": args.threads, "verbosity": -1, "seed": 0,
        "use_quantized_grad": quantized, "num_grad_quant_bins": 4, "quant_train_renew_leaf": quantized,
    }
    # Both memory layouts are tried once and the faster is kept, as a user who tunes would.
    best = None
    for layout in ({"force_row_wise": True}, {"force_col_wise": True}):
        data = lgb.Dataset(X, y, params={**settings, **layout}).construct()
        _, seconds = timed(lambda: lgb.train({**settings, **layout}, data, 5))
        if best is None or seconds < best[0]:
            best = (seconds, layout)
    chosen = {**settings, **best[1]}

    def fit():
        return lgb.train(chosen, lgb.Dataset(X, y, params=chosen), params["maxIter"])

    return fit, lambda model: model.predict(X_test, num_threads=args.threads)


def sklearn_boosting():
    from sklearn.ensemble import HistGradientBoostingClassifier

    def fit():
        return HistGradientBoostingClassifier(
            max_iter=params["maxIter"], max_leaf_nodes=params["maxLeafNodes"], learning_rate=params["learningRate"],
            min_samples_leaf=params["minSamplesLeaf"], l2_regularization=params["l2Regularization"],
            early_stopping=False, random_state=0,
        ).fit(X, y)

    return fit, lambda model: model.predict_proba(X_test)[:, 1]


def xgboost_boosting():
    import xgboost as xgb

    def fit():
        return xgb.XGBClassifier(
            n_estimators=params["maxIter"], max_leaves=params["maxLeafNodes"], max_depth=0, grow_policy="lossguide",
            learning_rate=params["learningRate"], reg_lambda=params["l2Regularization"], tree_method="hist",
            max_bin=255, min_child_weight=1e-3, n_jobs=args.threads,
        ).fit(X, y)

    return fit, lambda model: model.predict_proba(X_test)[:, 1]


fit, predict = {
    "lightgbm": lambda: lightgbm_fit(False),
    "lightgbm-quantized": lambda: lightgbm_fit(True),
    "sklearn": sklearn_boosting,
    "xgboost": xgboost_boosting,
}[args.library]()

fit()
fits, predictions = [], []
for _ in range(args.repeats):
    model, seconds = timed(fit)
    fits.append(seconds)
    for _ in range(3):  # as in treeline.ts
        scores, seconds = timed(lambda: predict(model))
        predictions.append(seconds)

from sklearn.metrics import log_loss, roc_auc_score  # noqa: E402

print(json.dumps({
    "fit": fits, "predict": predictions, "auc": roc_auc_score(y_test, scores), "logLoss": log_loss(y_test, scores),
}))

"""Scores of one table, one JSON line: { library: { metric: [a value a seed] } }.

accuracy.py FOLDER --seeds N --params JSON

FOLDER holds X.bin (row-major), y.bin, perhaps query.bin, and for every seed test-SEED.bin (1 byte a row: 1 to test on) and
treeline-SEED.bin (Treeline's answers for the test rows), as written by bench/peers/accuracy.ts.
"""
import argparse
import json
import os
import warnings

os.environ["OMP_NUM_THREADS"] = "1"  # waiting threads would take what little other processes leave

import numpy as np  # noqa: E402

warnings.simplefilter("ignore")
parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--seeds", type=int, required=True)
parser.add_argument("--params", required=True)
args = parser.parse_args()
p = json.loads(args.params)

import lightgbm  # noqa: E402
from sklearn import ensemble, metrics  # noqa: E402


def read(name, dtype=np.float64):
    return np.fromfile(os.path.join(args.folder, name), dtype=dtype)


with open(os.path.join(args.folder, "meta.json")) as handle:
    meta = json.load(handle)
task = meta["task"]
X, y = read("X.bin").reshape(-1, meta["cols"]), read("y.bin")
query = read("query.bin") if task == "ranking" else None
is_class = task in ("binary", "multiclass")


def sizes(queries):
    return np.unique(queries, return_counts=True)[1]


def of_lightgbm(train, test, seed):
    kind = {"regression": lightgbm.LGBMRegressor, "ranking": lightgbm.LGBMRanker}.get(task, lightgbm.LGBMClassifier)
    model = kind(
        n_estimators=p["maxIter"], num_leaves=p["maxLeafNodes"], learning_rate=p["learningRate"], max_bin=255,
        min_child_samples=p["minSamplesLeaf"], min_data_in_bin=1, verbose=-1, random_state=seed,
        n_jobs=1,
    )
    if task == "ranking":
        return model.fit(X[train], y[train], group=sizes(query[train])).predict(X[test])
    model.fit(X[train], y[train])
    return model.predict_proba(X[test]) if is_class else model.predict(X[test])


def of_sklearn(train, test, seed):
    kind = ensemble.HistGradientBoostingClassifier if is_class else ensemble.HistGradientBoostingRegressor
    model = kind(
        max_iter=p["maxIter"], max_leaf_nodes=p["maxLeafNodes"], learning_rate=p["learningRate"],
        min_samples_leaf=p["minSamplesLeaf"], early_stopping=False, random_state=seed,
    ).fit(X[train], y[train])
    return model.predict_proba(X[test]) if is_class else model.predict(X[test])


def ndcg(grades, scores, queries):
    values = []
    for each in np.unique(queries):
        of = queries == each
        gains = 2.0 ** grades[of] - 1
        values.append(1.0 if gains.max() == 0 or of.sum() < 2 else metrics.ndcg_score([gains], [scores[of]], k=10))
    return float(np.mean(values))


def scores(answers, test):
    truth = y[test]
    if task == "regression":
        return {"R²": metrics.r2_score(truth, answers)}
    if task == "ranking":
        return {"NDCG@10": ndcg(truth, answers, query[test])}
    if task == "binary":
        p1 = answers[:, 1]
        return {"AUC": metrics.roc_auc_score(truth, p1), "AP": metrics.average_precision_score(truth, p1)}
    each = [metrics.roc_auc_score(truth == k, answers[:, k]) for k in range(answers.shape[1])]
    return {"AUC": float(np.mean(each))}


result = {}
for seed in range(args.seeds):
    is_test = read(f"test-{seed}.bin", np.uint8) == 1
    train, test = np.flatnonzero(~is_test), np.flatnonzero(is_test)
    ours = read(f"treeline-{seed}.bin")
    answers = {"treeline": ours.reshape(len(test), -1) if is_class else ours}
    if task != "ranking":
        answers["scikit-learn"] = of_sklearn(train, test, seed)
    answers["lightgbm"] = of_lightgbm(train, test, seed)
    for library, values in answers.items():
        for metric, value in scores(values, test).items():
            result.setdefault(library, {}).setdefault(metric, []).append(float(value))
print(json.dumps(result))

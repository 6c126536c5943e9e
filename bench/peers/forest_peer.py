"""One measurement of a scikit-learn forest for bench/peers/forest.ts: prints one JSON line.

forest_peer.py TASK FOLDER --threads T [--trees N]

FOLDER holds X_train.bin, X_test.bin (row-major), y_train.bin, y_test.bin (float64) and meta.json, as written by
bench/peers/tables.ts. One fit; peak memory is what the process had at most beyond what it had with the tables read.
"""
import argparse
import json
import os
import time

parser = argparse.ArgumentParser()
parser.add_argument("task", choices=["tree", "forest", "extra trees", "isolation forest"])
parser.add_argument("folder")
parser.add_argument("--threads", type=int, required=True)
parser.add_argument("--trees", type=int, default=100)
args = parser.parse_args()

import numpy as np  # noqa: E402
from sklearn.ensemble import ExtraTreesClassifier, IsolationForest, RandomForestClassifier  # noqa: E402
from sklearn.metrics import average_precision_score  # noqa: E402
from sklearn.tree import DecisionTreeClassifier  # noqa: E402

with open(os.path.join(args.folder, "meta.json")) as handle:
    meta = json.load(handle)


def table(part):
    X = np.fromfile(os.path.join(args.folder, f"X_{part}.bin"), dtype=meta["dtype"]).reshape(-1, meta["cols"])
    return X, np.fromfile(os.path.join(args.folder, f"y_{part}.bin"), dtype=np.float64)


X, y = table("train")
X_test, y_test = table("test")
models = {
    "tree": lambda: DecisionTreeClassifier(random_state=0),
    "forest": lambda: RandomForestClassifier(args.trees, n_jobs=args.threads, random_state=0),
    "extra trees": lambda: ExtraTreesClassifier(args.trees, n_jobs=args.threads, random_state=0),
    "isolation forest": lambda: IsolationForest(n_jobs=args.threads, random_state=0),
}


def status(line):
    """A line of /proc/self/status in MB."""
    with open("/proc/self/status") as handle:
        return next(int(text.split()[1]) / 1024 for text in handle if text.startswith(line))


with open("/proc/self/clear_refs", "w") as handle:
    handle.write("5")  # the peak counts from here on
before = status("VmRSS")
start = time.perf_counter()
model = models[args.task]().fit(X, y)
fit = time.perf_counter() - start
peak = status("VmHWM") - before
start = time.perf_counter()
score = -model.score_samples(X_test) if args.task == "isolation forest" else model.predict_proba(X_test)[:, 1]
predict = time.perf_counter() - start
print(json.dumps({
    "fit": fit, "predict": predict, "peak": peak,
    "averagePrecision": average_precision_score(y_test, score),
}))

"""Times scikit-learn on the tasks of bench/peers/sparse.ts: sparse_peer.py FOLDER COLS prints one JSON line."""
import json
import os
import sys
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402  (after the thread limits)
import scipy.sparse as sp  # noqa: E402
from sklearn.linear_model import LogisticRegression, Ridge  # noqa: E402


def read(name, dtype=np.float64):
    return np.fromfile(os.path.join(sys.argv[1], f"{name}.bin"), dtype=dtype)


y = read("y")
places = read("indptr").astype(np.int32)
X = sp.csr_array((read("data"), read("indices", np.int32), places), shape=(len(y), int(sys.argv[2])))
results = {}
for name, model, method in (
    ("logistic", LogisticRegression(max_iter=1000), "decision_function"),
    ("ridge", Ridge(), "predict"),
):
    start = time.perf_counter()
    answers = getattr(model.fit(X, y), method)(X)
    results[name] = {"seconds": time.perf_counter() - start, "predicted": answers[:1000].tolist()}
print(json.dumps(results))

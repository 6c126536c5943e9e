"""The Python twin of linalg.bench.ts: numpy and scikit-learn on the same shapes. Prints one JSON line.

linalg.py --threads T [--repeats R]
"""
import argparse
import json
import os
import time

parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, required=True)
parser.add_argument("--repeats", type=int, default=5)
args = parser.parse_args()
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(args.threads)

import numpy as np  # noqa: E402  (after the thread limits)
from sklearn.cluster import KMeans  # noqa: E402
from sklearn.decomposition import PCA  # noqa: E402
from threadpoolctl import threadpool_limits  # noqa: E402

results = {}


def measure(name, body):
    body()
    seconds = []
    for _ in range(args.repeats):
        start = time.perf_counter()
        body()
        seconds.append(time.perf_counter() - start)
    results[name] = sorted(seconds)[len(seconds) // 2] * 1e3


rng = np.random.default_rng(0)
with threadpool_limits(args.threads):
    a, b = rng.random((2048, 2048)), rng.random((2048, 2048))
    measure("product 2048 x 2048 x 2048", lambda: a @ b)
    for rows, cols in ((1_000_000, 30), (200_000, 200)):
        X = rng.random((rows, cols))
        measure(f"gram {rows} x {cols}", lambda: X.T @ X)
        measure(f"PCA {rows} x {cols}", lambda: PCA(10).fit(X))
        if cols == 30:
            init = X[:20].copy()
            measure(f"KMeans {rows} x {cols}, 20 centres, 10 iterations",
                    lambda: KMeans(20, init=init, n_init=1, max_iter=10, tol=0, algorithm="lloyd").fit(X))
print(json.dumps(results))

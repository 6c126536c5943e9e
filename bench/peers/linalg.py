"""The Python twin of bench/peers/linalg.ts: numpy and scikit-learn on the same shapes. Prints one JSON line.

linalg.py --threads T --repeats R --rows TALL WIDE
"""
import argparse
import json
import os
import time

parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, required=True)
parser.add_argument("--repeats", type=int, default=5)
parser.add_argument("--rows", type=int, nargs=2, default=[1_000_000, 200_000])
args = parser.parse_args()
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(args.threads)

import numpy as np  # noqa: E402  (after the thread limits)
from sklearn.cluster import KMeans  # noqa: E402
from sklearn.decomposition import PCA, TruncatedSVD  # noqa: E402
from sklearn.metrics.pairwise import euclidean_distances  # noqa: E402
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


def kmeans(name, X, n_clusters, max_iter):
    init = X[: 7 * n_clusters : 7].copy()
    for algorithm in ("lloyd", "elkan"):
        model = KMeans(n_clusters, init=init, n_init=1, max_iter=max_iter, tol=0, algorithm=algorithm)
        measure(f"KMeans {algorithm}, {name}", lambda: model.fit(X))


rng = np.random.default_rng(0)
tall, wide = args.rows
with threadpool_limits(args.threads):
    a, b = rng.random((2048, 2048)), rng.random((2048, 2048))
    measure("product 2048 x 2048 x 2048", lambda: a @ b)
    x, y = a.astype(np.float32), b.astype(np.float32)
    measure("product 2048 x 2048 x 2048, float32", lambda: x @ y)
    for rows, cols in ((tall, 30), (wide, 200)):
        X = rng.random((rows, cols))
        measure(f"gram {rows} x {cols}", lambda: X.T @ X)
        measure(f"PCA(10) {rows} x {cols}", lambda: PCA(10).fit(X))
        measure(f"TruncatedSVD(10) {rows} x {cols}", lambda: TruncatedSVD(10, random_state=0).fit(X))
        if cols == 30:
            kmeans(f"noise {rows} x 30, 20 centres, 10 iterations", X, 20, 10)
            at = np.arange(rows // 5)[:, None] % 50
            C = rng.random((rows // 5, 30)) + 2 * np.sin(at * (np.arange(30) + 1))
            kmeans(f"50 clouds {len(C)} x 30, 50 centres, to the end", C, 50, 300)
            Z, Y = X[:20_000].copy(), X[:500].copy()
            measure("euclidean distances 20000 x 30 from 500 rows", lambda: euclidean_distances(Z, Y))
print(json.dumps(results))

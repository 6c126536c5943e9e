"""Times NumPy and Dask on the tasks of bench/peers/chunked.ts: prints one JSON line.

chunked_peer.py LIBRARY FILE ROWS COLS --threads T --repeats R

FILE holds ROWS x COLS float64, row-major. Dask's array is cut into row chunks of about 16 MB of the same memory. The first
run of a task warms up and is not reported.
"""
import argparse
import json
import os
import time

parser = argparse.ArgumentParser()
parser.add_argument("library", choices=["numpy", "dask"])
parser.add_argument("file")
parser.add_argument("rows", type=int)
parser.add_argument("cols", type=int)
parser.add_argument("--threads", type=int, required=True)
parser.add_argument("--repeats", type=int, default=5)
args = parser.parse_args()
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(args.threads)

import numpy as np  # noqa: E402  (after the thread limits)

X = np.fromfile(args.file).reshape(args.rows, args.cols)

if args.library == "dask":
    import dask
    import dask.array as da

    dask.config.set(scheduler="threads", num_workers=args.threads)
    A = da.from_array(X, chunks=(max(1, (1 << 24) // (8 * args.cols)), args.cols))
    xp, compute = da, dask.compute
else:
    A, xp = X, np

    def compute(*results):
        return results


def fused():
    y = xp.log1p(xp.abs(xp.clip((A - 0.5) / 1.7, -3, 3)))
    return compute(y.sum(axis=0), y.mean(), y.max(axis=0))


def moments():
    return compute(A.mean(axis=0), A.std(axis=0), A.min(axis=0), A.max(axis=0))


def median():
    if args.library == "dask":
        return compute(da.median(A, axis=0))  # rechunks to whole columns
    return (np.median(A, axis=0),)


def histogram():
    return compute(xp.histogram(A, bins=100, range=(-5, 5))[0])


result = {"version": np.__version__ if args.library == "numpy" else dask.__version__}
for task in (fused, moments, median, histogram):
    numbers = task()
    times = []
    for _ in range(args.repeats):
        start = time.perf_counter()
        numbers = task()
        times.append(time.perf_counter() - start)
    result[task.__name__] = {"seconds": times, "check": float(np.sum(numbers[0]))}
print(json.dumps(result))

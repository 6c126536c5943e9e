"""Writes chunked.json: what NumPy gives for the operations and reductions of ChunkedMatrix, for test/parity/chunked.test.ts.

Run with NumPy 2: python test/parity/make_chunked.py
"""

import json
import pathlib
import warnings

import numpy as np

warnings.simplefilter("ignore")
ROWS, COLS, SHOWN = 2500, 4, 12

i, j = np.meshgrid(np.arange(ROWS), np.arange(COLS), indexing="ij")
X = ((i * (j + 3) * 7919 + j * 104729) % 1009) / 101 - 4.99
Y = ((i * 31 + j * 17) % 97) / 13 + 0.25
N = np.where((i * 7 + j * 3) % 41 == 0, np.nan, X)
K = np.floor(Y)
R = np.array([1.5, -2.0, 0.0, 4.0])
C = Y[:, :1]

ELEMENTWISE = {
    "add": X + Y, "subtract": X - Y, "multiply": X * Y, "divide": X / Y, "addScalar": X + 2.5, "addRow": X + R,
    "addColumn": X + C, "columnTimesMatrix": C * X, "divideByRow": X / R, "power": Y**X, "powerScalar": Y**2.5,
    "minimum": np.minimum(N, Y), "maximum": np.maximum(N, Y), "less": X < R, "greaterEqual": N >= 0.0,
    "equal": K == 3, "notEqual": K != 3, "and": np.logical_and(K, N), "or": np.logical_or(X > 0, Y > 3),
    "xor": np.logical_xor(X > 0, Y > 3), "not": np.logical_not(K), "negative": -X, "abs": np.abs(X),
    "square": X**2, "sqrt": np.sqrt(X), "sign": np.sign(N), "reciprocal": 1 / X, "floor": np.floor(X),
    "ceil": np.ceil(X), "round": np.round(X), "exp": np.exp(X), "expm1": np.expm1(X), "log": np.log(X),
    "log1p": np.log1p(X), "isNaN": np.isnan(N), "isFinite": np.isfinite(N), "fillNaN": np.where(np.isnan(N), 7, N),
    "clip": np.clip(N, -1, 2.5), "clipLow": np.maximum(X, 0), "where": np.where(X > 0, X, Y),
    "float32": (X.astype(np.float32) * Y.astype(np.float32) + np.float32(0.1)).astype(float),
    "float32Divide": (X.astype(np.float32) / Y.astype(np.float32)).astype(float),
    "slice": X[100:], "select": X[:, [3, 0, 0]], "hstack": np.hstack([X, C]),
    "vstack": np.vstack([X[:5], Y])[:SHOWN],
    "sumRows": X.sum(1, keepdims=True), "meanRows": N.mean(1, keepdims=True), "nanMeanRows": np.nanmean(N, 1, keepdims=True),
    "varianceRows": X.var(1, ddof=1, keepdims=True), "nanVarianceRows": np.nanvar(N, 1, keepdims=True),
    "minRows": N.min(1, keepdims=True), "nanMinRows": np.nanmin(N, 1, keepdims=True), "maxRows": N.max(1, keepdims=True),
    "argminRows": N.argmin(1).reshape(-1, 1), "nanArgmaxRows": np.nanargmax(N, 1).reshape(-1, 1),
    "countRows": (~np.isnan(N)).sum(1, keepdims=True), "anyRows": K.any(1, keepdims=True), "allRows": K.all(1, keepdims=True),
    "normRows": np.linalg.norm(X, axis=1, keepdims=True),
}  # fmt: skip

REDUCTIONS = {
    "sum": lambda m, a: np.sum(m, a), "nanSum": lambda m, a: np.nansum(m, a), "mean": lambda m, a: np.mean(m, a),
    "nanMean": lambda m, a: np.nanmean(m, a), "variance": lambda m, a: np.var(m, a), "std": lambda m, a: np.std(m, a, ddof=1),
    "nanVariance": lambda m, a: np.nanvar(m, a), "nanStd": lambda m, a: np.nanstd(m, a, ddof=1),
    "min": lambda m, a: np.min(m, a), "nanMin": lambda m, a: np.nanmin(m, a), "max": lambda m, a: np.max(m, a),
    "nanMax": lambda m, a: np.nanmax(m, a), "argmin": lambda m, a: np.argmin(m, a), "nanArgmin": lambda m, a: np.nanargmin(m, a),
    "argmax": lambda m, a: np.argmax(m, a), "nanArgmax": lambda m, a: np.nanargmax(m, a),
    "count": lambda m, a: np.sum(~np.isnan(m), a), "any": lambda m, a: np.any(m, a), "all": lambda m, a: np.all(m, a),
    "norm": lambda m, a: np.sqrt(np.sum(m * m, a)), "norm1": lambda m, a: np.sum(np.abs(m), a),
    "normInfinity": lambda m, a: np.max(np.abs(m), a),
}  # fmt: skip


Q = [0, 0.01, 0.25, 0.5, 0.777, 1]
INTERPOLATIONS = ["linear", "lower", "higher", "midpoint", "nearest"]


def quantiles(m):
    """Of all values and of columns, without NaN."""
    return {
        method: {
            "all": plain(np.nanquantile(m, Q, method=method)),
            "columns": plain(np.nanquantile(m, Q, axis=0, method=method)),
        }
        for method in INTERPOLATIONS
    }


def histogram(m, bins, limits):
    m = m[~np.isnan(m)]
    counts, edges = np.histogram(m, bins=bins, range=limits)
    return {"counts": plain(counts), "edges": plain(edges)}


def unique(m):
    values, counts = np.unique(m, return_counts=True)
    return {"values": plain(values), "counts": plain(counts)}


def plain(values):
    """JSON has neither NaN nor infinities: they are written as strings."""
    values = np.asarray(values, dtype=float)
    if values.ndim == 0:
        return float(values) if np.isfinite(values) else str(float(values))
    return [plain(value) for value in values]


def main():
    result = {
        "numpy": np.__version__,
        "elementwise": {name: plain(np.asarray(m, dtype=float)[:SHOWN]) for name, m in ELEMENTWISE.items()},
        "reductions": {
            name: {
                matrix: {"all": plain(f(m, None)), "columns": plain(f(m, 0))}
                for matrix, m in (("X", X), ("N", N), ("K", K))
            }
            for name, f in REDUCTIONS.items()
        },
    }
    matrices = {"X": X, "N": N, "K": K}
    result["q"] = Q
    result["quantiles"] = {name: quantiles(m) for name, m in matrices.items()}
    result["histograms"] = {
        name: {
            "default": histogram(m, 10, None),
            "range": histogram(m, 7, (-1, 2.5)),
            "edges": histogram(m, [-3, 0, 0.5, 4], None),
        }
        for name, m in matrices.items()
    }
    result["unique"] = {name: unique(np.floor(m)) for name, m in matrices.items()}
    result["bincount"] = plain(np.bincount(K[:, 1].astype(int), minlength=12))
    path = pathlib.Path(__file__).with_name("chunked.json")
    path.write_text(json.dumps(result, separators=(",", ":")) + "\n")


main()

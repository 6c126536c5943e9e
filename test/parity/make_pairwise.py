"""Writes pairwise.json: what scikit-learn 1.9.1 makes of pairs of rows. Run: python test/parity/make_pairwise.py"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.metrics import pairwise

assert sklearn.__version__ == "1.9.1", sklearn.__version__
rng = np.random.default_rng(0)

# Name in treeline/metrics, name in scikit-learn, options.
FUNCTIONS = [
    ("euclideanDistances", "euclidean_distances", {}),
    ("euclideanDistances", "euclidean_distances", {"squared": True}),
    ("manhattanDistances", "manhattan_distances", {}),
    ("cosineSimilarity", "cosine_similarity", {}),
    ("cosineDistances", "cosine_distances", {}),
    ("rbfKernel", "rbf_kernel", {}),
    ("rbfKernel", "rbf_kernel", {"gamma": 0.7}),
    ("laplacianKernel", "laplacian_kernel", {"gamma": 0.3}),
]


def with_zeros(X):
    X = X.copy()
    X[0] = 0
    return X


TABLES = [
    {"X": rng.normal(size=(7, 5)), "Y": rng.normal(size=(3, 5))},
    {"X": with_zeros(rng.normal(size=(4, 3))), "Y": with_zeros(rng.normal(size=(19, 3)))},
    {"X": rng.normal(size=(6, 1)), "Y": None},
    {"X": rng.normal(size=(5, 4)) * 1e-5, "Y": rng.normal(size=(5, 4)) * 1e5},
]

cases = []
for table in TABLES:
    for ours, theirs, options in FUNCTIONS:
        expected = getattr(pairwise, theirs)(table["X"], table["Y"], **options)
        cases.append(
            {
                "function": ours,
                "X": table["X"].tolist(),
                "Y": None if table["Y"] is None else table["Y"].tolist(),
                "options": options,
                "expected": expected.tolist(),
            }
        )
file = pathlib.Path(__file__).with_name("pairwise.json")
file.write_text(json.dumps({"sklearn": sklearn.__version__, "cases": cases}) + "\n")

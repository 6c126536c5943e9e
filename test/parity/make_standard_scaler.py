"""Writes standard_scaler.json: what scikit-learn 1.9.1's StandardScaler learns. Run: python test/parity/make_standard_scaler.py"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn.preprocessing import StandardScaler

assert sklearn.__version__ == "1.9.1", sklearn.__version__
warnings.simplefilter("ignore")
nan = float("nan")
X = np.array(
    [
        [1.5, 10, 7.25, 1e6 + 1, nan, 0.1],
        [-2.0, nan, 7.25, 1e6 + 5, nan, 0.1],
        [4.0, 30, 7.25, 1e6 + 2, 3.0, 0.1],
        [0.25, -5, 7.25, 1e6 + 9, nan, 0.1],
        [8.0, 2, 7.25, 1e6 + 3, 4.0, 0.1],
    ]
)
weight = np.array([1.0, 0.5, 2.0, 0.0, 3.5])


def learnt(name, fit):
    scaler = fit()
    return {
        "name": name,
        "mean": scaler.mean_.tolist(),
        "var": scaler.var_.tolist(),
        "scale": scaler.scale_.tolist(),
        "nSamplesSeen": np.broadcast_to(scaler.n_samples_seen_, X.shape[1]).astype(float).tolist(),
        "transformed": scaler.transform(X).tolist(),
    }


cases = [
    learnt("fit", lambda: StandardScaler().fit(X)),
    learnt("weighted", lambda: StandardScaler().fit(X, sample_weight=weight)),
    learnt("partial", lambda: StandardScaler().fit(X[:3]).partial_fit(X[3:])),
    learnt("weighted partial", lambda: StandardScaler().fit(X[:3], sample_weight=weight[:3]).partial_fit(X[3:], sample_weight=weight[3:])),
]
text = json.dumps({"sklearn": sklearn.__version__, "X": X.tolist(), "weight": weight.tolist(), "cases": cases}, indent=1)
pathlib.Path(__file__).with_name("standard_scaler.json").write_text(text.replace("NaN", '"NaN"') + "\n")

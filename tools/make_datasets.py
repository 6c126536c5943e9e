"""Writes datasets/ from the data bundled with scikit-learn 1.9.1: python tools/make_datasets.py

Every table is `feature names, target` on the first line, then one line a row; numbers are the shortest text that reads
back as the same float64. test/parity/datasets.json gets the SHA-256 of each array's little-endian float64 bytes.
"""

import gzip
import hashlib
import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn import datasets

assert sklearn.__version__ == "1.9.1", sklearn.__version__
root = Path(__file__).resolve().parent.parent
here = root / "datasets"


def text(value):
    return repr(int(value)) if float(value).is_integer() else repr(float(value))


def write(name, bunch, feature_names, compress=False):
    lines = [",".join([*feature_names, "target"])]
    lines += [",".join([*map(text, row), text(t)]) for row, t in zip(bunch.data, bunch.target)]
    body = ("\n".join(lines) + "\n").encode()
    path = here / (name + (".csv.gz" if compress else ".csv"))
    path.write_bytes(gzip.compress(body, 9, mtime=0) if compress else body)
    digest = lambda a: hashlib.sha256(np.ascontiguousarray(a, dtype="<f8").tobytes()).hexdigest()
    return {
        "shape": list(bunch.data.shape),
        "data": digest(bunch.data),
        "target": digest(bunch.target),
        "featureNames": [str(f) for f in bunch.feature_names],
        "targetNames": [str(t) for t in bunch.get("target_names", [])],
    }


sets = {}
for name in ["iris", "breast_cancer", "wine", "digits", "diabetes"]:
    bunch = getattr(datasets, f"load_{name}")()
    sets[name] = write(name, bunch, bunch.feature_names, compress=name in ("digits", "diabetes"))
    (here / f"{name}.rst").write_text(bunch.DESCR.strip() + "\n")
raw = datasets.load_diabetes(scaled=False)
sets["diabetes_raw"] = write("diabetes_raw", raw, raw.feature_names)
out = root / "test" / "parity" / "datasets.json"
out.write_text(json.dumps(sets, indent=1) + "\n")

"""Writes neighbors.json: what scikit-learn 1.9.1's neighbours models find and say. Run: python test/parity/make_neighbors.py"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine
from sklearn.impute import KNNImputer
from sklearn.neighbors import (
    KNeighborsClassifier,
    KNeighborsRegressor,
    NearestNeighbors,
    RadiusNeighborsClassifier,
    RadiusNeighborsRegressor,
)

assert sklearn.__version__ == "1.9.1", sklearn.__version__
warnings.simplefilter("ignore")
LOADERS = {"breast_cancer": load_breast_cancer, "diabetes": load_diabetes, "iris": load_iris, "wine": load_wine}
SPELLING = {"nNeighbors": "n_neighbors"}

# The rows of every third of a data set are asked for, the others learned.
SEARCHES = [
    ("wine", {"nNeighbors": 6}),
    ("breast_cancer", {"metric": "manhattan"}),
    ("breast_cancer", {"metric": "chebyshev", "nNeighbors": 3}),
    ("diabetes", {"p": 3}),
    ("diabetes", {"metric": "cosine"}),
    ("diabetes", {"metric": "sqeuclidean"}),
]
CLASSIFIERS = [
    ("wine", {}),
    ("iris", {"nNeighbors": 7, "weights": "distance"}),
    ("breast_cancer", {"metric": "manhattan", "weights": "distance"}),
    ("breast_cancer", {"p": 1.5, "nNeighbors": 4}),
]
REGRESSORS = [
    ("diabetes", {}),
    ("diabetes", {"weights": "distance", "nNeighbors": 9}),
    ("diabetes", {"metric": "cosine"}),
]


def spelt(params):
    return {SPELLING.get(k, k): v for k, v in params.items()}


def split(name):
    data = LOADERS[name]()
    asked = np.arange(len(data.data)) % 3 == 0
    return data.data[~asked], data.target[~asked], data.data[asked], data.target[asked]


out = {"searches": [], "classifiers": [], "regressors": []}
for name, params in SEARCHES:
    X, _, A, _ = split(name)
    model = NearestNeighbors(algorithm="brute", **spelt(params)).fit(X)
    distances, indices = model.kneighbors(A)
    own, _ = model.kneighbors()
    radius = float(np.median(distances[:, -1]))
    counts = [len(found) for found in model.radius_neighbors(A, radius, return_distance=False)]
    out["searches"].append(
        {"data": name, "params": params, "distances": distances[:40].tolist(), "indices": indices[:40].tolist(),
         "own": own[:40].tolist(), "radius": radius * (1 + 1e-9), "counts": counts}
    )
for name, params in CLASSIFIERS:
    X, y, A, b = split(name)
    model = KNeighborsClassifier(**spelt(params)).fit(X, y)
    out["classifiers"].append(
        {"data": name, "params": params, "predict": model.predict(A).tolist(),
         "proba": model.predict_proba(A).tolist(), "score": model.score(A, b)}
    )
for name, params in REGRESSORS:
    X, y, A, b = split(name)
    model = KNeighborsRegressor(**spelt(params)).fit(X, y)
    two = KNeighborsRegressor(**spelt(params)).fit(X, np.column_stack([y, X[:, 2]]))
    out["regressors"].append(
        {"data": name, "params": params, "predict": model.predict(A).tolist(),
         "two": two.predict(A).tolist(), "score": model.score(A, b),
         "scoreOfTwo": two.score(A, np.column_stack([b, A[:, 2]]))}
    )
X, y, A, _ = split("iris")
radii = []
for params in [{"radius": 0.7, "outlier_label": 2}, {"radius": 0.45, "weights": "distance", "outlier_label": "most_frequent"}]:
    model = RadiusNeighborsClassifier(**params).fit(X, y)
    regressor = RadiusNeighborsRegressor(radius=params["radius"] + 2).fit(X, y)
    radii.append({"params": params, "predict": model.predict(A).tolist(), "proba": model.predict_proba(A).tolist(),
                  "values": regressor.predict(A).tolist()})
out["radii"] = radii
out["imputers"] = []
for params in [{}, {"n_neighbors": 3, "weights": "distance"}, {"n_neighbors": 1000, "add_indicator": True},
               {"keep_empty_features": True}]:
    X = load_diabetes().data[:120].copy()
    for i in range(len(X)):  # the same in neighbors.test.ts
        for j in range(X.shape[1]):
            if (7 * i + 3 * j + i * j) % 11 == 0:
                X[i, j] = np.nan
    X[5] = np.nan
    X[:, 9] = np.nan
    out["imputers"].append({"params": params, "values": KNNImputer(**params).fit(X[:90]).transform(X).tolist()})
path = pathlib.Path(__file__).with_name("neighbors.json")
path.write_text(json.dumps(out) + "\n")

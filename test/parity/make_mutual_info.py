"""Writes mutual_info.json: scikit-learn 1.9.1's mutual information of features and targets. Numbers are all different, so that
the noise that tells equal ones apart changes nothing. Run: python test/parity/make_mutual_info.py"""

import json
import pathlib

import numpy as np
import sklearn
from scipy.special import digamma
from sklearn.feature_selection import SelectKBest, mutual_info_classif, mutual_info_regression

assert sklearn.__version__ == "1.9.1", sklearn.__version__
rng = np.random.RandomState(0)
n = 240
X = np.column_stack([
    rng.randn(n),
    rng.randn(n) * 1e6,
    rng.standard_cauchy(n),
    rng.uniform(-1, 1, n) * 1e-5,
    rng.randint(0, 4, n),
    rng.randint(0, 2, n),
])
target = np.sin(2 * X[:, 0]) + 0.3 * X[:, 4] + 0.1 * rng.randn(n)
classes = (target > 0.2).astype(int) + (X[:, 5] > 0) * (X[:, 1] > 0)
classes[7] = 9  # alone in its class
discrete = [4, 5]
cases = []
for k in [1, 3, 10]:
    for features in [discrete, False]:
        X_used = X if features else X[:, :4]
        options = dict(discrete_features=features, n_neighbors=k, random_state=0)
        cases.append(dict(nNeighbors=k, discrete=features,
                          classif=mutual_info_classif(X_used, classes, **options).tolist(),
                          regression=mutual_info_regression(X_used, target, **options).tolist()))
best = SelectKBest(lambda A, b: mutual_info_classif(A, b, random_state=0), k=2).fit(X[:, :4], classes)
points = [1, 2, 3, 5, 5.5, 6, 7, 10, 100, 1e6, 0.5]
out = dict(X=X.tolist(), target=target.tolist(), classes=classes.tolist(), cases=cases, best=best.get_support(indices=True).tolist(),
           digamma=[[x, float(digamma(x))] for x in points])
pathlib.Path(__file__).with_name("mutual_info.json").write_text(json.dumps(out) + "\n")

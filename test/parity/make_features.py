"""Writes features.json: what scikit-learn 1.9.1's discretizer, polynomials and transformers of distributions make of small
tables. NaN and infinities are strings. Run: python test/parity/make_features.py"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from scipy import sparse
from sklearn.preprocessing import KBinsDiscretizer, PolynomialFeatures

assert sklearn.__version__ == "1.9.1", sklearn.__version__
warnings.simplefilter("ignore")
rng = np.random.RandomState(0)
numbers = np.round(rng.randn(60, 5) * [1, 10, 0.1, 100, 1], 3)
numbers[:, 1] = np.round(numbers[:, 1] / 8)  # ties
numbers[:, 4] = 2  # constant
weights = rng.randint(0, 4, 60).astype(float)
fractions = weights / 3 + 0.1
few = np.round(rng.randn(9, 3), 2)
holes = few * (rng.rand(9, 3) < 0.6)


def plain(table):
    table = table.toarray() if sparse.issparse(table) else np.asarray(table, dtype=float)
    return [[str(v) if not np.isfinite(v) else v for v in row] for row in table.tolist()]


METHODS = ["inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen", "weibull",
           "linear", "median_unbiased", "normal_unbiased"]
BINS = [
    (dict(strategy="uniform", n_bins=4), None), (dict(strategy="kmeans", n_bins=3), None), (dict(n_bins=[2, 7, 3, 4, 5]), None),
    (dict(strategy="kmeans"), weights), (dict(strategy="uniform"), weights), (dict(encode="onehot-dense"), None),
    (dict(encode="onehot", n_bins=3), None), (dict(), weights), (dict(), fractions), (dict(quantile_method="inverted_cdf"), weights),
    *[(dict(quantile_method=method, n_bins=n), None) for method in METHODS for n in (4, 7)],
]
bins = []
for params, weight in BINS:
    model = KBinsDiscretizer(**{"encode": "ordinal", **params}).fit(numbers, sample_weight=weight)
    shown = model.transform(numbers * 1.5)
    bins.append({"params": params, "weights": None if weight is None else weight.tolist(),
                 "edges": [plain([edges])[0] for edges in model.bin_edges_], "bins": plain(shown),
                 "back": plain(model.inverse_transform(shown)), "names": model.get_feature_names_out().tolist()})

POLYNOMIALS = [dict(), dict(degree=3), dict(degree=4, interaction_only=True), dict(degree=(2, 3), include_bias=False),
               dict(degree=(3, 3)), dict(degree=0), dict(degree=1, include_bias=False), dict(degree=(2, 4), interaction_only=True),
               dict(degree=5)]
polynomials = []
for params in POLYNOMIALS:
    model = PolynomialFeatures(**params).fit(few)
    polynomials.append({"params": params, "dense": plain(model.transform(few)), "powers": model.powers_.tolist(),
                        "sparse": plain(model.transform(sparse.csr_array(holes))), "names": model.get_feature_names_out().tolist()})

out = dict(numbers=plain(numbers), few=plain(few), holes=plain(holes), bins=bins, polynomials=polynomials)
pathlib.Path(__file__).with_name("features.json").write_text(json.dumps(out) + "\n")

"""Writes features.json: what scikit-learn 1.9.1's discretizer, polynomials and transformers of distributions make of small
tables. NaN and infinities are strings. Run: python test/parity/make_features.py"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from scipy import sparse
from sklearn.preprocessing import KBinsDiscretizer, PolynomialFeatures, PowerTransformer, QuantileTransformer

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

holed = numbers.copy()
holed[rng.rand(60, 5) < 0.15] = np.nan
stretched = np.vstack([holed * 1.3, numbers[:5] * 0.5, [[0] * 5], [[np.nan] * 5]])
counts = np.round(rng.exponential(3, (40, 3))) * (rng.rand(40, 3) < 0.6)  # sparse
counts[:, 2] = 0
signed = counts * rng.choice([-1, 1], counts.shape)
QUANTILES = [dict(n_quantiles=10), dict(n_quantiles=60), dict(n_quantiles=7, output_distribution="normal"), dict(),
             dict(output_distribution="normal"), dict(n_quantiles=1)]
quantiles = []
for params in QUANTILES:
    model = QuantileTransformer(**params).fit(holed)
    shown = model.transform(stretched)
    quantiles.append({"params": params, "quantiles": plain(model.quantiles_), "forth": plain(shown),
                      "back": plain(model.inverse_transform(shown)), "beyond": plain(model.inverse_transform(stretched / 20))})
sparse_quantiles = []
for params, table in [(dict(n_quantiles=8), counts), (dict(n_quantiles=9, output_distribution="normal"), counts),
                      (dict(n_quantiles=10, ignore_implicit_zeros=True), signed)]:
    model = QuantileTransformer(**params).fit(sparse.csc_array(table))
    shown = model.transform(sparse.csc_array(table * 1.4))
    sparse_quantiles.append({"params": params, "table": plain(table), "quantiles": plain(model.quantiles_),
                             "shown": plain(table * 1.4), "forth": plain(shown), "back": plain(model.inverse_transform(shown))})

skewed = np.c_[rng.exponential(2, 80), rng.lognormal(0, 2, 80), rng.uniform(5, 6, 80), rng.gamma(0.5, 10, 80) + 1e-3,
               1e6 * rng.beta(5, 1, 80) + 1, np.where(rng.rand(80) < 0.2, np.nan, rng.chisquare(3, 80))]
any_sign = np.c_[skewed * [1, -1, 1, 1, -1, 1] - [2, 0, 5.5, 3, 0, 1], np.full(80, 3.0), rng.randn(80) * 1e-4, np.round(rng.randn(80))]
powers = []
for params, table in [(dict(), any_sign), (dict(standardize=False), any_sign), (dict(method="box-cox"), skewed),
                      (dict(method="box-cox", standardize=False), skewed)]:
    model = PowerTransformer(**params).fit(table)
    shown = model.transform(table)
    powers.append({"params": params, "table": plain(table), "lambdas": model.lambdas_.tolist(), "forth": plain(shown),
                   "back": plain(model.inverse_transform(shown * 0.9))})

out = dict(holed=plain(holed), stretched=plain(stretched), quantiles=quantiles, sparseQuantiles=sparse_quantiles, powers=powers, numbers=plain(numbers), few=plain(few), holes=plain(holes), bins=bins, polynomials=polynomials)
pathlib.Path(__file__).with_name("features.json").write_text(json.dumps(out) + "\n")

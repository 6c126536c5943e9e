"""Writes splines.json: what scikit-learn 1.9.1's SplineTransformer makes of a small table. NaN is a string.
Run: python test/parity/make_splines.py"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.preprocessing import SplineTransformer

assert sklearn.__version__ == "1.9.1", sklearn.__version__
rng = np.random.RandomState(0)
table = np.round(np.c_[rng.randn(40), 1e6 * rng.rand(40), rng.exponential(1e-4, 40), np.full(40, 3.0)], 9)
holed = table.copy()
holed[rng.rand(40, 4) < 0.2] = np.nan
holed[:, 3] = np.nan  # no value at all
weights = rng.randint(0, 4, 40).astype(float)
spread = table.max(axis=0) - table.min(axis=0)
beyond = np.vstack([table[:6], table.max(axis=0) + [0, 1e5, 1e-4, 0], table.min(axis=0) - [1, 5e5, 3e-4, 0], table.min(axis=0) + 3.7 * spread])
given = np.sort(rng.randn(5, 4), axis=0) * [1, 1e5, 1e-4, 1] + [0, 5e5, 2e-4, 3]


def plain(values):
    return [[str(v) if not np.isfinite(v) else v for v in row] for row in np.asarray(values, dtype=float).tolist()]


CASES = [
    (dict(), "table", None), (dict(degree=0), "table", None), (dict(degree=1, n_knots=2), "table", None),
    (dict(degree=5, n_knots=7), "table", None), (dict(include_bias=False), "table", None),
    *[(dict(extrapolation=e, degree=d), "table", None) for e in ("linear", "continue", "periodic") for d in (1, 2, 3)],
    (dict(extrapolation="linear", degree=0), "table", None), (dict(knots="quantile"), "table", None),
    (dict(knots="quantile", n_knots=6, extrapolation="linear"), "table", None),
    (dict(knots="quantile", n_knots=4, extrapolation="periodic"), "table", None), (dict(), "table", weights),
    (dict(knots="quantile"), "table", weights), (dict(knots=given.tolist()), "table", None),
    (dict(knots=given.tolist(), extrapolation="periodic", degree=2), "table", None), (dict(handle_missing="zeros"), "holed", None),
    (dict(handle_missing="zeros", extrapolation="continue"), "holed", None),
    (dict(sparse_output=True, extrapolation="linear"), "table", None),
    (dict(sparse_output=True, extrapolation="periodic"), "table", None),
    (dict(handle_missing="zeros", knots="quantile", extrapolation="linear"), "holed", None),
    (dict(handle_missing="zeros", knots="quantile"), "holed", weights), (dict(extrapolation="error"), "table", None),
]
cases = []
for params, name, weight in CASES:
    fitted, columns = dict(table=table, holed=holed)[name], 4
    if name == "holed" and params.get("knots") == "quantile":
        columns = 3  # scikit-learn's knots are NaN where there is no value
    if params.get("extrapolation") == "linear" and params.get("degree", 3) < 2:
        columns = 1  # scikit-learn takes the range of each later column from the wrong knots: it raises its degree on the way
    inside = params.get("extrapolation") == "error"
    shown = np.vstack([fitted[:8]] if inside else [beyond, fitted[:8]])[:, :columns]
    if params.get("degree") == 0 and not inside:
        shown = shown[3:]  # scikit-learn has no constant beyond the knots for degree 0
        shown = np.clip(shown, table.min(axis=0)[:columns], table.max(axis=0)[:columns])
    model = SplineTransformer(**{**params, **({"knots": given[:, :columns].tolist()} if "knots" in params and params["knots"] != "quantile" else {})})
    model.fit(fitted[:, :columns], sample_weight=weight)
    values = model.transform(shown)
    cases.append({"params": params, "fitted": name, "columns": columns, "weights": None if weight is None else weight.tolist(),
                  "shown": plain(shown), "knots": plain([spline.t for spline in model.bsplines_]),
                  "values": plain(values.toarray() if params.get("sparse_output") else values),
                  "names": model.get_feature_names_out().tolist()})

out = dict(table=plain(table), holed=plain(holed), cases=cases)
pathlib.Path(__file__).with_name("splines.json").write_text(json.dumps(out) + "\n")

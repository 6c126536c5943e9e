"""Writes sklearn_params.json: the parameters and defaults of scikit-learn 1.9.1's estimators, as get_params() gives them,
those that JSON cannot hold left out. Run: python test/parity/make_sklearn_params.py"""

import json
import pathlib

import sklearn
from sklearn.utils import all_estimators

assert sklearn.__version__ == "1.9.1", sklearn.__version__


def is_plain(value):
    return value is None or isinstance(value, (bool, int, float, str)) and value == value and value not in (float("inf"), float("-inf"))


defaults = {}
for name, estimator in all_estimators():
    try:
        params = estimator().get_params(deep=False)
    except TypeError:  # needs an estimator
        continue
    defaults[name] = {key: value for key, value in params.items() if is_plain(value)}

path = pathlib.Path(__file__).with_name("sklearn_params.json")
path.write_text("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in defaults.items()) + "\n}\n")

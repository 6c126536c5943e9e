"""Writes preparation.json: what scikit-learn 1.9.1's scalers, encoders and imputers make of small tables. NaN is null.
Run: python test/parity/make_preparation.py"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.preprocessing import (
    Binarizer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
)

assert sklearn.__version__ == "1.9.1", sklearn.__version__
warnings.simplefilter("ignore")
rng = np.random.RandomState(0)
numbers = np.round(rng.randn(40, 5) * [1, 10, 0.1, 100, 1], 3)
numbers[:, 4] = 2  # constant
holed = numbers.copy()
holed[rng.rand(40, 5) < 0.15] = np.nan
holed[:, 3] = np.abs(holed[:, 3]).round(-2)  # repeated values
empty = holed.copy()
empty[:, 1] = np.nan
words = np.array([["red", "S", 1], ["blue", "M", 2], ["red", "L", 2], ["green", "M", 3], ["red", "S", 1], ["blue", "XL", 1]] * 3
                 + [["black", "M", 9], ["red", None, 1]], dtype=object)
other = np.array([["red", "S", 2], ["pink", "M", 7], ["black", None, 9]], dtype=object)


def plain(table):
    table = table.toarray() if hasattr(table, "toarray") else np.asarray(table)
    if table.dtype == object:
        return [[None if v is None or v != v else v for v in row] for row in table.tolist()]
    table = table.astype(float)
    return [[None if v != v else v for v in row] for row in table.tolist()]


SCALERS = {
    "MinMaxScaler": [MinMaxScaler(), {}],
    "MinMaxScaler range": [MinMaxScaler(feature_range=(-1, 3), clip=True), {"featureRange": [-1, 3], "clip": True}],
    "MaxAbsScaler": [MaxAbsScaler(), {}],
    "RobustScaler": [RobustScaler(), {}],
    "RobustScaler unit": [RobustScaler(quantile_range=(10, 70), unit_variance=True, with_centering=False),
                          {"quantileRange": [10, 70], "unitVariance": True, "withCentering": False}],
}
scalers = [[name.split()[0], params, plain(s.fit_transform(holed)), plain(s.inverse_transform(s.transform(holed)))] for name, (s, params) in SCALERS.items()]
rows = [[type(s).__name__, params, plain(s.fit_transform(numbers))] for s, params in [
    (Normalizer(), {}), (Normalizer(norm="l1"), {"norm": "l1"}), (Normalizer(norm="max"), {"norm": "max"}),
    (Binarizer(threshold=0.5), {"threshold": 0.5})]]

ONE_HOT = [
    ({}, {}),
    ({"handle_unknown": "ignore"}, {"handleUnknown": "ignore"}),
    ({"drop": "first"}, {"drop": "first"}),
    ({"drop": "if_binary"}, {"drop": "ifBinary"}),
    ({"min_frequency": 4, "handle_unknown": "infrequent_if_exist"}, {"minFrequency": 4, "handleUnknown": "infrequentIfExist"}),
    ({"max_categories": 3, "handle_unknown": "infrequent_if_exist"}, {"maxCategories": 3, "handleUnknown": "infrequentIfExist"}),
    ({"min_frequency": 0.2, "drop": "first"}, {"minFrequency": 0.2, "drop": "first"}),
]
one_hot = []
for params, ours in ONE_HOT:
    encoder = OneHotEncoder(**params).fit(words)
    unknown = plain(encoder.transform(other)) if "handle_unknown" in params else None
    one_hot.append([ours, plain(encoder.transform(words)), encoder.get_feature_names_out().tolist(), unknown])
ORDINAL = [
    ({}, {}),
    ({"handle_unknown": "use_encoded_value", "unknown_value": -1, "encoded_missing_value": -2},
     {"handleUnknown": "useEncodedValue", "unknownValue": -1, "encodedMissingValue": -2}),
    ({"max_categories": 3, "handle_unknown": "use_encoded_value", "unknown_value": np.nan},
     {"maxCategories": 3, "handleUnknown": "useEncodedValue", "unknownValue": None}),
]
ordinal = []
with_nan, other_nan = (np.where(np.equal(table, None), np.nan, table) for table in (words, other))  # NaN is missing, None is not
for params, ours in ORDINAL:
    encoder = OrdinalEncoder(**params).fit(with_nan)
    unknown = plain(encoder.transform(other_nan)) if "handle_unknown" in params else None
    ordinal.append([ours, plain(encoder.transform(with_nan)), unknown])
IMPUTERS = [
    ({}, {}),
    ({"strategy": "median", "add_indicator": True}, {"strategy": "median", "addIndicator": True}),
    ({"strategy": "most_frequent"}, {"strategy": "mostFrequent"}),
    ({"strategy": "constant", "fill_value": -5, "keep_empty_features": True}, {"strategy": "constant", "fillValue": -5, "keepEmptyFeatures": True}),
    ({"strategy": "mean", "keep_empty_features": True}, {"strategy": "mean", "keepEmptyFeatures": True}),
]
imputers = [[ours, plain(SimpleImputer(**params).fit_transform(empty))] for params, ours in IMPUTERS]
text = words.copy()
text[2, 0] = None
text_imputed = plain(SimpleImputer(strategy="most_frequent", missing_values=None).fit_transform(text[:, :2]))
indicator = plain(MissingIndicator().fit_transform(empty))

out = dict(numbers=plain(numbers), holed=plain(holed), empty=plain(empty), words=plain(words), other=plain(other), text=plain(text[:, :2]),
           scalers=scalers, rows=rows, oneHot=one_hot, ordinal=ordinal, imputers=imputers, textImputed=text_imputed, indicator=indicator)
pathlib.Path(__file__).with_name("preparation.json").write_text(json.dumps(out) + "\n")

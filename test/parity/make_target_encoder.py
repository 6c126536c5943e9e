"""Writes target_encoder.json: what scikit-learn 1.9.1's TargetEncoder, LabelBinarizer and MultiLabelBinarizer make of small
tables. None is a missing value. Run: python test/parity/make_target_encoder.py"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold
from sklearn.preprocessing import LabelBinarizer, MultiLabelBinarizer, TargetEncoder

assert sklearn.__version__ == "1.9.1", sklearn.__version__
warnings.simplefilter("ignore")
rng = np.random.RandomState(0)
n = 60
X = np.empty((n, 3), dtype=object)
X[:, 0] = np.array(["oslo", "rome", "bonn", "lima", "wien"])[np.minimum(4, rng.geometric(0.4, n) - 1)]
X[:, 1] = rng.randint(0, 4, n).astype(float)
X[:, 2] = np.array(["a", "b", None], dtype=object)[rng.randint(0, 3, n)]
X[0, 0] = "once"  # a category of one row
other = np.array([["rome", 3.0, "b"], ["kyiv", 2.0, None], ["once", 9.0, "c"]], dtype=object)
level = {"oslo": 0.0, "rome": 2.0, "bonn": -1.0, "lima": 1.0, "wien": 4.0, "once": 7.5}
continuous = np.round(np.array([level[city] for city in X[:, 0]]) + rng.randn(n), 3)
binary = np.where(continuous > np.median(continuous), "yes", "no")
multiclass = np.digitize(continuous, [-0.5, 1.5])
groups = rng.randint(0, 9, n)
TARGETS = {"continuous": continuous, "binary": binary, "multiclass": multiclass}


def plain(table):
    return np.asarray(table, dtype=float).tolist()


cases = []
for kind, y in TARGETS.items():
    for smooth in ["auto", 0.0, 7.5]:
        cv = KFold(4) if kind == "continuous" else StratifiedKFold(4)
        encoder = TargetEncoder(smooth=smooth, cv=cv)
        crossed = plain(encoder.fit_transform(X, y))
        cases.append(dict(kind=kind, smooth=smooth, crossed=crossed, known=plain(encoder.transform(X)), other=plain(encoder.transform(other)),
                          means=np.atleast_1d(encoder.target_mean_).tolist(), names=encoder.get_feature_names_out().tolist(),
                          encodings=[e.tolist() for e in encoder.encodings_]))
asked = TargetEncoder(target_type="continuous", cv=KFold(3)).fit(X, multiclass)
sklearn.set_config(enable_metadata_routing=True)
grouped = TargetEncoder(cv=GroupKFold(3)).fit_transform(X, continuous, groups=groups)

LABELS = [["b", "a", "c", "a"], ["no", "yes", "no"], [1, 1, 1], [3, -1, 7, 3], [True, False, True]]
labels = []
for y in LABELS:
    for params, ours in [({}, {}), ({"neg_label": -2, "pos_label": 3}, {"negLabel": -2, "posLabel": 3})]:
        labels.append([ours, y, plain(LabelBinarizer(**params).fit_transform(y))])
binarizer = LabelBinarizer().fit(["a", "b", "c"])
scores = np.round(rng.randn(6, 3), 2)
inverse = dict(scores=scores.tolist(), labels=binarizer.inverse_transform(scores).tolist())
sets = [["sea", "ship"], [], ["air", "sea", "sea"], ["ship"]]
multi = MultiLabelBinarizer().fit(sets)

out = dict(X=[[None if v is None else v for v in row] for row in X.tolist()], other=other.tolist(),
           targets={kind: y.tolist() for kind, y in TARGETS.items()}, groups=groups.tolist(), cases=cases,
           asked=plain(asked.transform(X)), grouped=plain(grouped), labels=labels, inverse=inverse,
           sets=dict(y=sets, table=plain(multi.transform(sets)), classes=multi.classes_.tolist()))
pathlib.Path(__file__).with_name("target_encoder.json").write_text(json.dumps(out) + "\n")

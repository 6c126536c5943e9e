"""Writes calibration.json: isotonic regression, calibrated and tuned classifiers of scikit-learn 1.9.1. Run: python test/parity/make_calibration.py"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn.calibration import CalibratedClassifierCV, calibration_curve
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import StandardScaler

assert sklearn.__version__ == "1.9.1", sklearn.__version__
warnings.simplefilter("ignore")
rng = np.random.RandomState(0)
x = np.round(rng.rand(60) * 10, 1)
y = np.round(np.sqrt(x) + rng.randn(60) * 0.4, 3)
w = rng.randint(0, 4, 60).astype(float)
grid = np.linspace(-1, 11, 25)
ISOTONIC = [({}, {}, None), ({"out_of_bounds": "clip", "y_min": 0.5, "y_max": 2.5}, {"outOfBounds": "clip", "yMin": 0.5, "yMax": 2.5}, None),
            ({"increasing": False, "out_of_bounds": "clip"}, {"increasing": False, "outOfBounds": "clip"}, None),
            ({"increasing": "auto", "out_of_bounds": "clip"}, {"increasing": "auto", "outOfBounds": "clip"}, w)]
isotonic = []
for params, ours, weight in ISOTONIC:
    model = IsotonicRegression(**params).fit(x, y, sample_weight=weight)
    p = model.predict(grid)
    isotonic.append([ours, weight is not None, model.X_thresholds_.tolist(), model.y_thresholds_.tolist(), [None if v != v else v for v in p.tolist()]])

iris = load_iris(return_X_y=True)
cancer = load_breast_cancer(return_X_y=True)
cancer = (StandardScaler().fit_transform(cancer[0])[:, :6], cancer[1])
MODELS = {"GaussianNB": GaussianNB(), "RidgeClassifier": RidgeClassifier(), "LogisticRegression": LogisticRegression(tol=1e-10, max_iter=1000)}
CALIBRATED = [
    ["GaussianNB", "cancer", {"method": "sigmoid", "cv": 3}], ["GaussianNB", "cancer", {"method": "isotonic", "cv": 3}],
    ["RidgeClassifier", "cancer", {"method": "sigmoid", "cv": 4, "ensemble": False}], ["RidgeClassifier", "iris", {"method": "isotonic", "cv": 3}],
    ["GaussianNB", "iris", {"method": "sigmoid", "cv": 3}], ["GaussianNB", "iris", {"method": "temperature", "cv": 3}],
    ["LogisticRegression", "cancer", {"method": "temperature", "cv": 3}],
]
data = {"iris": iris, "cancer": cancer}
calibrated = []
for name, where, params in CALIBRATED:
    X, labels = data[where]
    model = CalibratedClassifierCV(MODELS[name], **params).fit(X, labels)
    calibrated.append([name, where, params, model.predict_proba(X)[::7].ravel().tolist()])
p = GaussianNB().fit(*cancer).predict_proba(cancer[0])[:, 1]
curves = []
for strategy in ("uniform", "quantile"):
    true, pred = calibration_curve(cancer[1], p, n_bins=8, strategy=strategy)
    curves.append([strategy, true.tolist(), pred.tolist()])
TUNED = [["GaussianNB", {}, {}], ["GaussianNB", {"scoring": "f1", "cv": 3}, {"scoring": "f1", "cv": 3}],
         ["RidgeClassifier", {"thresholds": 40, "scoring": "accuracy"}, {"thresholds": 40, "scoring": "accuracy"}]]
tuned = []
for name, params, ours in TUNED:
    model = TunedThresholdClassifierCV(MODELS[name], store_cv_results=True, **params).fit(*cancer)
    tuned.append([name, ours, model.best_threshold_, model.best_score_, model.cv_results_["thresholds"].tolist(), model.cv_results_["scores"].tolist()])
fixed = FixedThresholdClassifier(GaussianNB(), threshold=0.05, pos_label=0).fit(*cancer).predict(cancer[0])
pathlib.Path(__file__).with_name("calibration.json").write_text(json.dumps(dict(
    x=x.tolist(), y=y.tolist(), w=w.tolist(), grid=grid.tolist(), isotonic=isotonic, calibrated=calibrated, curves=curves, tuned=tuned,
    fixed=fixed.tolist())) + "\n")

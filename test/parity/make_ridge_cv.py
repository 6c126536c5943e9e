"""Writes ridge_cv.json: RidgeCV and RidgeClassifierCV of scikit-learn 1.9.1. Run: python test/parity/make_ridge_cv.py"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.linear_model import RidgeClassifierCV, RidgeCV
from sklearn.preprocessing import StandardScaler

assert sklearn.__version__ == "1.9.1", sklearn.__version__
ALPHAS = [0.01, 0.1, 1.0, 10.0, 100.0]
diabetes = load_diabetes(return_X_y=True)
cancer = load_breast_cancer(return_X_y=True)
cancer = (StandardScaler().fit_transform(cancer[0]), cancer[1])
iris = load_iris(return_X_y=True)
weights = 0.5 + (np.arange(len(diabetes[1])) % 7) / 4
CASES = [
    ["RidgeCV", "diabetes", {}, {}, False],
    ["RidgeCV", "diabetes", {"scoring": "neg_mean_absolute_error"}, {"scoring": "negMeanAbsoluteError"}, False],
    ["RidgeCV", "diabetes", {"scoring": "r2"}, {"scoring": "r2"}, True],
    ["RidgeCV", "diabetes", {"cv": 4}, {"cv": 4}, False],
    ["RidgeCV", "diabetes", {"cv": 3, "scoring": "neg_mean_squared_error", "fit_intercept": False}, {"cv": 3, "scoring": "negMeanSquaredError", "fitIntercept": False}, True],
    ["RidgeClassifierCV", "iris", {}, {}, False],
    ["RidgeClassifierCV", "cancer", {"class_weight": "balanced"}, {"classWeight": "balanced"}, False],
    ["RidgeClassifierCV", "iris", {"scoring": "accuracy"}, {"scoring": "accuracy"}, False],
    ["RidgeClassifierCV", "iris", {"scoring": "f1_macro"}, {"scoring": "f1Macro"}, False],
    ["RidgeClassifierCV", "cancer", {"cv": 4, "scoring": "average_precision"}, {"cv": 4, "scoring": "averagePrecision"}, False],
]
out = []
for name, data, params, ours, weighted in CASES:
    model = {"RidgeCV": RidgeCV, "RidgeClassifierCV": RidgeClassifierCV}[name](alphas=ALPHAS, **params)
    X, y = {"diabetes": diabetes, "cancer": cancer, "iris": iris}[data]
    model.fit(X, y, **({"sample_weight": weights} if weighted else {}))
    out.append([name, data, ours, weighted, float(model.alpha_), float(model.best_score_), np.ravel(model.coef_).tolist(), np.ravel(model.intercept_).tolist()])
pathlib.Path(__file__).with_name("ridge_cv.json").write_text(json.dumps({"alphas": ALPHAS, "cases": out}) + "\n")

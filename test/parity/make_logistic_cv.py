"""Writes logistic_cv.json: scikit-learn 1.9.1's LogisticRegressionCV at a small tolerance. Run: python test/parity/make_logistic_cv.py"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn import datasets
from sklearn.linear_model import LogisticRegressionCV

assert sklearn.__version__ == "1.9.1", sklearn.__version__
warnings.simplefilter("ignore")

# Thinned: every second or third row; standardised. logistic-cv.test.ts makes the same.
CASES = [
    {"name": "accuracy, Cs by number", "dataset": "breast_cancer", "step": 3, "Cs": 4, "cv": 3},
    {"name": "log loss, weighted and balanced", "dataset": "breast_cancer", "step": 3, "Cs": [0.01, 1], "cv": 4,
     "scoring": "neg_log_loss", "weighted": True, "balanced": True},
    {"name": "area under the curve, splits", "dataset": "breast_cancer", "step": 3, "Cs": [1, 0.05], "scoring": "roc_auc",
     "cv": [[[*range(0, 120)], [*range(150, 190)]], [[*range(60, 190)], [*range(0, 50)]]]},
    {"name": "three classes", "dataset": "iris", "step": 1, "Cs": [0.01, 1, 100], "cv": 5, "scoring": "neg_log_loss"},
    {"name": "three classes, no refit", "dataset": "wine", "step": 1, "Cs": [0.001, 0.1], "cv": 3, "refit": False,
     "scoring": "f1_macro"},
    {"name": "L1 and elastic net", "dataset": "iris", "step": 2, "Cs": [0.2, 2], "cv": 3, "l1Ratios": [0, 0.5, 1],
     "scoring": "neg_log_loss"},
    {"name": "no intercept", "dataset": "iris", "step": 2, "Cs": [0.1, 1], "cv": 3, "fitIntercept": False,
     "scoring": "neg_log_loss"},
]


def answer(case):
    bunch = getattr(datasets, "load_" + case["dataset"])()
    X, y = bunch.data[:: case["step"]], bunch.target[:: case["step"]]
    X = (X - X.mean(0)) / X.std(0)
    ratios = case.get("l1Ratios", [0])
    cv = case["cv"]
    model = LogisticRegressionCV(
        Cs=case["Cs"],
        l1_ratios=ratios,
        cv=cv if isinstance(cv, int) else [(np.array(a), np.array(b)) for a, b in cv],
        scoring=case.get("scoring", "accuracy"),
        refit=case.get("refit", True),
        fit_intercept=case.get("fitIntercept", True),
        class_weight="balanced" if case.get("balanced") else None,
        solver="saga" if any(ratios) else "newton-cholesky",
        tol=1e-9 if any(ratios) else 1e-11,
        max_iter=100000,
        use_legacy_attributes=False,
    ).fit(X, y, sample_weight=0.5 + np.arange(len(y)) % 4 if case.get("weighted") else None)
    print(case["name"], model.C_, model.l1_ratio_, flush=True)
    return {
        **case,
        "C": model.C_,
        "l1Ratio": model.l1_ratio_,
        "scores": model.scores_.ravel().tolist(),
        "coef": model.coef_.ravel().tolist(),
        "intercept": model.intercept_.tolist(),
        "paths": model.coefs_paths_.ravel().tolist(),
    }


path = pathlib.Path(__file__).with_name("logistic_cv.json")
lines = ",\n".join(json.dumps(answer(case)) for case in CASES)
path.write_text(f'{{"sklearn": "{sklearn.__version__}", "cases": [\n{lines}\n]}}\n')

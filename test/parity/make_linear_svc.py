"""Writes linear_svc.json: what scikit-learn 1.9.1's LinearSVC reaches when it is asked for many digits. Run: python test/parity/make_linear_svc.py"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

assert sklearn.__version__ == "1.9.1", sklearn.__version__
warnings.simplefilter("error")
LOADERS = {"breast_cancer": load_breast_cancer, "iris": load_iris, "wine": load_wine}

# Every case: data set, penalty, loss, C, intercept scaling (0: no intercept), weighted.
CASES = [
    ("breast_cancer", "l2", "squaredHinge", 1, 1, False),
    ("breast_cancer", "l2", "squaredHinge", 0.01, 10, True),
    ("breast_cancer", "l2", "hinge", 0.1, 1, False),
    ("breast_cancer", "l1", "squaredHinge", 0.1, 1, True),
    ("iris", "l2", "squaredHinge", 1, 1, False),
    ("iris", "l2", "hinge", 0.5, 1, True),
    ("iris", "l1", "squaredHinge", 0.2, 1, False),
    ("wine", "l2", "squaredHinge", 1, 0, False),
]


def case(name, penalty, loss, c, scaling, weighted):
    X, y = LOADERS[name](return_X_y=True)
    X = StandardScaler().fit_transform(X)
    weight = 0.25 + np.arange(len(y)) % 7 if weighted else np.ones(len(y))
    model = LinearSVC(
        penalty=penalty,
        loss="squared_hinge" if loss == "squaredHinge" else loss,
        dual=loss == "hinge",
        C=c,
        fit_intercept=scaling > 0,
        intercept_scaling=scaling or 1,
        tol=1e-9,
        max_iter=10**7,
        random_state=0,
    ).fit(X, y, sample_weight=weight)
    coef, intercept = model.coef_, np.broadcast_to(model.intercept_, len(model.coef_))
    objective = []
    for k, (w, b) in enumerate(zip(coef, intercept)):
        sign = np.where(y == model.classes_[k if len(coef) > 1 else 1], 1, -1)
        losses = np.maximum(0, 1 - sign * (X @ w + b)) ** (2 if loss == "squaredHinge" else 1)
        all_w = np.append(w, b / scaling if scaling else 0)
        size = np.abs(all_w).sum() if penalty == "l1" else 0.5 * all_w @ all_w
        objective.append(size + c * (weight @ losses))
    return {
        "dataset": name,
        "params": {"penalty": penalty, "loss": loss, "C": c, "fitIntercept": scaling > 0, "interceptScaling": scaling or 1},
        "weighted": weighted,
        "coef": coef.ravel().tolist(),
        "intercept": np.ravel(intercept).tolist(),
        "objective": objective,
    }


text = json.dumps({"sklearn": sklearn.__version__, "cases": [case(*given) for given in CASES]})
pathlib.Path(__file__).with_name("linear_svc.json").write_text(text + "\n")

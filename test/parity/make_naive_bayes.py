"""Writes naive_bayes.json: what scikit-learn 1.9.1's naive Bayes models learn and say. Run: python test/parity/make_naive_bayes.py"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, ComplementNB, GaussianNB, MultinomialNB

assert sklearn.__version__ == "1.9.1", sklearn.__version__
warnings.simplefilter("ignore")
LOADERS = {"breast_cancer": load_breast_cancer, "digits": load_digits, "iris": load_iris, "wine": load_wine}
MODELS = {m.__name__: m for m in (BernoulliNB, CategoricalNB, ComplementNB, GaussianNB, MultinomialNB)}
SPELLING = {"varSmoothing": "var_smoothing", "fitPrior": "fit_prior", "classPrior": "class_prior", "minCategories": "min_categories"}

# Every case: model, data set, parameters in our spelling, weighted, and in how many parts it is learned.
CASES = [
    ("GaussianNB", "iris", {}, False, 1),
    ("GaussianNB", "breast_cancer", {}, True, 1),
    ("GaussianNB", "digits", {"varSmoothing": 1e-3}, False, 1),
    ("GaussianNB", "wine", {"priors": [0.2, 0.5, 0.3]}, False, 1),
    ("MultinomialNB", "digits", {}, False, 1),
    ("MultinomialNB", "digits", {"alpha": 0.01, "fitPrior": False}, True, 1),
    ("MultinomialNB", "wine", {"classPrior": [0.2, 0.5, 0.3]}, False, 1),
    ("MultinomialNB", "digits", {}, True, 3),
    ("ComplementNB", "digits", {}, False, 1),
    ("ComplementNB", "digits", {"norm": True, "alpha": 0.5}, True, 1),
    ("BernoulliNB", "digits", {"binarize": 7.5}, False, 1),
    ("BernoulliNB", "iris", {"binarize": 3.0, "alpha": 0.1}, True, 2),
    ("CategoricalNB", "digits", {"minCategories": 17}, False, 1),
    ("CategoricalNB", "digits", {"alpha": 0.3, "minCategories": 20}, True, 2),
]


def weights(n):
    """The same as in naive-bayes.test.ts."""
    return 0.25 + np.arange(n) % 7


def learn(model, X, y, weight, parts):
    if parts == 1:
        return model.fit(X, y, sample_weight=weight)
    for part in range(parts):
        rows = slice(part * len(y) // parts, (part + 1) * len(y) // parts)
        model.partial_fit(X[rows], y[rows], classes=np.unique(y), sample_weight=None if weight is None else weight[rows])
    return model


def case(name, dataset, params, weighted, parts):
    X, y = LOADERS[dataset](return_X_y=True)
    model = MODELS[name](**{SPELLING.get(key, key): value for key, value in params.items()})
    learn(model, X, y, weights(len(y)) if weighted else None, parts)
    probe = X[::50]
    learned = {"classCount": model.class_count_.tolist()}
    if name == "GaussianNB":
        learned |= {"theta": model.theta_.ravel().tolist(), "var": model.var_.ravel().tolist(), "epsilon": model.epsilon_}
        learned["classPrior"] = model.class_prior_.tolist()
    elif name == "CategoricalNB":
        learned |= {"classLogPrior": model.class_log_prior_.tolist(), "nCategories": model.n_categories_.tolist()}
        learned["featureLogProb"] = np.concatenate([table.ravel() for table in model.feature_log_prob_[10:14]]).tolist()
    else:
        learned |= {"classLogPrior": model.class_log_prior_.tolist(), "featureLogProb": model.feature_log_prob_.ravel().tolist()}
    return {
        "model": name,
        "dataset": dataset,
        "params": params,
        "weighted": weighted,
        "parts": parts,
        "learned": learned,
        "joint": model.predict_joint_log_proba(probe).ravel().tolist(),
        "logProba": model.predict_log_proba(probe).ravel().tolist(),
        "score": model.score(X, y),
    }


text = json.dumps({"sklearn": sklearn.__version__, "cases": [case(*given) for given in CASES]})
pathlib.Path(__file__).with_name("naive_bayes.json").write_text(text + "\n")

"""Writes tree.json: decision trees of scikit-learn 1.9.1 on bundled data and on data with missing values, whose splits are
not tied (the same tree for several seeds), pruning paths and texts. Run: python test/parity/make_tree.py"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, export_text

assert sklearn.__version__ == "1.9.1", sklearn.__version__


def holes(X, seed):
    """Every seventh cell or so missing, by a rule that both sides can write down."""
    X = X.copy()
    rows, cols = np.indices(X.shape)
    X[(rows * 31 + cols * 17 + seed) % 7 == 0] = np.nan
    return X


DATA = {"iris": load_iris, "wine": load_wine, "breastCancer": load_breast_cancer, "diabetes": load_diabetes}


# Columns that tell different things: fewer ties.
COLUMNS = {"iris": [0, 3], "wine": [0, 6, 9, 12], "breastCancer": [1, 4, 7, 21, 27], "diabetes": [2, 3, 8, 9]}


def read(name):
    data = DATA[name]()
    return data.data[:, COLUMNS[name]], data.target


def spelt(params):
    def camel(name):
        head, *rest = name.split("_")
        return head + "".join(part.capitalize() for part in rest)

    def value(v):
        return camel(v) if isinstance(v, str) else v

    return {camel(key): value(v) for key, v in params.items()}


CLASSIFIERS = [
    ("iris", {"max_depth": 2}),
    ("iris", {"max_leaf_nodes": 4}),
    ("wine", {"max_depth": 4}),
    ("wine", {"criterion": "entropy", "max_depth": 3}),
    ("wine", {"criterion": "log_loss", "max_leaf_nodes": 6}),
    ("wine", {"class_weight": "balanced", "min_samples_leaf": 5}),
    ("breastCancer", {"max_depth": 3}),
    ("breastCancer", {"min_samples_leaf": 10}),
    ("breastCancer", {"min_samples_split": 0.2}),
    ("breastCancer", {"min_weight_fraction_leaf": 0.05}),
    ("breastCancer", {"min_impurity_decrease": 0.01}),
    ("breastCancer", {"ccp_alpha": 0.01}),
    ("breastCancer", {"max_leaf_nodes": 8, "criterion": "entropy"}),
    ("breastCancer", {"max_depth": 3, "class_weight": "balanced"}),
    ("breastCancer", {"max_depth": 4, "monotonic_cst": [-1, 0, -1, 1, -1]}),
]
REGRESSORS = [
    ("diabetes", {"max_depth": 4}),
    ("diabetes", {"min_samples_leaf": 15}),
    ("diabetes", {"max_leaf_nodes": 12}),
    ("diabetes", {"criterion": "poisson", "max_depth": 3}),
    ("diabetes", {"ccp_alpha": 40}),
    ("diabetes", {"max_depth": 5, "monotonic_cst": [1, -1, 0, 1]}),
    ("diabetes", {"criterion": "absolute_error", "max_depth": 4}),
    ("diabetes", {"criterion": "absolute_error", "min_samples_leaf": 15}),
    ("diabetes", {"criterion": "absolute_error", "max_leaf_nodes": 12}),
    ("diabetes", {"criterion": "absolute_error", "ccp_alpha": 1}),
    ("diabetes", {"criterion": "absolute_error", "max_depth": 4, "monotonic_cst": [1, -1, 0, 1]}),
]


def arrays(tree):
    return {
        "feature": tree.feature.tolist(),
        "threshold": [t if np.isfinite(t) else "inf" for t in tree.threshold],
        "left": tree.children_left.tolist(),
        "right": tree.children_right.tolist(),
        "missingLeft": [int(tree.missing_go_to_left[i]) if f >= 0 else 0 for i, f in enumerate(tree.feature)],
        "impurity": [float(f"{v:.10g}") for v in tree.impurity],
        "nRows": tree.n_node_samples.tolist(),
        "weight": [float(f"{v:.12g}") for v in tree.weighted_n_node_samples],
        "values": [float(f"{v:.10g}") for v in tree.value[:, 0, :].ravel()],
    }


def untied(kind, params, X, y, weights):
    """The tree, if it is the same whichever feature comes first."""
    fits = [kind(random_state=seed, **params).fit(X, y, sample_weight=weights) for seed in range(8)]
    first = arrays(fits[0].tree_)
    same = all(arrays(fit.tree_)[key] == first[key] for fit in fits for key in ("feature", "threshold", "values"))
    return fits[0] if same else None


cases = []
for kind, table in ((DecisionTreeClassifier, CLASSIFIERS), (DecisionTreeRegressor, REGRESSORS)):
    for name, params in table:
        for missing in (False, True):
            for weighted in (False, True):
                # scikit-learn's absolute error takes no missing values.
                if missing and (params.keys() & {"monotonic_cst"} or params.get("criterion") == "absolute_error") or weighted and "class_weight" in params:
                    continue
                X, y = read(name)
                if missing:
                    X = holes(X, len(cases))
                weights = 1.0 + np.arange(len(y)) * 7 % 5 / 4 if weighted else None
                fit = untied(kind, params, X, y, weights)
                if fit is None:
                    print("tied:", kind.__name__, name, params, missing, weighted)
                    continue
                case = {
                    "estimator": kind.__name__,
                    "data": name,
                    "params": spelt(params),
                    "missing": len(cases) if missing else None,
                    "weighted": weighted,
                    "tree": arrays(fit.tree_),
                    "importances": fit.feature_importances_.tolist(),
                    "text": export_text(fit),
                    "score": fit.score(X, y),
                }
                if not params.get("ccp_alpha") and not missing and not weighted:
                    path = kind(random_state=0, **params).cost_complexity_pruning_path(X, y)
                    case["path"] = {"ccpAlphas": path.ccp_alphas.tolist(), "impurities": path.impurities.tolist()}
                cases.append(case)

X, y = load_diabetes(return_X_y=True)
Y = np.column_stack([y, X[:, 2] * 1000 + y / 2])
two = {}
for criterion in ("squared_error", "absolute_error"):
    both = DecisionTreeRegressor(criterion=criterion, max_depth=4, random_state=0).fit(X[:, [0, 3, 5, 8]], Y)
    two[criterion] = arrays(both.tree_)
    two[criterion]["values"] = both.tree_.value[:, :, 0].ravel().tolist()

path = pathlib.Path(__file__).with_name("tree.json")
path.write_text(
    "{\n"
    + '"cases": [\n'
    + ",\n".join(json.dumps(case) for case in cases)
    + "\n],\n"
    + f'"twoTargets": {json.dumps(spelt(two))}\n'
    + "}\n"
)

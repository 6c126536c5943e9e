"""Writes metrics.json: what scikit-learn 1.9.1 answers in awkward cases. Run: python test/parity/make_metrics.py"""

import json
import math
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn import metrics

assert sklearn.__version__ == "1.9.1", sklearn.__version__
warnings.simplefilter("ignore")
rng = np.random.default_rng(0)
cases = []
arrays = []  # inputs, each stored once; a case names them by { "$": index }


def shared(value):
    """The place of an input array in `arrays`; anything else as it is."""
    value = plain(value)
    if not isinstance(value, list):
        return value
    if value not in arrays:
        arrays.append(value)
    return {"$": arrays.index(value)}


def plain(value):
    """JSON of a result; NaN and infinities as strings."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(v) for v in value]
    if isinstance(value, (np.bool_, bool)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else str(float(value)).replace("inf", "Infinity").replace("nan", "NaN")
    return value


def camel(name):
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)


def add(function, y_true, prediction, shape=None, **options):
    given = {k: np.asarray(v) if isinstance(v, list) else v for k, v in options.items()}
    result = getattr(metrics, function, None) or getattr(metrics.cluster, function)
    result = result(np.asarray(y_true), np.asarray(prediction), **given)
    if shape:
        result = dict(zip(shape, result))
    cases.append({"function": camel(function), "args": [shared(y_true), shared(prediction)],
                  "options": {camel(k): shared(v) for k, v in options.items() if v is not None or k == "average"}, "expected": plain(result)})


# Labels
n = 36
labels = {
    "binary": (rng.integers(0, 2, n), rng.integers(0, 2, n)),
    "rare": ((rng.random(n) < 0.05).astype(int), (rng.random(n) < 0.1).astype(int)),
    "signs": (rng.choice([-1, 1], n), rng.choice([-1, 1], n)),
    "booleans": (rng.random(n) < 0.3, rng.random(n) < 0.4),
    "perfect": (np.arange(n) % 2, np.arange(n) % 2),
    "opposite": (np.arange(n) % 2, 1 - np.arange(n) % 2),
    "one class": (np.ones(n, int), np.ones(n, int)),
    "only negatives": (np.zeros(n, int), np.zeros(n, int)),
    "never predicted": (np.arange(n) % 2, np.zeros(n, int)),
    "three": (rng.integers(0, 3, n), rng.integers(0, 3, n)),
    "five, gaps": (rng.choice([-3, 0, 2, 7, 100], n), rng.choice([-3, 0, 2, 7, 50], n)),
    "strings": (rng.choice(["cat", "dog", "ant"], n), rng.choice(["cat", "dog", "bee"], n)),
    "row": (np.array([1]), np.array([0])),
}
for name, (truth, guess) in labels.items():
    weight = np.round(rng.random(len(truth)) * 3, 3)
    weight[rng.random(len(truth)) < 0.2] = 0
    weight[0] = 1.5
    weight = weight.tolist()
    for options in ({}, {"sample_weight": weight}):
        add("accuracy_score", truth, guess, **options)
        add("accuracy_score", truth, guess, normalize=False, **options)
        add("zero_one_loss", truth, guess, **options)
        add("confusion_matrix", truth, guess, **options)
        for normalize in ("true", "pred", "all"):
            add("confusion_matrix", truth, guess, normalize=normalize, **options)
        add("balanced_accuracy_score", truth, guess, **options)
        add("matthews_corrcoef", truth, guess, **options)
        add("hamming_loss", truth, guess, **options)
        for weights in (None, "linear", "quadratic"):
            add("cohen_kappa_score", truth, guess, weights=weights, **options)
        for average in (None, "macro", "micro", "weighted"):
            for zero in (0, 1):
                add("jaccard_score", truth, guess, average=average, zero_division=zero, **options)
        names = ["false", "true"] if name == "booleans" else None  # as JavaScript spells them
        add("classification_report", truth, guess, output_dict=True, target_names=names, **options)
        for average in (None, "macro", "micro", "weighted"):
            for zero in (0, 1, math.nan):
                add("precision_recall_fscore_support", truth, guess, ("precision", "recall", "fscore", "support"),
                    average=average, zero_division=zero, **options)
            add("fbeta_score", truth, guess, beta=2.0, average=average, zero_division=0, **options)
            add("fbeta_score", truth, guess, beta=0.0, average=average, zero_division=0, **options)
        if len(set(truth.tolist()) | set(guess.tolist())) <= 2 and name != "strings":
            if len(set(truth.tolist()) | set(guess.tolist())) == 2:
                add("class_likelihood_ratios", truth, guess, ("positive", "negative"), **options)
            for function in ("precision_score", "recall_score", "f1_score", "jaccard_score"):
                add(function, truth, guess, zero_division=0, **options)
                add(function, truth, guess, zero_division=1, **options)
    add("balanced_accuracy_score", truth, guess, adjusted=True)
    if name not in ("opposite", "row"):  # nothing right: there scikit-learn prints a support of "18.0"
        add("classification_report", truth, guess, target_names=names)
        add("classification_report", truth, guess, digits=4, target_names=names)
truth, guess = labels["three"]
for chosen in ([2, 0], [1], [0, 1, 2, 3]):
    add("cohen_kappa_score", truth, guess, labels=chosen, weights="linear")
    add("jaccard_score", truth, guess, labels=chosen, average="macro", zero_division=0)
    add("confusion_matrix", truth, guess, labels=chosen)
    for average in (None, "macro", "micro", "weighted"):
        add("precision_recall_fscore_support", truth, guess, ("precision", "recall", "fscore", "support"),
            average=average, labels=chosen, zero_division=0)
    add("classification_report", truth, guess, labels=chosen)
add("classification_report", truth, guess, target_names=["a", "quite a long class name", "c"])
truth, guess = rng.choice(["no", "yes"], 40), rng.choice(["no", "yes"], 40)
for function in ("precision_score", "recall_score", "f1_score", "jaccard_score"):
    add(function, truth, guess, pos_label="yes")
    add(function, truth, guess, pos_label="no")

# Scores
scores = {
    "plain": (rng.integers(0, 2, n), rng.random(n)),
    "ties": (rng.integers(0, 2, n), np.round(rng.random(n), 1)),
    "all tied": (rng.integers(0, 2, n), np.full(n, 0.5)),
    "two values": (rng.integers(0, 2, n), rng.integers(0, 2, n).astype(float)),
    "separable": ((np.arange(n) > 25).astype(int), np.arange(n) / 7),
    "reversed": ((np.arange(n) > 25).astype(int), -np.arange(n) / 7),
    "rare": (np.eye(1, n, 17, dtype=int)[0], rng.normal(size=n)),
    "negative and tiny": (rng.integers(0, 2, n), np.round(rng.normal(size=n), 1) * 1e-300),
    "zeros of both signs": (rng.integers(0, 2, 12), np.tile([0.0, -0.0, 1.0], 4)),
    "signs": (rng.choice([-1, 1], n), rng.normal(size=n)),
    "booleans": (rng.random(n) < 0.3, np.round(rng.random(n), 2)),
    "two rows": (np.array([0, 1]), np.array([0.3, 0.2])),
}
for name, (truth, score) in scores.items():
    weight = np.round(rng.random(len(truth)) * 4)
    weight[0] = weight[1] = 0.25
    for options in ({}, {"sample_weight": weight.tolist()}):
        add("roc_auc_score", truth, score, **options)
        for max_fpr in (0.1, 0.5, 1.0):
            add("roc_auc_score", truth, score, max_fpr=max_fpr, **options)
        add("average_precision_score", truth, score, **options)
        add("hinge_loss", truth, score, **options)
        add("confusion_matrix_at_thresholds", truth, score,
            ("trueNegatives", "falsePositives", "falseNegatives", "truePositives", "thresholds"), **options)
        for k in (1, 2):
            add("top_k_accuracy_score", truth, score, k=k, **options)
        for drop in (False, True):
            add("det_curve", truth, score, ("fpr", "fnr", "thresholds"), drop_intermediate=drop, **options)
            add("precision_recall_curve", truth, score, ("precision", "recall", "thresholds"),
                drop_intermediate=drop, **options)
            add("roc_curve", truth, score, ("fpr", "tpr", "thresholds"), drop_intermediate=drop, **options)
for constant in (0, 1):
    truth, score = np.full(10, constant), rng.random(10)
    add("roc_auc_score", truth, score)
    add("average_precision_score", truth, score)
    add("precision_recall_curve", truth, score, ("precision", "recall", "thresholds"))
    add("roc_curve", truth, score, ("fpr", "tpr", "thresholds"))
truth, score = rng.choice(["good", "bad"], n), rng.random(n)
add("roc_auc_score", truth, score)
add("average_precision_score", truth, score, pos_label="bad")
add("precision_recall_curve", truth, score, ("precision", "recall", "thresholds"), pos_label="good")
add("det_curve", truth, score, ("fpr", "fnr", "thresholds"), pos_label="bad")
truth = rng.integers(0, 3, n)
add("roc_curve", truth, score, ("fpr", "tpr", "thresholds"), pos_label=2)
for kind, classes in (("numbers", [0, 1, 2, 3]), ("strings", ["a", "b", "c"])):
    truth = rng.choice(classes, n)
    proba = rng.dirichlet(np.ones(len(classes)), n)
    weight = (np.round(rng.random(n) * 2, 3)).tolist()
    for multi_class in ("ovr", "ovo"):
        for average in ("macro", "weighted"):
            add("roc_auc_score", truth, proba, multi_class=multi_class, average=average)
    for average in ("macro", "weighted", "micro", None):
        add("roc_auc_score", truth, proba, multi_class="ovr", average=average)
        add("roc_auc_score", truth, proba, multi_class="ovr", average=average, sample_weight=weight)
        add("average_precision_score", truth, proba, average=average)
        add("average_precision_score", truth, proba, average=average, sample_weight=weight)
    margins = np.round(rng.normal(size=(n, len(classes))), 1)
    for options in ({}, {"sample_weight": weight}):
        add("hinge_loss", truth, margins, **options)
        for k in (1, 2, 3, 4):
            add("top_k_accuracy_score", truth, margins, k=k, **options)
    add("top_k_accuracy_score", truth, margins, k=1, normalize=False, sample_weight=weight)
    few = np.where(truth == classes[1], classes[0], truth)
    add("top_k_accuracy_score", few, margins, k=2, labels=classes)
    add("hinge_loss", few, margins, labels=classes)
    if kind == "strings":
        add("roc_auc_score", np.where(truth == "c", "a", truth), proba, multi_class="ovo", labels=classes)
        add("roc_auc_score", np.where(truth == "c", "a", truth), proba, multi_class="ovr", average="weighted",
            labels=classes)

# Probabilities
for classes in ([0, 1], ["no", "yes"], [0, 1, 2], ["a", "b", "c", "d"], [5, 7]):
    truth = rng.choice(classes, n)
    proba = rng.dirichlet(np.ones(len(classes)), n)
    proba[0] = np.eye(len(classes))[0]
    weight = (np.round(rng.random(n) * 2, 3)).tolist()
    for options in ({}, {"sample_weight": weight}, {"labels": classes}):
        add("log_loss", truth, proba, **options)
        add("d2_log_loss_score", truth, proba, **options)
        add("d2_brier_score", truth, proba, **options)
        add("brier_score_loss", truth, proba, **options)
    add("log_loss", truth, proba, normalize=False)
    add("brier_score_loss", truth, proba, scale_by_half=True)
    add("brier_score_loss", truth, proba, scale_by_half=False)
    if len(classes) == 2:
        for options in ({}, {"sample_weight": weight}):
            add("log_loss", truth, proba[:, 1], **options)
            add("d2_log_loss_score", truth, proba[:, 1], **options)
            add("brier_score_loss", truth, proba[:, 1], pos_label=classes[1], **options)
            add("brier_score_loss", truth, proba[:, 1], pos_label=classes[0], **options)
            add("d2_brier_score", truth, proba[:, 1], pos_label=classes[0], **options)
add("brier_score_loss", rng.choice([5, 7], 20), rng.random(20))
add("log_loss", [1, 1, 1], [0.2, 0.9, 1.0], labels=[0, 1])
add("log_loss", [0, 1], [1.0, 0.0])

# Regression
for name, (truth, guess) in {
    "plain": (rng.normal(size=n), rng.normal(size=n)),
    "odd": (rng.normal(size=31), rng.normal(size=31)),
    "far": (1e9 + rng.normal(size=n), 1e9 + rng.normal(size=n)),
    "perfect": (np.arange(5.0), np.arange(5.0)),
    "constant": (np.full(6, 3.0), rng.normal(size=6)),
    "constant, perfect": (np.full(6, 3.0), np.full(6, 3.0)),
    "ties": (np.round(rng.normal(size=n)), np.round(rng.normal(size=n))),
    "row": (np.array([1.0]), np.array([2.0])),
}.items():
    weight = np.round(rng.random(len(truth)) * 3)
    weight[0] = 2.5
    for options in ({}, {"sample_weight": weight.tolist()}):
        for function in ("mean_squared_error", "root_mean_squared_error", "mean_absolute_error",
                         "median_absolute_error", "r2_score", "explained_variance_score",
                         "mean_absolute_percentage_error", "d2_absolute_error_score"):
            add(function, truth, guess, **options)
        for alpha in (0.0, 0.1, 0.5, 0.9, 1.0):
            add("mean_pinball_loss", truth, guess, alpha=alpha, **options)
            add("d2_pinball_score", truth, guess, alpha=alpha, **options)
        add("mean_squared_log_error", np.abs(truth), np.abs(guess), **options)
        add("root_mean_squared_log_error", np.abs(truth), np.abs(guess), **options)
        add("mean_poisson_deviance", np.floor(np.abs(truth)), np.abs(guess) + 0.1, **options)
        add("mean_gamma_deviance", np.abs(truth) + 0.2, np.abs(guess) + 0.1, **options)
        for power in (-1.5, 0, 1, 1.5, 2, 3.0):
            if name == "far":
                continue  # deviances of 1e-18 of terms of 1: no digits left
            own = truth if power <= 0 else np.abs(truth) + (0.2 if power >= 2 else 0)
            for function in ("mean_tweedie_deviance", "d2_tweedie_score"):
                if function == "d2_tweedie_score" and (name.startswith("constant") or power < 0):
                    continue
                add(function, own, guess if power == 0 else np.abs(guess) + 0.1, power=power, **options)
        add("r2_score", truth, guess, force_finite=False, **options)
    add("max_error", truth, guess)

# Clusterings
for truth, guess in (
    (rng.integers(0, 3, n), rng.integers(0, 4, n)),
    (np.arange(n) // 12, (np.arange(n) + 3) // 12),
    (np.arange(n) % 3, (np.arange(n) + 1) % 3),
    (np.arange(n), np.arange(n)),
    (np.arange(n), np.zeros(n, int)),
    (np.zeros(n, int), np.zeros(n, int)),
    (rng.choice(["a", "b"], n), rng.integers(-1, 2, n)),
    (rng.integers(0, 9, 500), rng.integers(0, 70, 500)),
):
    for function in ("rand_score", "adjusted_rand_score", "fowlkes_mallows_score", "pair_confusion_matrix",
                     "contingency_matrix", "mutual_info_score", "homogeneity_score", "completeness_score"):
        add(function, truth, guess)
    for beta in (0.0, 1.0, 2.5):
        add("v_measure_score", truth, guess, beta=beta)
        add("homogeneity_completeness_v_measure", truth, guess, ("homogeneity", "completeness", "vMeasure"), beta=beta)
    for method in ("min", "geometric", "arithmetic", "max"):
        add("normalized_mutual_info_score", truth, guess, average_method=method)
        add("adjusted_mutual_info_score", truth, guess, average_method=method)
for rows, groups in (
    (rng.normal(size=(40, 3)), rng.integers(0, 3, 40)),
    (np.round(rng.normal(size=(30, 2))), rng.choice(["a", "b", "c"], 30)),
    (np.vstack([rng.normal(size=(20, 2)), [[9, 9]]]), np.r_[np.arange(20) % 2, 2]),  # a cluster of one row
    (np.repeat([[0.0, 1], [2, 3]], 5, axis=0), np.arange(10) // 5),  # no spread
    (np.repeat([[0.0, 1], [2, 3]], 5, axis=0), np.arange(10) % 2),
    (10 + rng.normal(size=(25, 4)), rng.integers(0, 4, 25)),
):
    for function in ("calinski_harabasz_score", "davies_bouldin_score", "silhouette_score"):
        add(function, rows, groups)
    for metric in ("euclidean", "manhattan", "cosine"):
        if metric == "euclidean" or (rows.min() < 0 and rows.max() > 0 and not np.any(np.all(rows == 0, axis=1))):
            add("silhouette_samples", rows, groups, metric=metric)
add("auc", [0, 0.2, 0.2, 0.7, 1], [0.1, 0.5, 0.6, 0.2, 0.9])
add("auc", [5, 3, 3, -1], [1, 2, 7, 4])

path = pathlib.Path(__file__).with_name("metrics.json")
path.write_text(json.dumps({"scikit-learn": sklearn.__version__, "arrays": arrays, "cases": cases}, separators=(",", ":")) + "\n")
print(len(cases), "cases,", path.stat().st_size, "bytes")

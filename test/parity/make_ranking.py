"""Writes ranking.json: what scikit-learn, LightGBM and XGBoost say about rankings, for test/parity/ranking.test.ts.

Run with scikit-learn 1.9.1, LightGBM 4.7.0 and XGBoost 3.2.0: python test/parity/make_ranking.py
"""

import json
from pathlib import Path

import lightgbm
import numpy as np
import sklearn
import xgboost
from sklearn.metrics import dcg_score, label_ranking_average_precision_score, ndcg_score

FEATURES = 6


def uniform(seed, n):
    """n multiples of 2^-16 in [0, 1): what the test draws too."""
    state = (np.uint32(seed) * np.uint32(0x85EBCA6B) + np.arange(1, n + 1, dtype=np.uint32) * np.uint32(0x9E3779B9)).astype(np.uint32)
    h = (state ^ (state >> np.uint32(16))) * np.uint32(0x21F0AAAD)
    h = (h ^ (h >> np.uint32(15))) * np.uint32(0x735A2D97)
    return ((h ^ (h >> np.uint32(15))) >> np.uint32(16)) / 65536


def queries(seed, n_queries, noise=1.0):
    """Queries of 5 to 44 documents; grades 0 to 4, most of them 0. All numbers are exact."""
    sizes = 5 + np.floor(40 * uniform(seed, n_queries)).astype(int)
    rows = int(sizes.sum())
    X = np.column_stack([np.floor(64 * uniform(seed + 10 * (j + 1), rows)) / 64 for j in range(FEATURES)])
    query = np.repeat(np.arange(n_queries), sizes)
    shift = uniform(seed + 7, n_queries)[query]  # some queries are easier than others
    luck = uniform(seed + 8, rows) + uniform(seed + 9, rows) - 1
    use = 2 * X[:, 0] + X[:, 1] * X[:, 2] * 2 - np.abs(X[:, 3] - 0.5) * 2 + noise * luck + shift
    grades = np.select([use < 2, use < 2.5, use < 3, use < 3.5], [0, 1, 2, 3], 4)
    return X, grades, sizes


def mean_ndcg(grades, scores, sizes, k=10):
    ends = np.cumsum(sizes)
    values = []
    for end, size in zip(ends, sizes):
        g, s = 2.0 ** grades[end - size : end] - 1, scores[end - size : end]
        values.append(ndcg_score([g], [s], k=k) if g.max() > 0 else 1.0)
    return float(np.mean(values))


def ranker(**params):
    return lightgbm.LGBMRanker(min_data_in_bin=1, verbose=-1, deterministic=True, n_jobs=1, **params)


def quality(**params):
    """NDCG@10 of LightGBM on queries it has not seen, for three sets of queries."""
    values = []
    for seed in (100, 300, 500):
        X, y, sizes = queries(seed, 250)
        X_test, y_test, sizes_test = queries(seed + 100, 250)
        model = ranker(n_estimators=60, **params).fit(X, y, group=sizes)
        values.append(mean_ndcg(y_test, model.predict(X_test), sizes_test))
    return values


def first_trees(weighted=False, **params):
    """Predictions after a tree, when all scores are equal: gradients are exact. LightGBM counts the rows of a leaf by their
    hessians, so any count will do."""
    X, y, sizes = queries(900, 60)
    weights = 1 + np.arange(len(y)) % 3 if weighted else None
    model = ranker(n_estimators=1, learning_rate=1.0, num_leaves=8, min_child_samples=1, **params)
    return model.fit(X, y, group=sizes, sample_weight=weights).predict(X[:200]).tolist()


def metric_cases():
    rng = np.random.default_rng(4)
    tables = {
        "plain": (rng.integers(0, 5, (4, 7)), rng.normal(size=(4, 7))),
        "ties": (rng.integers(0, 4, (5, 6)), rng.integers(0, 3, (5, 6))),
        "no gains in a row": (np.array([[0, 0, 0], [1, 0, 2]]), np.array([[1, 2, 3], [1, 2, 3]])),
        "one row": (np.array([[10.0, 0, 0, 1, 5]]), np.array([[1, 0, 0, 0, 1]])),
    }
    for name, (gains, scores) in tables.items():
        weights = 1.0 + np.arange(len(gains))
        for options in ([{"ignoreTies": True}] if name in ("plain", "one row") else []) + [{}, {"k": 1}, {"k": 2}, {"k": 100}, {"sampleWeight": weights.tolist()}]:
            names = {"k": "k", "ignoreTies": "ignore_ties", "sampleWeight": "sample_weight", "logBase": "log_base"}
            for log_base in (2, 10):
                all_options = options if log_base == 2 else {**options, "logBase": log_base}
                given = {names[key]: value for key, value in all_options.items()}
                case = {"name": name, "gains": gains.tolist(), "scores": scores.tolist(), "options": all_options}
                yield {**case, "dcg": dcg_score(gains, scores, **given)} | (
                    {"ndcg": ndcg_score(gains, scores, **given)} if log_base == 2 else {}
                )


def judged():
    """NDCG, MAP and MRR of given scores, none equal within a query, by LightGBM and by XGBoost: models without a tree. MRR is
    MAP where only the first document of use is left. XGBoost takes grades of 0 and 1 for MAP."""
    cut_offs = [1, 3, 10, 100]
    X, y, sizes = queries(200, 30)
    scores = np.argsort(uniform(77, len(y)), kind="stable") / 1024
    query = np.repeat(np.arange(len(sizes)), sizes)
    of_use = (y > 0).astype(int)
    best = [max((s for s, g in zip(scores[query == q], y[query == q]) if g > 0), default=None) for q in range(len(sizes))]
    first = of_use * np.array([scores[i] == best[q] for i, q in enumerate(query)])
    out = {"scores": scores.tolist(), "weighted": {}, "plain": {}}
    for how in ("plain", "weighted"):
        weights = 1 + np.arange(len(sizes)) % 3 if how == "weighted" else np.ones(len(sizes))
        for metric, peer_metric, grades in (("ndcg", "ndcg", y), ("map", "map", of_use), ("mrr", "map", first)):
            data = lightgbm.Dataset(X, grades, group=sizes, init_score=scores, weight=weights[query])
            record = {}
            params = {"objective": "lambdarank", "metric": peer_metric, "eval_at": cut_offs, "min_data_in_leaf": len(y), "verbose": -1}
            lightgbm.train(params, data, 1, valid_sets=[data], callbacks=[lightgbm.record_evaluation(record)])
            by_lightgbm = [record["training"][f"{peer_metric}@{k}"][0] for k in cut_offs]
            data = xgboost.DMatrix(X, grades, group=sizes, base_margin=scores, weight=weights)
            params = {"objective": "rank:ndcg", "eval_metric": [f"{peer_metric}@{k}" for k in cut_offs]}
            said = xgboost.train(params, data, 0).eval(data).split("\t")[1:]
            by_xgboost = [float(text.split(":")[1]) for text in said]
            assert np.allclose(by_lightgbm, by_xgboost, rtol=0, atol=1e-9), (how, metric, by_lightgbm, by_xgboost)
            out[how][metric] = dict(zip(cut_offs, by_lightgbm))
    return out


def label_ranking_cases():
    rng = np.random.default_rng(5)
    tables = {
        "plain": (rng.integers(0, 2, (6, 5)), rng.normal(size=(6, 5))),
        "ties": (rng.integers(0, 2, (8, 6)), rng.integers(0, 3, (8, 6)) / 2),
        "no label and all": (np.array([[0, 0, 0], [1, 1, 1], [0, 1, 0]]), np.array([[1, 2, 3], [1, 2, 3], [0.5, 0.5, 1]])),
    }
    for name, (labels, scores) in tables.items():
        for weights in (None, 1.0 + np.arange(len(labels)) % 3):
            value = label_ranking_average_precision_score(labels, scores, sample_weight=weights)
            options = {} if weights is None else {"sampleWeight": weights.tolist()}
            yield {"name": name, "labels": labels.tolist(), "scores": scores.tolist(), "options": options, "value": value}


def checksum():
    X, y, sizes = queries(100, 250)
    return {"rows": len(y), "grades": np.bincount(y).tolist(), "X": float(X.sum()), "first": sizes[:5].tolist()}


if __name__ == "__main__":
    np.seterr(over="ignore")
    out = {
        "versions": {"sklearn": sklearn.__version__, "lightgbm": lightgbm.__version__, "xgboost": xgboost.__version__},
        "checksum": checksum(),
        "metrics": list(metric_cases()),
        "judged": judged(),
        "labelRanking": list(label_ranking_cases()),
        "quality": {
            "plain": quality(),
            "truncated": quality(lambdarank_truncation_level=5),
            "not normed": quality(lambdarank_norm=False),
            "linear gains": quality(label_gain=[0, 1, 2, 3, 4]),
        },
        "firstTrees": {
            "plain": first_trees(),
            "weighted": first_trees(weighted=True),
            "truncated, not normed": first_trees(lambdarank_truncation_level=3, lambdarank_norm=False, sigmoid=2.0),
        },
    }
    path = Path(__file__).with_name("ranking.json")
    path.write_text(json.dumps(out) + "\n")

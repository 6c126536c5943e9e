"""Schedules and results of scikit-learn's halving searches: python test/parity/make_halving.py"""
import json
import pathlib

import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import Ridge
from sklearn.model_selection import HalvingGridSearchCV, HalvingRandomSearchCV
from sklearn.neighbors import KNeighborsRegressor

X, y = load_diabetes(return_X_y=True)
schedules = []
for candidates, factor, low, high, aggressive in [
    (9, 3, "exhaust", 27, False), (9, 3, "smallest", 27, False), (10, 3, 4, 50, False), (244, 3, "exhaust", 1000, False),
    (64, 2, "smallest", 20, True), (64, 2, 5, 20, True), (27, 3, 20, 100, True), (27, 3, 20, 100, False), (1, 3, "exhaust", 7, False),
    (100, 2.5, 1, 400, False), (8, 2, "exhaust", 100, False), (9, 3, 1, 9, False), (125, 5, "exhaust", 625, True), (6, 1.5, 2, 30, False),
]:
    search = HalvingGridSearchCV(Ridge(), {"alpha": np.arange(1, candidates + 1).tolist()}, resource="max_iter", factor=factor, min_resources=low,
                                 max_resources=high, aggressive_elimination=aggressive, cv=2, refit=False).fit(X[:20], y[:20])
    schedules.append({"plan": [candidates, factor, low, high, aggressive], "nCandidates": search.n_candidates_, "nResources": [int(n) for n in search.n_resources_],
                      "rest": [search.n_remaining_candidates_, int(search.min_resources_), search.n_required_iterations_, search.n_possible_iterations_, search.n_iterations_]})
rows = []
for kind in (HalvingGridSearchCV, HalvingRandomSearchCV):
    params = {"alpha": list(range(1, 31))}
    search = kind(Ridge(), params, random_state=0).fit(X, y)
    rows.append([search.n_candidates_, search.n_resources_, search.min_resources_, search.max_resources_])
knn = HalvingGridSearchCV(KNeighborsRegressor(), {"weights": ["uniform", "distance"], "p": [1, 2, 3]}, resource="n_neighbors", max_resources=40, factor=2,
                          cv=3).fit(X, y)
results = {k: np.asarray(v, float).tolist() for k, v in knn.cv_results_.items() if "score" in k and "time" not in k or k in ("iter", "n_resources")}
out = {"schedules": schedules, "rows": rows, "results": results, "best": [int(knn.best_index_), knn.best_score_, knn.best_params_]}
pathlib.Path(__file__).with_name("halving.json").write_text(json.dumps(out) + "\n")

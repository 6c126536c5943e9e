"""Who goes on, by Dask-ML's own functions: pip install dask-ml==2025.1.0 "scikit-learn<1.7"; python test/parity/make_incremental_search.py

The scores are made up: those of model i after c calls are in `score`, which the test has too. Nothing is fitted."""
import json
import math
import pathlib
import warnings

from dask_ml.model_selection import HyperbandSearchCV, IncrementalSearchCV, InverseDecaySearchCV, SuccessiveHalvingSearchCV, _hyperband
from dask_ml.model_selection._successive_halving import _simulate_sha
from sklearn.linear_model import SGDClassifier

warnings.simplefilter("ignore")


def score(i, c):
    """Rises to a level of its own, the sooner the smaller i % 5 is; whole numbers, so that all languages agree."""
    return (i * 7919) % 101 + min(c, 3 + 4 * (i % 5)) * ((i * 31) % 7)


def run(search, models, mended=False):
    """The calls of every model, round by round, as dask_ml.model_selection._incremental._fit makes them. Mended: a model that
    rests has no calls to come; in Dask-ML it has, and as it does not make them, the others are not asked again."""
    info = {i: [{"model_id": i, "partial_fit_calls": 1, "score": score(i, 1)}] for i in range(models)}
    rounds = []
    for _ in range(1000):
        instructions = search._additional_calls(info)
        for i in set(info) - set(instructions):
            del info[i]
        if not any(instructions.values()):
            return rounds
        if mended:
            for i, k in instructions.items():
                if not k:
                    info[i][-1]["_adapt"] = 0
        rounds.append(sorted([int(i), int(k)] for i, k in instructions.items() if k))
        for i, k in instructions.items():
            if k:
                calls = int(info[i][-1]["partial_fit_calls"] + k)
                info[i].append({"model_id": i, "partial_fit_calls": calls, "score": score(i, calls)})
    raise RuntimeError("no end")


class ExactLog:
    """math with a logarithm that does not round 243 to less than the fifth power of 3."""
    def __getattr__(self, name):
        return getattr(math, name)

    @staticmethod
    def log(x, base):
        nearest = round(math.log(x, base))
        return nearest if base**nearest == x else math.log(x, base)


estimator, grid = SGDClassifier(), {"alpha": [1]}
incremental = []
for n, fits, patience, tol, most in [(4, 1, False, 1e-3, 6), (5, 3, False, 1e-3, 10), (6, 1, 3, 0.5, 12), (7, 2, 4, 0, 17), (6, 1, 2, None, 5)]:
    search = IncrementalSearchCV(estimator, grid, n_initial_parameters=n, fits_per_score=fits, patience=patience, tol=tol, max_iter=most, decay_rate=None)
    incremental.append({"plan": [n, None, fits, patience, tol, most], "rounds": run(search, n), "mended": run(search, n, True)})
for n, decay, fits, patience, tol, most in [(10, 1.0, 1, False, 1e-3, 100), (40, 0.5, 1, False, 1e-3, 500), (100, 1.5, 1, False, 1e-3, 100), (9, 0.3, 1, False, 1e-3, 100)]:
    search = InverseDecaySearchCV(estimator, grid, n_initial_parameters=n, decay_rate=decay, fits_per_score=fits, patience=patience, tol=tol, max_iter=most)
    incremental.append({"plan": [n, decay, fits, patience, tol, most], "rounds": run(search, n), "mended": run(search, n, True)})

halving = []
for n, r, eta, most in [(10, 1, 3, None), (27, 1, 3, None), (20, 3, 2, None), (50, 2, 2.5, None), (1, 4, 3, None), (9, 9, 3, 81), (34, 3, 3, 81), (64, 1, 4, 81), (3, 7, 3, None)]:
    search = SuccessiveHalvingSearchCV(estimator, grid, n_initial_parameters=n, n_initial_iter=r, aggressiveness=eta, max_iter=most)
    patient = SuccessiveHalvingSearchCV(estimator, grid, n_initial_parameters=n, n_initial_iter=r, aggressiveness=eta, max_iter=most, patience=3, tol=1)
    meta = _simulate_sha(n, r, eta, max_iter=most)
    halving.append({"plan": [n, r, eta, most], "rounds": run(search, n), "patient": run(patient, n, True), "metadata": [int(meta["total_calls"]), int(meta["max_iter"])]})

hyperband = []
for exact in (False, True):
    _hyperband.math = ExactLog() if exact else math
    for most in (9, 27, 81, 243):
        for eta in (3, 4):
            meta = HyperbandSearchCV(estimator, grid, max_iter=most, aggressiveness=eta).metadata
            brackets = [[b["bracket"], int(b["n_models"]), int(b["partial_fit_calls"]), [int(d) for d in b["decisions"]],
                         b["SuccessiveHalvingSearchCV params"]["n_initial_iter"]] for b in meta["brackets"]]
            hyperband.append({"plan": [most, eta], "exact": exact, "total": [int(meta["n_models"]), int(meta["partial_fit_calls"])], "brackets": brackets})
out = {"incremental": incremental, "halving": halving, "hyperband": hyperband}
pathlib.Path(__file__).with_name("incremental_search.json").write_text(json.dumps(out) + "\n")

"""Writes src/datasets/credit-card-tables.ts, the tables of makeCreditCardFraud, and the published figures its test compares
with, test/parity/credit-card-facts.json: python tools/make_credit_card_tables.py

Input: creditcard_real.facts.json (TREELINE_DATA, default ../shared/data), published statistics of the ULB / Worldline
credit-card data: per-class quantiles, means and standard deviations of V1 ... V28 and Amount, correlations, and counts by
the hour. No row of the data is used. Needs numpy and scipy.

The model. A normal transaction is a t-copula (4 degrees of freedom: outliers are outliers in many columns at once, as in
the data) under the normals' quantiles. A share HIDDEN of the frauds looks almost normal: the same copula under quantiles
moved by DISTANCE standard scores towards the frauds. The others, "plain" frauds, are a Gaussian copula; quantiles are
such that both kinds together have about the frauds' published ones. Copula correlations are found by simulation, so that the
columns' Pearson correlations are the published ones. HIDDEN and DISTANCE were chosen such that logistic regression and
gradient boosting reach about the ROC-AUC and average precision they reach on the real data.
"""

import json
import os
from pathlib import Path

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.optimize import least_squares
from scipy.stats import norm, t as student

root = Path(__file__).resolve().parent.parent
folder = Path(os.environ.get("TREELINE_DATA", root.parent / "shared" / "data"))
facts = json.loads((folder / "creditcard_real.facts.json").read_text())
normals, frauds = facts["normal_estimate_from_srs"], facts["fraud_exact"]
COLUMNS = [f"V{i}" for i in range(1, 29)] + ["Amount"]
D = len(COLUMNS)
FREEDOM = 4
HIDDEN = 0.26
DISTANCE = 1.3
NORMAL_LEVELS = [0, 0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999, 1]
FRAUD_LEVELS = [0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1]
MIX_LEVELS = [0, 0.002, 0.01, 0.03, 0.07, 0.15, 0.25, 0.35, 0.5, 0.65, 0.75, 0.85, 0.93, 0.97, 0.99, 0.998, 1]
t4 = student(FREEDOM)
PLAIN_SCORES = np.r_[-3.2, norm.ppf(MIX_LEVELS[1:-1]), 3.2]
HIDDEN_SCORES = np.r_[-10, t4.ppf(MIX_LEVELS[1:-1]), 10]


def lookup(nodes, scores):
    s, x = nodes
    return PchipInterpolator(s, x)(np.clip(scores, s[0], s[-1]))


def quantile_nodes(fact, levels, n, quantile):
    """(scores, values): the quantiles, and one node more in each tail, fitted to mean and standard deviation."""
    levels = np.array(levels, float)
    levels[0], levels[-1] = 0.5 / n, 1 - 0.5 / n
    s, q = quantile(levels), np.maximum.accumulate(fact["q"])
    u = np.r_[np.linspace(levels[0], 0.02, 4001)[:-1], np.linspace(0.02, 0.98, 8001)[:-1], np.linspace(0.98, levels[-1], 4001)]
    scores, weight = quantile((u[1:] + u[:-1]) / 2), np.diff(u) / (u[-1] - u[0])

    def nodes(a):
        scores = np.r_[s[0], (s[0] + s[1]) / 2, s[1:-1], (s[-1] + s[-2]) / 2, s[-1]]
        return scores, np.r_[q[0], q[1] + a[0] * (q[0] - q[1]), q[1:-1], q[-2] + a[1] * (q[-1] - q[-2]), q[-1]]

    def misfit(a):
        x = lookup(nodes(a), scores)
        mean = (weight * x).sum()
        std = np.sqrt((weight * (x - mean) ** 2).sum())
        return [(mean - fact["mean"]) / fact["std"], std / fact["std"] - 1, 0.01 * (a[0] - 0.4), 0.01 * (a[1] - 0.4)]

    return nodes(least_squares(misfit, [0.4, 0.4], bounds=([0.03, 0.03], [0.97, 0.97])).x)


def increasing(values):
    return values + 1e-9 * np.arange(len(values))


def fraud_kinds(fraud, normal, shift):
    """Nodes of the hidden frauds (the shifted normals, within the frauds' range) and of the plain ones, at MIX_LEVELS.

    F_plain is (F_fraud - HIDDEN F_hidden) / (1 - HIDDEN) where that increases, so that the two kinds together have F_fraud.
    It cannot be met where frauds are rarer than hidden ones would be: up to 0.13 of the frauds, in the low tail of V4.
    """
    z = np.linspace(fraud[0][0], fraud[0][-1], 4001)
    x = increasing(lookup(fraud, z))
    f = (norm.cdf(z) - norm.cdf(z[0])) / (norm.cdf(z[-1]) - norm.cdf(z[0]))
    grid = np.linspace(normal[0][0], normal[0][-1], 8001)
    scores = np.interp(x, increasing(lookup(normal, grid)), grid, left=-60, right=60)
    hidden = t4.cdf(scores - shift)
    plain = np.maximum.accumulate(np.clip((f - HIDDEN * hidden) / (1 - HIDDEN), 0, 1))
    x, plain, hidden = np.r_[x[0], x, x[-1]], np.r_[0, plain, 1], np.r_[0, hidden, 1]
    values = lambda g: np.maximum.accumulate(np.interp(MIX_LEVELS, increasing(g) / (g[-1] + 1e-9 * len(g)), x))
    return (HIDDEN_SCORES, values(hidden)), (PLAIN_SCORES, values(plain))


def correlation(c):
    """The nearest-by-clipping positive definite correlation matrix."""
    w, v = np.linalg.eigh(c)
    c = v * np.maximum(w, 1e-6) @ v.T
    d = np.sqrt(np.diag(c))
    return c / d / d[:, None]


def columns(nodes, scores):
    return np.column_stack([lookup(nodes[j], scores[:, j]) for j in range(D)])


def match(target, simulate, rounds, step):
    """The copula correlation under which simulate(correlation)'s columns have the target correlation."""
    r = target.copy()
    for _ in range(rounds):
        r = np.clip(r + step * (target - np.corrcoef(simulate(r).T)), -0.98, 0.98)
        np.fill_diagonal(r, 1)
        r = correlation(r)
    print("largest error of a correlation", np.abs(np.corrcoef(simulate(r).T) - target).max())
    return r


def extended(nodes, j):
    """One node more at each end, for the extremes of 284,315 rows: the maximum of Amount is published."""
    s, x = nodes
    far = t4.ppf(1 - 0.5 / 284315)
    low = x[0] - 0.5 * (x[1] - x[0]) / (s[1] - s[0]) * (far + s[0])
    high = x[-1] + 0.5 * (x[-1] - x[-2]) / (s[-1] - s[-2]) * (far - s[-1])
    if COLUMNS[j] == "Amount":
        low, high = 0, facts["published"]["Amount"]["max"]
    return np.r_[-far, s, far], np.r_[low, x, high]


normal_nodes = [quantile_nodes(normals[c], NORMAL_LEVELS, 36135, t4.ppf) for c in COLUMNS]
fraud_nodes = [quantile_nodes(frauds[c], FRAUD_LEVELS, 492, norm.ppf) for c in COLUMNS]
direction = np.array([np.interp(frauds[c]["q"][4], increasing(x), s) for c, (s, x) in zip(COLUMNS, normal_nodes)])
shift = DISTANCE * direction / np.linalg.norm(direction)
hidden, plain = zip(*(fraud_kinds(fraud_nodes[j], normal_nodes[j], shift[j]) for j in range(D)))
normal_nodes = [extended(nodes, j) for j, nodes in enumerate(normal_nodes)]

rng = np.random.default_rng(1)
N = 60000
t_scores = lambda n: (rng.standard_normal((n, D)), np.sqrt(FREEDOM / rng.chisquare(FREEDOM, (n, 1))))
e, scale = t_scores(N)
r_normal = match(np.array(facts["normal_corr"]), lambda r: columns(normal_nodes, e @ np.linalg.cholesky(r).T * scale), 12, 0.8)
h, h_scale = t_scores(int(HIDDEN * N))
hidden_rows = columns(hidden, h @ np.linalg.cholesky(r_normal).T * h_scale)
g = rng.standard_normal((N - len(h), D))
r_plain = match(
    np.array(facts["fraud_corr"]),
    lambda r: np.vstack([hidden_rows, columns(plain, g @ np.linalg.cholesky(r).T)]),
    25,
    0.6,
)


def text(values):
    return "[" + ", ".join(f"{v:.6g}" for v in np.atleast_1d(values)) + "]"


def rows(matrix):
    return "[\n" + "".join(f"  {text(row)},\n" for row in matrix) + "]"


def lower(r):
    c = np.linalg.cholesky(r)
    return rows([c[i, : i + 1] for i in range(D)])


(root / "src" / "datasets" / "credit-card-tables.ts").write_text(
    f"""/**
 * Tables of makeCreditCardFraud: written by tools/make_credit_card_tables.py, which says how, from published statistics
 * (quantiles, moments, correlations, counts by the hour) of the credit-card fraud data of ULB's Machine Learning Group
 * and Worldline; A. Dal Pozzolo, O. Caelen, R. A. Johnson, G. Bontempi: Calibrating Probability with Undersampling for
 * Unbalanced Classification, 2015. Columns are V1 … V28, Amount.
 */

/** Share of the frauds that look almost normal. */
export const HIDDEN_SHARE = {HIDDEN};

/** Degrees of freedom of the normals' t-copula. */
export const FREEDOM = {FREEDOM};

/** Scores at which NORMAL_VALUES are given. */
export const NORMAL_SCORES: readonly number[] = {text(normal_nodes[0][0])};

/** Values of a normal transaction at NORMAL_SCORES: one row a column. */
export const NORMAL_VALUES: readonly (readonly number[])[] = {rows([x for _, x in normal_nodes])};

/** Lower Cholesky factor of the normals' copula correlation. */
export const NORMAL_FACTOR: readonly (readonly number[])[] = {lower(r_normal)};

export const HIDDEN_SCORES: readonly number[] = {text(HIDDEN_SCORES)};

/** Values of a hidden fraud at HIDDEN_SCORES: one row a column; the copula is the normals'. */
export const HIDDEN_VALUES: readonly (readonly number[])[] = {rows([x for _, x in hidden])};

export const PLAIN_SCORES: readonly number[] = {text(PLAIN_SCORES)};

/** Values of a plain fraud at PLAIN_SCORES: one row a column. */
export const PLAIN_VALUES: readonly (readonly number[])[] = {rows([x for _, x in plain])};

/** Lower Cholesky factor of the plain frauds' copula correlation. */
export const PLAIN_FACTOR: readonly (readonly number[])[] = {lower(r_plain)};

/** Transactions in each of the 48 hours, in a uniform sample of the normal ones. */
export const NORMAL_HOURS: readonly number[] = {json.dumps(facts["time_hour_counts_normals_srs"])};

/** Frauds in each of the 48 hours. */
export const FRAUD_HOURS: readonly number[] = {json.dumps(facts["time_hour_counts_frauds"])};
"""
)


def short(fact):
    return {"mean": float(f"{fact['mean']:.5g}"), "std": float(f"{fact['std']:.5g}"), "q": [float(f"{x:.5g}") for x in fact["q"]]}


known = {
    "levels": {"normal": NORMAL_LEVELS, "fraud": FRAUD_LEVELS},
    "published": {name: facts["published"][name] for name in ("Time", "Amount")},
    "normal": {c: short(normals[c]) for c in ["Time", *COLUMNS]},
    "fraud": {c: short(frauds[c]) for c in ["Time", *COLUMNS]},
    "correlation": {
        "normal": [[round(x, 3) for x in row] for row in facts["normal_corr"]],
        "fraud": [[round(x, 3) for x in row] for row in facts["fraud_corr"]],
    },
}
(root / "test" / "parity" / "credit-card-facts.json").write_text(json.dumps(known) + "\n")

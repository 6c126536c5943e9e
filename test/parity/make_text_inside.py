"""Writes text_inside.json: what scikit-learn 1.9.1's meta-estimators make of documents, with a Pipeline of a TfidfVectorizer
and a LogisticRegression (or Ridge) inside; and a ColumnTransformer of a table with a column of texts. Run: python test/parity/make_text_inside.py"""

import json
import pathlib
import random

import numpy as np
import sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import StackingClassifier, StackingRegressor, VotingClassifier, VotingRegressor
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

assert sklearn.__version__ == "1.9.1", sklearn.__version__

draw = random.Random(7)
WORDS = {
    "ham": "meeting tomorrow lunch thanks report dinner weekend train office please question".split(),
    "spam": "winner free prize cash offer click urgent bonus guaranteed limited account".split(),
}
BOTH = "the a your is now call today you and for with".split()
documents, labels, numbers, rows = [], [], [], []
for i in range(90):
    label = "spam" if draw.random() < 0.4 else "ham"
    own = WORDS[label] if draw.random() < 0.85 else WORDS["ham" if label == "spam" else "spam"]
    words = draw.choices(own, k=draw.randint(2, 5)) + draw.choices(BOTH, k=draw.randint(2, 6))
    draw.shuffle(words)
    documents.append(" ".join(words))
    labels.append(label)
    numbers.append(len(words) + (5 if label == "spam" else 0) + round(draw.random(), 3))
    rows.append([documents[-1], round(draw.gauss(10, 3), 3), draw.choice(["web", "mail", "phone"]), draw.randint(0, 9)])
train, test = slice(0, 70), slice(70, 90)


def logistic(**params):
    return Pipeline([("tfidf", TfidfVectorizer(**params)), ("model", LogisticRegression(tol=1e-10, max_iter=10000))])


def ridge(**params):
    return Pipeline([("tfidf", TfidfVectorizer(**params)), ("model", Ridge(tol=1e-12))])


bayes = Pipeline([("count", CountVectorizer()), ("model", MultinomialNB())])
final = LogisticRegression(tol=1e-10, max_iter=10000)
classifiers = {
    "votingSoft": VotingClassifier([("a", logistic()), ("b", bayes)], voting="soft"),
    "stacking": StackingClassifier([("a", logistic()), ("b", bayes)], final_estimator=final, cv=3),
    "calibrated": CalibratedClassifierCV(logistic(), cv=3),
    "isotonic": CalibratedClassifierCV(logistic(), method="isotonic", cv=3, ensemble=False),
    "fixed": FixedThresholdClassifier(logistic(), threshold=0.4),
    "tuned": TunedThresholdClassifierCV(logistic(), cv=3),
}
answers = {}
for name, model in classifiers.items():
    model.fit(documents[train], labels[train])
    answers[name] = {"proba": model.predict_proba(documents[test]).tolist(), "predict": model.predict(documents[test]).tolist()}
answers["tuned"]["threshold"] = classifiers["tuned"].best_threshold_

regressors = {
    "voting": VotingRegressor([("a", ridge()), ("b", ridge(ngram_range=(1, 2)))]),
    "stacking": StackingRegressor([("a", ridge()), ("b", ridge(ngram_range=(1, 2)))], final_estimator=Ridge(tol=1e-12), cv=3),
    "transformed": TransformedTargetRegressor(ridge(), func=np.log1p, inverse_func=np.expm1),
}
predictions = {name: model.fit(documents[train], numbers[train]).predict(documents[test]).tolist() for name, model in regressors.items()}

frame = np.array(rows, dtype=object)  # columns: text, length, channel, hour


def columns(sparse_threshold):
    return ColumnTransformer(
        [("terms", TfidfVectorizer(min_df=2), 0), ("scale", StandardScaler(), [1, 3]), ("encode", OneHotEncoder(), [2]),
         ("counts", CountVectorizer(binary=True, ngram_range=(2, 2), min_df=3), 0)],
        sparse_threshold=sparse_threshold,
    )


prepare = columns(0.5)
table = prepare.fit_transform(frame[train])
shown = prepare.transform(frame[test])
assert hasattr(table, "toarray") and hasattr(shown, "toarray")
model = Pipeline([("prepare", columns(0.3)), ("model", LogisticRegression(tol=1e-10, max_iter=10000))]).fit(frame[train], labels[train])
table_values = {
    "names": prepare.get_feature_names_out().tolist(),
    "train": table.toarray().tolist(),
    "test": shown.toarray().tolist(),
    "proba": model.predict_proba(frame[test]).tolist(),
}


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.12g}")
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return {key: rounded(one) for key, one in value.items()} if isinstance(value, dict) else value


out = {
    "documents": documents, "labels": labels, "numbers": numbers, "rows": rows, "trainRows": 70,
    "classifiers": rounded(answers), "regressors": rounded(predictions), "table": rounded(table_values),
}
(pathlib.Path(__file__).parent / "text_inside.json").write_text(json.dumps(out, ensure_ascii=False, separators=(",", ":")) + "\n")

"""Writes text.json: what scikit-learn 1.9.1's text vectorizers make of awkward documents. Tables are lists of
[row, column, value], the stored entries. Run: python test/parity/make_text.py"""

import json
import pathlib
import sys
import unicodedata
import warnings

import numpy as np
import sklearn
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer, strip_accents_ascii, strip_accents_unicode
from sklearn.utils.murmurhash import murmurhash3_32

assert sklearn.__version__ == "1.9.1", sklearn.__version__
warnings.simplefilter("ignore")

documents = [
    "The cat sat on the mat, and the CAT sat again.",
    "Ein Müßiggänger aß Käse; ÉCOLE, école, e\u0301cole, naïve_name x1 22 3",
    "",
    "the of and",  # stop words only
    "日本語のテキスト 東京 東京 トウキョウ",
    "emoji 👩‍👩‍👧 👍🏽 𝒜𝓁𝓅𝒽𝒶 \ue000private \uffee half 𝟙𝟚",
    "हिन्दी में पाठ",
    "tabs\tand\nlines\r\n two  spaces\x1cseparators\x85next\ufeffbom\u00a0nbsp\u3000ideographic a",
    "İstanbul ΟΔΟΣ ΣΊΣΥΦΟΣ ﬁne ① ½ x² ᾳ ǆ",
    "don't it's re-use foo_bar __init__ a.b.c 3.14 <b>bold</b>",
    "cat dog cat bird dog cat sat",
    "q\u0323\u0307 q\u0307\u0323 \u0344 \u0f73 \u20dd \ud55c\uae00 \u1112\u1161\u11ab",
]

COUNTS = [
    {}, {"lowercase": False}, {"strip_accents": "unicode"}, {"strip_accents": "ascii"}, {"ngram_range": (1, 3)}, {"ngram_range": (2, 2)},
    {"stop_words": "english"}, {"stop_words": ["the", "cat", "東京"]}, {"binary": True}, {"max_features": 4}, {"min_df": 2}, {"max_df": 0.2},
    {"min_df": 0.15, "max_df": 0.5}, {"max_df": 2}, {"max_features": 3, "min_df": 2, "binary": True}, {"token_pattern": r"(?u)\b\w+\b"},
    {"token_pattern": r"\w(\w*)"}, {"token_pattern": r"[\w'-]+"}, {"token_pattern": r"(?i)[^\s]+"}, {"token_pattern": r"\S+"},
    {"token_pattern": r"\d+"}, {"token_pattern": r"\B\w|[\d]$"}, {"token_pattern": "."}, {"token_pattern": r"[\]a][\-\.]?"},
    {"token_pattern": r"(?P<first>\w)\B"}, {"token_pattern": r"x?", "max_features": 2}, {"token_pattern": r"\A\w+|\w+\W*\Z"},
    {"analyzer": "char"}, {"analyzer": "char", "ngram_range": (1, 3)}, {"analyzer": "char", "ngram_range": (2, 2)},
    {"analyzer": "char_wb", "ngram_range": (1, 1)}, {"analyzer": "char_wb", "ngram_range": (3, 5)}, {"analyzer": "char_wb", "ngram_range": (2, 9)},
    {"vocabulary": ["sat", "cat", "東京", "absent"]}, {"vocabulary": {"cat": 1, "sat": 0}}, {"vocabulary": ["the cat", "cat"], "ngram_range": (1, 2)},
    {"strip_accents": "unicode", "analyzer": "char"}, {"strip_accents": "ascii", "stop_words": "english", "ngram_range": (1, 2)},
]
shown = ["akqlrggi cat sat CAT école x", "東京 and 👍🏽", "nothing known", "the the the"]


def entries(table):
    table = table.tocsr()
    table.sort_indices()
    coo = table.tocoo()
    return [list(coo.shape), [[int(i), int(j), float(v)] for i, j, v in zip(coo.row, coo.col, coo.data)]]


counts = []
for params in COUNTS:
    model = CountVectorizer(**params)
    table = model.fit_transform(documents)
    # Of equally frequent terms scikit-learn keeps those that its sort happens to put first: here all that matter are there.
    counts.append({"params": params, "terms": model.get_feature_names_out().tolist(), "table": entries(table),
                   "transformed": entries(model.transform(shown)), "back": [list(map(str, row)) for row in model.inverse_transform(model.transform(shown))]})


def ranges(numbers):
    out = []
    for n in numbers:
        if out and out[-1][1] == n - 1:
            out[-1][1] = n
        else:
            out.append([n, n])
    return out


points = [c for c in range(sys.maxunicode + 1) if not 0xD800 <= c < 0xE000]
marks = [c for c in points if unicodedata.category(chr(c)).startswith("M")]
accents = {
    "stripped": ranges([c for c in marks if strip_accents_unicode(chr(c)) == ""]),
    "kept": ranges([c for c in marks if strip_accents_unicode(chr(c)) == chr(c)]),
    "unicode": [strip_accents_unicode(text) for text in documents],
    "ascii": [strip_accents_ascii(text) for text in documents],
}
HASHED = [
    {}, {"n_features": 16}, {"n_features": 16, "norm": "l1"}, {"n_features": 10, "norm": None}, {"n_features": 10, "norm": None, "binary": True},
    {"n_features": 7, "norm": None, "alternate_sign": False}, {"n_features": 3, "analyzer": "char", "ngram_range": (1, 2)},
    {"n_features": 2**31 - 1, "norm": None, "analyzer": "char_wb", "ngram_range": (4, 6)}, {"n_features": 1, "norm": "l2"},
]
hashed = [{"params": params, "table": entries(HashingVectorizer(**params).transform(documents + shown))} for params in HASHED]
words = sorted({term for text in documents for n in (1, 3) for term in CountVectorizer(analyzer="char_wb", ngram_range=(n, n + 4)).build_analyzer()(text)})
words = words[:: max(1, len(words) // 150)]
words += ["akqlrggi", "long " * 100, "東京" * 200]  # the first one's hash is -2^31, which has no absolute value in 32 bits
hashes = [[word, murmurhash3_32(word, seed=0)] for word in words]

TFIDF = [{}, {"norm": "l1"}, {"norm": None}, {"use_idf": False}, {"smooth_idf": False}, {"sublinear_tf": True},
         {"sublinear_tf": True, "smooth_idf": False, "norm": None}, {"use_idf": False, "sublinear_tf": True, "norm": "l1"}]
weights = []
for params in TFIDF:
    model = TfidfVectorizer(**params)
    table = model.fit_transform(documents)
    weights.append({"params": params, "table": entries(table), "shown": entries(model.transform(shown)),
                    "idf": model.idf_.tolist() if params.get("use_idf", True) else None})
mixed = TfidfVectorizer(ngram_range=(1, 2), min_df=2, stop_words="english", binary=True)
weights.append({"params": {"ngram_range": (1, 2), "min_df": 2, "stop_words": "english", "binary": True},
                "table": entries(mixed.fit_transform(documents)), "shown": entries(mixed.transform(shown)), "idf": mixed.idf_.tolist()})

# A stored zero counts as a document with the term.
zeros = sparse.csr_array((np.array([3.0, 0.0, 1.0, 2.0, 5.0]), np.array([0, 1, 2, 0, 2]), np.array([0, 3, 4, 4, 5])), shape=(4, 3))
transformed = []
for params in [{}, {"norm": None, "smooth_idf": False}, {"norm": "l1", "use_idf": False}]:
    model = TfidfTransformer(**params).fit(zeros)
    transformed.append({"params": params, "table": entries(model.transform(zeros)), "idf": model.idf_.tolist() if params.get("use_idf", True) else None,
                        "dense": entries(TfidfTransformer(**params).fit_transform(zeros.toarray()))})

result = {"documents": documents, "shown": shown, "counts": counts, "accents": accents, "hashed": hashed, "hashes": hashes,
          "weights": weights, "transformed": transformed}
path = pathlib.Path(__file__).with_name("text.json")
path.write_text("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in result.items()) + "\n}\n")

"""A candidate of kind "command": tf-idf of the answers and multinomial logistic regression, with scikit-learn.

`coder.py train` reads the training records (id, answer, …, code) on standard input and keeps the model in the folder that
$PROOFMARK_MODEL names; `coder.py` reads records (id, answer, …) and writes their five best codes on standard output, a row each.
"""

import csv
import os
import sys
import unicodedata

import joblib
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

MODEL = os.path.join(os.environ["PROOFMARK_MODEL"], "model.joblib")
BEST = 5


def texts(records):
    return [unicodedata.normalize("NFKC", record["answer"]).lower() for record in records]


def main():
    csv.field_size_limit(sys.maxsize)
    records = list(csv.DictReader(open(sys.stdin.fileno(), encoding="utf-8", newline="", closefd=False)))
    if sys.argv[1:] == ["train"]:
        records = [record for record in records if record["code"]]
        model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=10.0, max_iter=1000))
        model.fit(texts(records), [record["code"] for record in records])
        # A file that this program made itself a moment ago; one from elsewhere must never be loaded so.
        joblib.dump(model, MODEL)
        return
    model = joblib.load(MODEL)
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["id", "code", "confidence"])
    for record, shares in zip(records, model.predict_proba(texts(records))):
        for place in sorted(range(len(shares)), key=lambda i: -shares[i])[:BEST]:
            out.writerow([record["id"], model.classes_[place], float(shares[place])])


if __name__ == "__main__":
    main()

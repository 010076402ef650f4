"""Trains small models on real records, exports them with the real exporters, and writes what ONNX Runtime and the trained model itself say.

python make.py demonstration SURVEY.csv FOLDER   on words, categories and numbers of the demonstration survey
python make.py adult ADULT.csv FOLDER            on the categories and numbers of the census records

For each model FOLDER gets NAME.onnx and NAME.json: the classes, and for each test record the probabilities of ONNX Runtime ("runtime") and of
the model before it was exported ("own"). FOLDER/records.json has the test records as columns.
"""

import json
import os
import sys
import warnings

import lightgbm
import numpy as np
import onnx
import onnxruntime
import pandas as pd
from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm
from skl2onnx import convert_sklearn, update_registered_converter
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, Normalizer, OneHotEncoder, OrdinalEncoder, StandardScaler

warnings.filterwarnings("ignore")
TARGETS = {"": 15, "ai.onnx.ml": 3}
update_registered_converter(
    lightgbm.LGBMClassifier,
    "LightGbmLGBMClassifier",
    calculate_linear_classifier_output_shapes,
    convert_lightgbm,
    options={"nocl": [True, False], "zipmap": [True, False, "columns"]},
)


class Maker:
    def __init__(self, folder, train, test, texts, numbers):
        self.folder, self.train, self.test, self.texts, self.numbers = folder, train, test, texts, numbers
        columns = {c: [v for v in test[c].tolist()] for c in texts}
        columns.update({c: [None if v != v else float(v) for v in test[c]] for c in numbers})
        columns["code"] = test["code"].tolist()
        self.write("records.json", columns)

    def write(self, name, what):
        with open(os.path.join(self.folder, name), "w") as file:
            json.dump(what, file)

    def save(self, name, model, estimator, feed):
        # ONNX Runtime asks the machine for this locale; the default en_US is not on every machine, and the letters are ASCII.
        for node in model.graph.node:
            if node.op_type == "StringNormalizer":
                node.attribute.append(onnx.helper.make_attribute("locale", "C.UTF-8"))
        path = os.path.join(self.folder, name + ".onnx")
        onnx.save(model, path)
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        runtime = session.run(None, feed)[-1]
        classes = [str(c) for c in estimator.classes_]
        if isinstance(runtime, list):
            runtime = [[row[c] for c in estimator.classes_] for row in runtime]
        return classes, np.asarray(runtime, dtype=float)

    def columns(self, name, estimator, wanted, **options):
        """A model with an input for each column."""
        estimator.fit(self.train[wanted], self.train["code"])
        types = [(c, StringTensorType([None, 1]) if c in self.texts else FloatTensorType([None, 1])) for c in wanted]
        model = convert_sklearn(estimator, initial_types=types, target_opset=TARGETS, **options)
        feed = {c: self.test[[c]].to_numpy(dtype=object if c in self.texts else np.float32) for c in wanted}
        classes, runtime = self.save(name, model, estimator, feed)
        self.write(name + ".json", {"classes": classes, "runtime": runtime.tolist(), "own": estimator.predict_proba(self.test[wanted]).tolist()})

    def text(self, name, estimator, column, **options):
        """A model of one text."""
        estimator.fit(self.train[column], self.train["code"])
        model = convert_sklearn(estimator, initial_types=[(column, StringTensorType([None, 1]))], target_opset=TARGETS, **options)
        classes, runtime = self.save(name, model, estimator, {column: self.test[[column]].to_numpy(dtype=object)})
        self.write(name + ".json", {"classes": classes, "runtime": runtime.tolist(), "own": estimator.predict_proba(self.test[column]).tolist()})

    def matrix(self, name, estimator, whole=False, encode=None, **options):
        """A model of one matrix of numbers, perhaps whole ones; with `encode` its classes are numbers that stand for these codes."""
        kind = np.int64 if whole else np.float32
        codes = self.train["code"] if encode is None else np.array([encode.index(c) for c in self.train["code"]])
        estimator.fit(self.train[self.numbers].to_numpy(dtype=kind), codes)
        shape = [None, len(self.numbers)]
        types = [("X", Int64TensorType(shape) if whole else FloatTensorType(shape))]
        model = convert_sklearn(estimator, initial_types=types, target_opset=TARGETS, **options)
        features = self.test[self.numbers].to_numpy(dtype=kind)
        classes, runtime = self.save(name, model, estimator, {"X": features})
        self.write(name + ".json", {"classes": encode or classes, "runtime": runtime.tolist(), "own": estimator.predict_proba(features).tolist()})


def logistic():
    return LogisticRegression(max_iter=300)


def demonstration(path, folder):
    records = pd.read_csv(path, dtype=str, keep_default_na=False)
    records["hours"] = pd.to_numeric(records["hours"], errors="coerce")
    # Codes that are often enough in a small sample.
    train, test = records[records["month"] < "2025-04"][:3000], records[records["month"] >= "2025-07"][:600]
    often = train["code"].value_counts()
    train = train[train["code"].isin(often.index[often >= 15])]
    make = Maker(folder, train, test, ["job_title", "tasks", "sex", "age_band", "region", "employees"], ["hours"])
    # The exporter turns the default pattern of words into this one.
    words = dict(token_pattern="[a-zA-Z0-9_]+")
    categories = ["sex", "age_band", "region", "employees"]
    make.text("words", make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, **words), logistic()), "job_title")
    make.text("letters", make_pipeline(TfidfVectorizer(analyzer="char", ngram_range=(2, 3)), logistic()), "job_title")
    make.text("counts", make_pipeline(CountVectorizer(lowercase=False, **words), MultinomialNB()), "tasks", options={"zipmap": False})
    make.text("gradient", make_pipeline(TfidfVectorizer(**words), SGDClassifier(loss="log_loss", random_state=1)), "tasks")
    make.text("network", make_pipeline(TfidfVectorizer(min_df=3, **words), MLPClassifier((24,), max_iter=15, random_state=1)), "job_title")
    parts = [
        ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), ["hours"]),
        ("categories", OneHotEncoder(handle_unknown="ignore"), categories),
        ("title", TfidfVectorizer(**words), "job_title"),
        ("tasks", TfidfVectorizer(ngram_range=(1, 2), **words), "tasks"),
    ]
    make.columns("all", make_pipeline(ColumnTransformer(parts), logistic()), ["hours"] + categories + ["job_title", "tasks"])
    tree = ColumnTransformer(
        [
            ("numbers", SimpleImputer(strategy="constant", fill_value=-1.0), ["hours"]),
            ("categories", OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), categories),
        ]
    )
    make.columns("forest", make_pipeline(tree, RandomForestClassifier(20, max_depth=8, random_state=1)), ["hours"] + categories)


def adult(path, folder):
    records = pd.read_csv(path, keep_default_na=False)
    records["code"] = records["income"]
    categories = ["workclass", "education", "marital_status", "occupation", "relationship", "race", "sex", "native_country"]
    numbers = ["age", "fnlwgt", "education_num", "capital_gain", "capital_loss", "hours_per_week"]
    train, test = records[records["split"] == "train"], records[records["split"] == "test"]
    make = Maker(folder, train, test, categories, numbers)
    codes = ["<=50K", ">50K"]
    make.matrix("logistic", make_pipeline(StandardScaler(), logistic()))
    make.matrix("forest", RandomForestClassifier(50, max_depth=10, random_state=1), options={"zipmap": False})
    make.matrix("boosted", GradientBoostingClassifier(n_estimators=50, random_state=1))
    make.matrix("bayes", make_pipeline(MinMaxScaler(), GaussianNB()))
    make.matrix("network", make_pipeline(StandardScaler(), MLPClassifier((32, 16), max_iter=12, random_state=1)))
    make.matrix("whole", lightgbm.LGBMClassifier(n_estimators=30, verbose=-1, random_state=1), whole=True, encode=codes)
    make.matrix("calibrated", make_pipeline(StandardScaler(), Normalizer("l1"), CalibratedClassifierCV(logistic(), cv=2)))
    parts = [("numbers", "passthrough", numbers), ("categories", OneHotEncoder(handle_unknown="ignore"), categories)]
    boosting = lightgbm.LGBMClassifier(n_estimators=250, learning_rate=0.06, num_leaves=31, verbose=-1, random_state=1, n_jobs=1)
    make.columns("lightgbm", make_pipeline(ColumnTransformer(parts, sparse_threshold=0.0), boosting), numbers + categories)


if __name__ == "__main__":
    {"demonstration": demonstration, "adult": adult}[sys.argv[1]](sys.argv[2], sys.argv[3])

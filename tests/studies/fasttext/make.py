"""Makes the models of this folder and what the fastText program itself says of a few texts.

Run by hand where a reference is to be made anew: pip install fasttext-numpy2, then python3 make.py. Ten threads and ten dimensions, because
the program gives first values to tenths of its matrices, one a thread. With threads it never makes the same model twice, so models and
expected.json are made, and committed, together.
"""

import json
import os
import random

import fasttext

HERE = os.path.dirname(os.path.abspath(__file__))
WORDS = {
    "2211": ["doctor", "hospital", "surgeon", "médecin"],
    "2221": ["nurse", "ward", "night", "infirmière"],
    "5131": ["waiter", "restaurant", "tables", "café"],
    "0110": ["officer", "army", "soldiers", "naval"],
    "9112": ["cleaner", "offices", "floors", "mops"],
}
COMMON = ["in", "a", "works", "with", "the", "of", "and", "people", "town", "today"]
ASKED = [
    "nurse on the night ward",
    "works in a restaurant",
    "médecin à l'hospital",
    "naval officer, commands soldiers",
    "",
    "zzzz qqqq",
    "nurses doctors waiters",
    "the floors   of\tthe offices today </s> ignored after",
    "__label__2211 cleaner mops",
    "a",
]


def main():
    draw = random.Random(5)
    lines = []
    for code, words in sorted(WORDS.items()):
        for _ in range(30 + int(code[0]) * 7):
            chosen = draw.choices(words, k=2) + draw.choices(COMMON, k=3)
            draw.shuffle(chosen)
            lines.append(f"__label__{code} {' '.join(chosen)}")
    draw.shuffle(lines)
    train = os.path.join(HERE, "train.tmp")
    with open(train, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    common = {"input": train, "epoch": 30, "lr": 0.1, "thread": 10, "minCount": 1, "seed": 3, "verbose": 0}
    kinds = {
        "softmax.bin": {"dim": 10, "loss": "softmax", "wordNgrams": 1},
        "subwords.bin": {"dim": 10, "loss": "softmax", "wordNgrams": 2, "minn": 2, "maxn": 4, "bucket": 150},
        "hierarchical.bin": {"dim": 10, "loss": "hs", "wordNgrams": 3, "bucket": 60},
        "one-vs-all.bin": {"dim": 10, "loss": "ova", "wordNgrams": 1},
        "quantised.ftz": {"dim": 10, "loss": "softmax", "wordNgrams": 2, "minn": 2, "maxn": 3, "bucket": 300},
        "pruned.ftz": {"dim": 10, "loss": "hs", "wordNgrams": 2, "minn": 3, "maxn": 3, "bucket": 500},
    }
    expected = {"asked": ASKED, "models": {}}
    for name, settings in kinds.items():
        model = fasttext.train_supervised(**common, **settings)
        if name == "quantised.ftz":
            model.quantize(input=train, qnorm=True, dsub=2)
        if name == "pruned.ftz":
            model.quantize(input=train, cutoff=280, retrain=True, dsub=2)
        model.save_model(os.path.join(HERE, name))
        model = fasttext.load_model(os.path.join(HERE, name))
        answers = []
        for text in ASKED:
            labels, scores = model.predict(text, k=-1)
            answers.append([[label.replace("__label__", ""), float(score)] for label, score in zip(labels, scores)])
        expected["models"][name] = answers
    os.remove(train)
    with open(os.path.join(HERE, "expected.json"), "w", encoding="utf-8") as file:
        json.dump(expected, file, ensure_ascii=False, indent=None, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()

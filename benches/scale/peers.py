"""What a user would train today on many codes and rows: one model, one data set, one process; prints one JSON line.

  python peers.py FILE.csv TEXT CODE PART MODEL [EPOCHS] [LEVEL DIGITS...]     MODEL: sgd | linsvc | fasttext | fasttext-hs | fasttext-ova
Trains on the rows whose PART is train (and tune, which these models have no use for but may learn from), codes those of test.
Needs: pip install scikit-learn pandas fasttext-numpy2. Threads are pinned to one so that CPU-seconds compare.
"""
import os
for k in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS'):
    os.environ[k] = '1'
import json, re, resource, sys, tempfile, warnings
import numpy as np, pandas as pd
warnings.filterwarnings('ignore')
file, text, code, part, model = sys.argv[1:6]
epochs = int(sys.argv[6]) if len(sys.argv) > 6 else 20
levels = [int(a) for a in sys.argv[7:]]

def cpu():
    r = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in r)

d = pd.read_csv(file, dtype=str, keep_default_na=False, usecols=[text, code, part])
train, test = d[d[part] != 'test'], d[d[part] == 'test']
xtr, ytr, xte, yte = train[text].to_numpy(), train[code].to_numpy(), test[text].to_numpy(), test[code].to_numpy()
c0 = cpu()
if model.startswith('fasttext'):
    import fasttext
    loss = {'fasttext': 'softmax', 'fasttext-hs': 'hs', 'fasttext-ova': 'ova', 'fasttext-ns': 'ns'}[model]
    clean = lambda t: re.sub(r'[^\w%]+', ' ', t.lower()).strip()
    with tempfile.NamedTemporaryFile('w', suffix='.txt', delete=False) as f:
        f.writelines(f'__label__{y} {clean(x)}\n' for x, y in zip(xtr, ytr))
    m = fasttext.train_supervised(f.name, dim=50, lr=0.5, epoch=epochs, wordNgrams=2, minn=3, maxn=6, bucket=500000, thread=1, loss=loss, seed=7, verbose=0)
    os.unlink(f.name)
    c1 = cpu()
    labels, scores = m.predict([clean(x) for x in xte], k=1)
    pred = np.array([l[0][9:] if l else '' for l in labels])
else:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import SGDClassifier
    from sklearn.svm import LinearSVC
    vec = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    clf = SGDClassifier(loss='log_loss', alpha=1e-6, max_iter=epochs, tol=1e-3, random_state=7) if model == 'sgd' else LinearSVC(C=0.3, random_state=7)
    clf.fit(vec.fit_transform(xtr), ytr)
    c1 = cpu()
    # In blocks: the scores of all codes at once would be dense.
    pred = np.concatenate([clf.predict(vec.transform(xte[i:i + 5000])) for i in range(0, len(xte), 5000)])
c2 = cpu()
at = lambda k: float(np.mean([p[:k] == y[:k] for p, y in zip(pred, yte)]))
print(json.dumps(dict(model=model, n_train=len(xtr), n_test=len(xte), codes=len(set(ytr)), epochs=epochs, accuracy=round(float((pred == yte).mean()), 4),
    by_level={str(k): round(at(k), 4) for k in levels}, train_cpu_s=round(c1 - c0, 2), records_per_cpu_s=round(len(xte) / (c2 - c1)), whole_cpu_s=round(cpu(), 1),
    peak_mib=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))))

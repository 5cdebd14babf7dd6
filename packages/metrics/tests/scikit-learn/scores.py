"""Metrics of scikit-learn for pairs of score files: reads lines `id-file ood-file`, answers each with a line of JSON."""

import json
import sys
import time

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve


def fpr_at_tpr95(positive, scores):
    fpr, tpr, _ = roc_curve(positive, scores, drop_intermediate=False)
    return fpr[np.argmax(tpr >= 0.95)]


for line in sys.stdin:
    id_scores, ood_scores = (np.fromfile(file, np.float32) for file in line.split())
    is_id = np.repeat([1, 0], [len(id_scores), len(ood_scores)])

    start = time.perf_counter()
    scores = np.concatenate([id_scores, ood_scores])
    values = {
        "auroc": roc_auc_score(is_id, scores),
        "fpr95-ood-positive": fpr_at_tpr95(1 - is_id, -scores),
        "average-precision-in": average_precision_score(is_id, scores),
    }
    milliseconds = 1000 * (time.perf_counter() - start)

    values["average-precision-out"] = average_precision_score(1 - is_id, -scores)
    print(json.dumps({"values": values, "milliseconds": milliseconds}), flush=True)

"""What PyTorch and LAPACK take for what farout's detectors do, on the same files.

python3 scale.py FIT TEST LABELS; each line names a piece of work and its sizes. Prints what it took: seconds by the clock, and of CPU.
"""
import os
import sys
import time

import numpy
import torch

torch.set_num_threads(os.cpu_count())
fit_file, test_file, labels_file = sys.argv[1:]


def knn(queries: torch.Tensor, bank: torch.Tensor) -> None:
    """The k = 50 nearest of all rows of length 1, as many queries at once as keep the products within 1 GB."""
    for block in queries.split(4096):
        (block @ bank.T).topk(50, dim=1)


def mahalanobis(features: torch.Tensor, means: torch.Tensor, precision: torch.Tensor) -> None:
    """OpenOOD's `MDSPostprocessor.postprocess`, class by class."""
    for mean in means:
        tensor = features.view(-1, features.size(1)) - mean.view(1, -1)
        -torch.matmul(torch.matmul(tensor, precision), tensor.t()).diag()


def eigenvectors(rows: numpy.ndarray, labels: numpy.ndarray) -> None:
    """The covariance about the means of classes, or about one mean, in float64, and LAPACK's eigenvectors."""
    rows = rows.astype(numpy.float64)
    for label in numpy.unique(labels):
        rows[labels == label] -= rows[labels == label].mean(0)
    numpy.linalg.eigh(rows.T @ rows / len(rows))


def timed(work, *given) -> None:
    start, cpu = time.perf_counter(), time.process_time()
    work(*given)
    print(time.perf_counter() - start, time.process_time() - cpu, flush=True)


def rows_of(file: str, count: int) -> torch.Tensor:
    return torch.from_numpy(numpy.load(file, mmap_mode="r")[:count].copy())


held: dict = {}
for line in sys.stdin:
    name, *sizes = line.split()
    if name == "knn":
        if "knn" not in held:
            held["knn"] = [torch.nn.functional.normalize(rows_of(file, int(size))) for file, size in zip((fit_file, test_file), sizes)]
        timed(knn, *held["knn"])
    elif name == "mahalanobis":
        count, classes = map(int, sizes)
        rows = rows_of(test_file, count)
        timed(mahalanobis, rows, torch.randn(classes, rows.size(1)), torch.randn(rows.size(1), rows.size(1)))
    else:
        labels = numpy.load(labels_file)
        timed(eigenvectors, numpy.load(fit_file), labels if name == "classes" else numpy.zeros_like(labels))

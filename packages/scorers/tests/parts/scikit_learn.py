"""Scores by NumPy and scikit-learn in float64: a list of questions in, a list of scores for each out."""
import json
import sys

import numpy as np
from scipy.special import logsumexp
from sklearn.covariance import EmpiricalCovariance
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def distances(rows, mean, precision):
    return np.einsum("nd,de,ne->n", rows - mean, precision, rows - mean)


class Network:
    """Features of a fit set with their classes, those of test images, and the last layer."""

    def __init__(self, fit, labels, test, weight, bias):
        self.fit, self.test, self.weight, self.bias = (np.array(each, np.float64) for each in (fit, test, weight, bias))
        self.labels = np.array(labels)

    def logits(self, rows):
        return rows @ self.weight.T + self.bias

    def mahalanobis(self, change=lambda rows: rows):
        fit, test = change(self.fit), change(self.test)
        means = [fit[self.labels == k].mean(axis=0) for k in range(len(self.bias))]
        within = np.concatenate([fit[self.labels == k] - mean for k, mean in enumerate(means)])
        precision = EmpiricalCovariance(assume_centered=False).fit(within).precision_
        return -np.min([distances(test, mean, precision) for mean in means], axis=0)

    def rmds(self, change=lambda rows: rows):
        fit, test = change(self.fit), change(self.test)
        precision = EmpiricalCovariance(assume_centered=False).fit(fit - fit.mean(axis=0)).precision_
        return self.mahalanobis(change) + distances(test, fit.mean(axis=0), precision)

    def residual(self, rows, dimension):
        origin = -np.linalg.pinv(self.weight) @ self.bias
        covariance = EmpiricalCovariance(assume_centered=True).fit(self.fit - origin).covariance_
        space = np.linalg.eigh(covariance)[1][:, ::-1][:, dimension:]
        return np.linalg.norm((rows - origin) @ space, axis=1)

    def vim(self, dimension):
        alpha = self.logits(self.fit).max(axis=1).mean() / self.residual(self.fit, dimension).mean()
        return logsumexp(self.logits(self.test), axis=1) - alpha * self.residual(self.test, dimension)

    def neco(self, dimension, maxLogit=True):
        scaler = StandardScaler().fit(self.fit)
        pca = PCA(n_components=dimension).fit(scaler.transform(self.fit))
        rows = scaler.transform(self.test)
        ratio = np.linalg.norm(pca.transform(rows), axis=1) / np.linalg.norm(rows, axis=1)
        return ratio * self.logits(self.test).max(axis=1) if maxLogit else ratio


detectors = {
    "mahalanobis": lambda network: network.mahalanobis(),
    "mahalanobis++": lambda network: network.mahalanobis(unit),
    "rmds": lambda network: network.rmds(),
    "rmds++": lambda network: network.rmds(unit),
    "residual": lambda network, **parameters: -network.residual(network.test, **parameters),
    "vim": Network.vim,
    "neco": Network.neco,
}
answers = [
    detectors[question["detector"]](Network(**question["network"]), **question["parameters"]).tolist()
    for question in json.load(sys.stdin)
]
json.dump(answers, sys.stdout)

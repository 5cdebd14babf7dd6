"""Measures the demonstration's network with PyTorch and numpy alone, as an independent reference for farout:

python3 tools/demo/measure.py <images> <checkpoint> <golden.json>

Prints test accuracy, and AUROC and FPR95 of every detector of configs/demo.yaml on every OOD set, and writes the logits of
the first eight test images.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch

from network import DemoResNet, normalised

OOD = ("noise", "textures", "hybrid-shapes", "shifted-shapes", "unseen-shapes")


@torch.no_grad()
def features_of(network, images):
    return torch.cat([network.features(normalised(part)) for part in np.array_split(images, 10)])


def detectors(network, threshold):
    """Each detector's score as a function of features, higher = more in-distribution."""

    def msp(h):
        return network.fc(h).softmax(1).amax(1)

    def energy(h):
        return network.fc(h).logsumexp(1)

    return {
        "MSP": msp,
        "MaxLogit": lambda h: network.fc(h).amax(1),
        "Energy": energy,
        "ReAct": lambda h: energy(h.clamp(max=threshold)),
        "ReAct + MSP": lambda h: msp(h.clamp(max=threshold)),
    }


def auroc(id_scores, ood_scores):
    """How often an ID score exceeds an OOD score; a tie counts half."""
    ordered = np.sort(ood_scores)
    below = np.searchsorted(ordered, id_scores, "left")
    not_above = np.searchsorted(ordered, id_scores, "right")
    return (below + not_above).mean() / (2 * len(ordered))


def fpr95(id_scores, ood_scores):
    """Share of OOD scores above the ID score that 5 % of the ID scores lie below, as ReAct's code counts."""
    threshold = np.sort(id_scores)[round(0.05 * len(id_scores))]
    return (ood_scores > threshold).mean()


@torch.no_grad()
def main(folder, checkpoint, golden):
    network = DemoResNet()
    network.load_state_dict(torch.load(checkpoint))
    network.eval()
    features = {
        name: features_of(network, np.load(folder / f"{name}.npy")) for name in ("validation", "test", *OOD)
    }
    for name in ("validation", "test"):
        labels = torch.from_numpy(np.load(folder / f"{name}-labels.npy"))
        print(f"{name} accuracy {(network.fc(features[name]).argmax(1) == labels).double().mean():.4f}")
    threshold = float(np.percentile(features["validation"].numpy(), 90))
    print(f"c at percentile 90: {threshold:.6f}\n\n{'AUROC / FPR95, percent':24}" + "".join(f"{name:>18}" for name in OOD))
    for detector, score in detectors(network, threshold).items():
        scores = {name: score(h).double().numpy() for name, h in features.items()}
        pairs = [(auroc(scores["test"], scores[name]), fpr95(scores["test"], scores[name])) for name in OOD]
        print(f"{detector:24}" + "".join(f"{f'{100 * a:.2f} / {100 * f:.2f}':>18}" for a, f in pairs))
    logits = [[round(logit, 6) for logit in row] for row in network.fc(features["test"][:8]).tolist()]
    Path(golden).write_text(json.dumps({"set": "objects", "seed": 3, "logits": logits}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])

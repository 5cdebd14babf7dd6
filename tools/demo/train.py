"""Trains the demonstration's network on rendered images: python3 tools/demo/train.py <images> <checkpoint>.

<images> is the folder that render.ts wrote. Seeds are fixed and one thread computes, so that a second run on the
same machine gives the same network, and one elsewhere a network of the same accuracy.
"""

import ctypes
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from network import DemoResNet, normalised

EPOCHS = 12
BATCH = 100
PEAK_RATE = 0.2
SEED = 0


def keep_freed_memory():
    """Tells glibc to keep large blocks: it would give them back and ask for them again at every step, four times slower."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        trim_threshold, mmap_max = -1, -4
        libc.mallopt(trim_threshold, 1 << 30)
        libc.mallopt(mmap_max, 0)


def load(folder, name):
    return np.load(folder / f"{name}.npy"), torch.from_numpy(np.load(folder / f"{name}-labels.npy"))


def train(network, images, labels):
    """Stochastic gradient descent with momentum; the rate rises for a quarter of the time and then falls to nothing."""
    optimiser = torch.optim.SGD(network.parameters(), lr=PEAK_RATE, momentum=0.9, nesterov=True, weight_decay=5e-4)
    steps = EPOCHS * len(labels) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_RATE, total_steps=steps, pct_start=0.25)
    for epoch in range(EPOCHS):
        loss = train_epoch(network, optimiser, schedule, images, labels)
        yield epoch, loss


def train_epoch(network, optimiser, schedule, images, labels):
    network.train()
    total = 0.0
    for batch in torch.randperm(len(labels)).split(BATCH):
        loss = cross_entropy(network(normalised(images[batch.numpy()])), labels[batch])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        total += loss.item() * len(batch)
    return total / len(labels)


@torch.no_grad()
def accuracy(network, images, labels):
    network.eval()
    predicted = torch.cat([network(normalised(part)).argmax(1) for part in np.array_split(images, 10)])
    return (predicted == labels).double().mean().item()


def main(folder, checkpoint):
    keep_freed_memory()
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    network = DemoResNet()
    validation = load(folder, "validation")
    started = time.monotonic()
    for epoch, loss in train(network, *load(folder, "train")):
        seconds = time.monotonic() - started
        print(f"epoch {epoch + 1}: loss {loss:.4f}, validation {accuracy(network, *validation):.4f}, {seconds:.0f} s", flush=True)
    torch.save(network.state_dict(), checkpoint)
    print(f"test accuracy {accuracy(network, *load(folder, 'test')):.4f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])

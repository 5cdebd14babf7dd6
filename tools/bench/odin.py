"""ODIN by PyTorch as it comes: forward, gradient and forward again, batch 8, one thread.

python3 odin.py WEIGHTS ARCHITECTURE; reads a number of seconds a line, works for that long, prints images per second.
"""
import sys
import time

import torch
import torchvision

torch.set_num_threads(1)
weights, architecture = sys.argv[1:]
network = getattr(torchvision.models, architecture)()
network.load_state_dict(torch.load(weights))
network.eval()
for parameter in network.parameters():
    parameter.requires_grad_(False)


def odin(x: torch.Tensor) -> torch.Tensor:
    x = x.clone().requires_grad_(True)
    logits = network(x) / 1000
    torch.nn.functional.cross_entropy(logits, logits.argmax(1)).backward()
    with torch.no_grad():
        moved = x - 0.005 * (x.grad >= 0).float().mul(2).sub(1)
        return torch.softmax(network(moved) / 1000, 1).max(1).values


images = torch.randn(8, 3, 224, 224, generator=torch.Generator().manual_seed(0))
for line in sys.stdin:
    start, count, elapsed = time.perf_counter(), 0, 0.0
    while elapsed < float(line):
        odin(images)
        count += len(images)
        elapsed = time.perf_counter() - start
    print(count / elapsed, flush=True)

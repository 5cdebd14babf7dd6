"""ODIN by PyTorch as it comes: seconds an image for forward, gradient and forward again, batch 8, two threads.

python3 odin.py WEIGHTS ARCHITECTURE BATCHES; prints one number.
"""
import sys
import time

import torch
import torchvision

torch.set_num_threads(2)
weights, architecture, batches = sys.argv[1], sys.argv[2], int(sys.argv[3])
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
odin(images)
start = time.perf_counter()
for _ in range(batches):
    odin(images)
print((time.perf_counter() - start) / batches / 8)

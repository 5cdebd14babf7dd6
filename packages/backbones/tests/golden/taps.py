"""Writes taps.json: what PyTorch's networks give on their way, with the weights and images of parts/painted.ts.

usage: python3 taps.py > taps.json
"""

import json

import numpy
import torch
import torchvision

SIDE = 64


def painted(seed, count):
    """Numbers in 0..1: a hash of 32 bits of place and seed, as parts/painted.ts has it."""
    x = numpy.arange(count, dtype=numpy.uint32) + numpy.uint32(seed)
    x = (x ^ (x >> 16)) * numpy.uint32(0x7FEB352D)
    x = (x ^ (x >> 15)) * numpy.uint32(0x846CA68B)
    return (x ^ (x >> 16)).astype(numpy.float64) / 2**32


def seed_of(name):
    sum = 7
    for byte in name.encode():
        sum = (sum * 31 + byte) % 2**32
    return sum


def parameter(name, shape):
    u = painted(seed_of(name), int(numpy.prod(shape)))
    if len(shape) > 1:
        u = numpy.sqrt(4 / numpy.prod(shape[1:])) * (2 * u - 1)
    else:
        u = 0.5 + u
    return torch.from_numpy(u.astype(numpy.float32).reshape(tuple(shape)))


def summary(x):
    """Shape, mean, mean of the sizes, and five numbers from places all over the map."""
    flat = x.double().flatten()
    places = [int(i * (len(flat) - 1) / 4) for i in range(5)]
    numbers = [flat.mean(), flat.abs().mean()] + [flat[place] for place in places]
    return {
        "shape": list(x.shape),
        "mean": float(f"{numbers[0]:.8g}"),
        "size": float(f"{numbers[1]:.8g}"),
        "values": [float(f"{number:.8g}") for number in numbers[2:]],
    }


def look(network, stages):
    state = {
        name: array if name.endswith("num_batches_tracked") else parameter(name, array.shape)
        for name, array in network.state_dict().items()
    }
    network.load_state_dict(state)
    network.eval()
    taps, convolutions = {}, {}
    modules = dict(network.named_modules())
    for name, module in stages.items():
        modules[module].register_forward_hook(lambda _, __, y, name=name: taps.__setitem__(name, summary(y)))
    for name, module in modules.items():
        if isinstance(module, torch.nn.Conv2d):
            # Copied at once: torchvision's normalisations and rectifiers write where they read.
            module.register_forward_hook(lambda _, __, y, name=name: convolutions.__setitem__(name, summary(y)))
    image = painted(seed_of("image"), 2 * 3 * SIDE * SIDE)
    image = torch.from_numpy((4 * image - 2).astype(numpy.float32).reshape(2, 3, SIDE, SIDE))
    with torch.no_grad():
        network(image)
    return {"taps": taps, "convolutions": convolutions}


def resnet18_cifar():
    """torchvision's ResNet-18 with the beginning that ReAct's authors and OpenOOD give it for CIFAR."""
    network = torchvision.models.resnet18()
    network.conv1 = torch.nn.Conv2d(3, 64, kernel_size=3, stride=1, padding=1, bias=False)
    network.maxpool = torch.nn.Identity()
    return network


resnet = {"stem": "maxpool", **{f"layer{i}": f"layer{i}" for i in range(1, 5)}}
last_blocks = [0, 1, 3, 6, 10, 13, 16, 17, 18]
names = ["stem", *(f"stage{i}" for i in range(1, 8)), "last"]
mobilenet = {name: f"features.{index}" for name, index in zip(names, last_blocks)}
found = {
    "resnet50": look(torchvision.models.resnet50(), resnet),
    "mobilenet-v2": look(torchvision.models.mobilenet_v2(), mobilenet),
    "resnet18": look(torchvision.models.resnet18(), resnet),
    "resnet18-cifar": look(resnet18_cifar(), resnet),
}


def lines(networks):
    """JSON, one map a line."""
    for network, groups in networks.items():
        yield f'  "{network}": {{'
        for group, maps in groups.items():
            yield f'    "{group}": {{'
            rows = [f'      "{name}": {json.dumps(each)}' for name, each in maps.items()]
            yield ",\n".join(rows)
            yield "    }," if group == "taps" else "    }"
        yield "  }" if network == list(networks)[-1] else "  },"


print("{\n" + "\n".join(lines(found)) + "\n}")

"""Exports two small image encoders to ONNX, with heads for them, pictures, and what PyTorch makes of the pictures.

usage: python3 export_encoders.py <folder>

The networks have random weights from a fixed seed: `cnn` ends in the mean over its last map, `vit` is a vision transformer as CLIP has it,
with a projection of its class token. For each there are text embeddings (<name>.text.npy, rows of length 1) and a linear probe
(<name>.probe.safetensors, `weight` and `bias`). The folder gets pictures in known/ and strange/, and expected.json: of each encoder, head and
detector the score of every picture, which Pillow resizes bicubically to 32 x 32 pixels.

packages/cli/tests/encoders holds what it writes.
"""

import json
import struct
import sys
import warnings
from pathlib import Path

import numpy
import torch
from PIL import Image
from torch import nn
from torch.nn import functional

warnings.filterwarnings("ignore")
CLASSES = 5
SIDE = 32
MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.before_attention, self.before_mlp = nn.LayerNorm(width), nn.LayerNorm(width)
        self.read, self.write = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.widen, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        batch, tokens, width = x.shape
        q, k, v = self.read(self.before_attention(x)).chunk(3, -1)
        q, k, v = (each.reshape(batch, tokens, self.heads, -1).transpose(1, 2) for each in (q, k, v))
        weights = (q @ k.transpose(2, 3) / (width / self.heads) ** 0.5).softmax(-1)
        x = x + self.write((weights @ v).transpose(1, 2).reshape(batch, tokens, width))
        wide = self.widen(self.before_mlp(x))
        return x + self.narrow(wide * torch.sigmoid(1.702 * wide))


class VisionTransformer(nn.Module):
    def __init__(self, width=24, patch=8, embedding=20):
        super().__init__()
        self.patches = nn.Conv2d(3, width, patch, patch, bias=False)
        self.start = nn.Parameter(torch.randn(1, 1, width))
        self.places = nn.Parameter(torch.randn(1, (SIDE // patch) ** 2 + 1, width))
        self.before, self.after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.blocks = nn.Sequential(Block(width, 4), Block(width, 4))
        self.projection = nn.Parameter(width**-0.5 * torch.randn(width, embedding))

    def forward(self, image):
        x = self.patches(image).flatten(2).transpose(1, 2)
        x = torch.cat([self.start.expand(x.shape[0], -1, -1), x], 1) + self.places
        x = self.blocks(self.before(x))
        return self.after(x[:, 0]) @ self.projection, x


class Convolutional(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 12, 3, 2, 1), nn.BatchNorm2d(12), nn.ReLU(),
            nn.Conv2d(12, width, 3, 2, 1), nn.BatchNorm2d(width), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        )

    def forward(self, image):
        return self.body(image)


def settle(network):
    """Statistics for batch normalisations, and weights of an ordinary size."""
    for module in network.modules():
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=module.in_features**-0.5)
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None
    network.train()
    with torch.no_grad():
        network(torch.randn(8, 3, SIDE, SIDE))
    return network.eval()


def picture(random):
    """A smooth gradient with a patch of another colour, of any proportions."""
    width, height = random.integers(20, 60, 2)
    y, x = numpy.mgrid[0:height, 0:width] / 30
    phase, slope = random.uniform(0, 6, (2, 3))
    pixels = 128 + 110 * numpy.sin(phase + slope * x[..., None] + y[..., None])
    left, top = random.integers(0, 15, 2)
    pixels[top : top + 8, left : left + 8] = random.uniform(0, 255, 3)
    return Image.fromarray(pixels.astype(numpy.uint8))


def seen(path):
    resized = Image.open(path).convert("RGB").resize((SIDE, SIDE), Image.BICUBIC)
    pixels = torch.from_numpy(numpy.asarray(resized)).permute(2, 0, 1) / 255
    return (pixels - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STD).view(3, 1, 1)


def save_safetensors(path, arrays):
    header, data = {}, b""
    for name, array in arrays.items():
        raw = array.numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def scores(encode, images, head):
    weight, bias, normalise, scale = head

    def logits(h):
        read = functional.normalize(h, dim=1) if normalise else h
        return scale * (read @ weight.T + bias)

    h = encode(images)
    cosines = functional.normalize(h, dim=1) @ functional.normalize(weight, dim=1).T
    leaf = images.clone().requires_grad_()
    f = logits(encode(leaf))
    functional.cross_entropy(f, f.argmax(1), reduction="sum").backward()
    n = functional.normalize(h, dim=1) if normalise else h
    p = logits(h).softmax(1)
    return {
        "MCM": cosines.softmax(1).amax(1),
        "MCM-sharp": (cosines / 0.01).softmax(1).amax(1),
        "Energy": logits(h).logsumexp(1),
        "MSP": p.amax(1),
        "ReAct": logits(h.clamp(max=0.3)).logsumexp(1),
        "ReAct-MCM": (functional.normalize(h.clamp(max=0.3), dim=1) @ functional.normalize(weight, dim=1).T).softmax(1).amax(1),
        "GradNorm": n.abs().sum(1) * (CLASSES * p - 1).abs().sum(1),
        "ODIN": logits(encode(images - 0.01 * leaf.grad.sign())).softmax(1).amax(1),
    }


def export(folder, name, network, images):
    outputs = ["embedding", "tokens"] if name == "vit" else ["embedding"]
    torch.onnx.export(
        network, (images[:2],), folder / f"{name}.onnx", opset_version=17, input_names=["image"], output_names=outputs,
        dynamic_axes={each: {0: "batch"} for each in ["image", *outputs]},
    )
    encode = (lambda image: network(image)[0]) if name == "vit" else network
    width = encode(images[:1]).shape[1]
    # Near the embeddings that there are, so that scores differ.
    text = functional.normalize(encode(images[:CLASSES]).detach() + 0.5 * torch.randn(CLASSES, width), dim=1)
    weight, bias = torch.randn(CLASSES, width), torch.randn(CLASSES)
    numpy.save(folder / f"{name}.text.npy", text.numpy())
    save_safetensors(folder / f"{name}.probe.safetensors", {"weight": weight, "bias": bias})
    heads = {
        "text.npy": (text, torch.zeros(CLASSES), True, 100),
        "probe.safetensors": (weight, bias, False, 1),
        "probe.safetensors normalised": (weight, bias, True, 4),
    }
    return {head: {k: v.tolist() for k, v in scores(encode, images, of).items()} for head, of in heads.items()}


if __name__ == "__main__":
    target = Path(sys.argv[1])
    draws = numpy.random.default_rng(0)
    files = [target / folder / f"{i}.png" for folder in ("known", "strange") for i in range(6)]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        picture(draws).save(file)
    torch.manual_seed(0)
    networks = {"cnn": settle(Convolutional()), "vit": settle(VisionTransformer())}
    given = torch.stack([seen(file) for file in files])
    expected = {name: export(target, name, network, given) for name, network in networks.items()}
    (target / "expected.json").write_text(json.dumps(expected, indent=1))

"""Exports small classifiers of many families to ONNX, with PyTorch's own exporter.

usage: python3 export_classifiers.py <folder> [name ...]

torchvision builds the networks with random weights from a fixed seed; batch normalisations get statistics of random images, and linear
layers weights of an ordinary size, so that no layer is trivial. The folder gets images.npy, two random images (2, 3, 32, 32), and for
each network <name>.onnx and what PyTorch makes of the images: <name>.logits.npy, and <name>.gradient.npy, the gradient of ODIN's loss,
the sum over the images of the cross-entropy of the predicted class at T = 1000.

packages/cli/tests/classifiers holds some of them; `npm run fidelity` makes and compares all.
"""

import sys
import warnings
from functools import partial

import numpy
import torch
import torchvision.models as models
from torch import nn
from torchvision.models.convnext import CNBlockConfig
from torchvision.models.efficientnet import EfficientNet, MBConvConfig
from torchvision.models.mobilenetv3 import InvertedResidualConfig, MobileNetV3
from torchvision.models.regnet import BlockParams, RegNet

warnings.filterwarnings("ignore")
CLASSES = 10
SIDE = 32


class ChannelsLast(nn.Module):
    """The same network for images whose colours are the last axis, probabilities at the end: as TensorFlow's exports are."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, image):
        return self.network(image.permute(0, 3, 1, 2)).softmax(1)


class ConvolutionHead(nn.Module):
    """A 1 x 1 convolution as the last layer, before the mean over all places."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 12, 5, 2, 2), nn.BatchNorm2d(12), nn.LeakyReLU(0.1), nn.AvgPool2d(3, 2, 1, ceil_mode=True),
            nn.Conv2d(12, 16, 3, 2, 1, groups=4), nn.InstanceNorm2d(16, affine=True), nn.PReLU(16),
            nn.ConvTranspose2d(16, 16, 3, 2, 1, 1), nn.Upsample(scale_factor=2, mode="bilinear"), nn.Softplus(),
        )
        self.head = nn.Conv2d(16, CLASSES, 1)

    def forward(self, image):
        return self.head(self.body(image)).mean((2, 3))


def vgg():
    convolutions = models.vgg.make_layers([8, "M", 16, "M"], batch_norm=True)
    classifier = [nn.Linear(16 * 7 * 7, 32), nn.ReLU(), nn.Dropout(), nn.Linear(32, CLASSES)]
    return nn.Sequential(convolutions, nn.AdaptiveAvgPool2d(8), nn.MaxPool2d(2, 1), nn.Flatten(), *classifier)


def efficientnet():
    block = partial(MBConvConfig, width_mult=0.5, depth_mult=0.5)
    blocks = [block(1, 3, 1, 32, 16, 1), block(6, 3, 2, 16, 24, 2), block(6, 5, 2, 24, 40, 2)]
    return EfficientNet(blocks, dropout=0.2, num_classes=CLASSES)


def mobilenet_v3():
    block = partial(InvertedResidualConfig, width_mult=0.5)
    blocks = [block(16, 3, 16, 16, True, "RE", 2, 1), block(16, 3, 72, 24, False, "RE", 2, 1), block(24, 5, 96, 40, True, "HS", 2, 1)]
    return MobileNetV3(blocks, 64, num_classes=CLASSES)


def convnext():
    blocks = [CNBlockConfig(16, 32, 1), CNBlockConfig(32, None, 1)]
    return models.ConvNeXt(blocks, num_classes=CLASSES)


def vision_transformer():
    return models.VisionTransformer(SIDE, 8, 2, 2, 24, 48, num_classes=CLASSES)


def swin():
    return models.SwinTransformer([2, 2], 16, [2, 2], [2, 4], [4, 4], num_classes=CLASSES)


def regnet():
    return RegNet(BlockParams.from_init_params(depth=4, w_0=16, w_a=8.0, w_m=2.0, group_width=8, se_ratio=0.25), num_classes=CLASSES)


# name -> how it is built, the exporter's settings
FAMILIES = {
    "resnet18": (lambda: models.resnet18(num_classes=CLASSES), {}),
    "mobilenet_v3": (mobilenet_v3, {}),
    "efficientnet": (efficientnet, {}),
    "densenet": (lambda: models.DenseNet(8, (2, 2), 16, num_classes=CLASSES), {}),
    "googlenet": (lambda: models.googlenet(num_classes=CLASSES, aux_logits=False, init_weights=True), {}),
    "shufflenet": (lambda: models.ShuffleNetV2([2, 2, 2], [12, 24, 48, 96, 64], num_classes=CLASSES), {}),
    "vgg": (vgg, {}),
    "regnet": (regnet, {}),
    "convnext": (convnext, {}),
    "vision_transformer": (vision_transformer, {}),
    "swin": (swin, {}),
    "convolution_head": (ConvolutionHead, {}),
    "channels_last": (lambda: ChannelsLast(mobilenet_v3()), {}),
    "fixed_batch_vit": (vision_transformer, {"dynamic": False}),
    "fixed_batch_resnet": (lambda: models.resnet18(num_classes=CLASSES), {"dynamic": False, "opset": 9}),
    "fixed_batch_shufflenet": (lambda: models.ShuffleNetV2([2, 2, 2], [12, 24, 48, 96, 64], num_classes=CLASSES), {"dynamic": False}),
    "fixed_batch_swin": (swin, {"dynamic": False}),
    "old_operators": (mobilenet_v3, {"opset": 11, "fold": False}),
}


def settle(network):
    """Statistics of random images for the batch normalisations; scales and shifts that are not 1 and 0."""
    for module in network.modules():
        if isinstance(module, (nn.BatchNorm2d, nn.LayerNorm, nn.InstanceNorm2d)) and module.weight is not None:
            nn.init.uniform_(module.weight, 0.6, 1.4)
            nn.init.uniform_(module.bias, -0.3, 0.3)
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=module.in_features**-0.5)
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None
    network.train()
    with torch.no_grad():
        network(torch.randn(8, 3, SIDE, SIDE))
    return network.eval()


def export(folder, name):
    build, settings = FAMILIES[name]
    torch.manual_seed(0)
    network = build()
    channels_last = isinstance(network, ChannelsLast)
    settle(network.network if channels_last else network)
    images = torch.from_numpy(numpy.load(f"{folder}/images.npy")).requires_grad_()
    given = images.permute(0, 2, 3, 1) if channels_last else images
    dynamic = settings.get("dynamic", True)
    torch.onnx.export(
        network.eval(),
        (given if dynamic else given[:1],),
        f"{folder}/{name}.onnx",
        opset_version=settings.get("opset", 17 if dynamic else 13),
        do_constant_folding=settings.get("fold", True),
        input_names=["image"],
        output_names=["result"],
        dynamic_axes={"image": {0: "batch"}, "result": {0: "batch"}} if dynamic else None,
    )
    logits = (network.network if channels_last else network)(images)
    nn.functional.cross_entropy(logits / 1000, logits.argmax(1), reduction="sum").backward()
    numpy.save(f"{folder}/{name}.logits.npy", logits.detach().numpy())
    numpy.save(f"{folder}/{name}.gradient.npy", images.grad.numpy())


if __name__ == "__main__":
    torch.set_num_threads(2)
    numpy.save(f"{sys.argv[1]}/images.npy", numpy.random.default_rng(0).standard_normal((2, 3, SIDE, SIDE), numpy.float32))
    for wanted in sys.argv[2:] or FAMILIES:
        export(sys.argv[1], wanted)

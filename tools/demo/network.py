"""The demonstration's network: a residual network with BatchNorm, as packages/demo/src/demo-resnet.ts rebuilds it."""

import torch
from torch import nn

WIDTHS = (16, 32, 64, 96)
CLASSES = 12


def normalised(images):
    """uint8 images (N, H, W, 3) as the network's input, float32 (N, 3, H, W) in -1..1."""
    return (torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255 - 0.5) / 0.5


class Block(nn.Module):
    """Two 3 x 3 convolutions beside a shortcut, which is a 1 x 1 convolution where the shape changes."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(y)) + self.downsample(x))


class DemoResNet(nn.Module):
    """Images (N, 3, 64, 64) to logits (N, 12) over 96 pooled features."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, WIDTHS[0], 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(WIDTHS[0])
        self.layer1 = Block(WIDTHS[0], WIDTHS[0], 1)
        self.layer2 = Block(WIDTHS[0], WIDTHS[1], 2)
        self.layer3 = Block(WIDTHS[1], WIDTHS[2], 2)
        self.layer4 = Block(WIDTHS[2], WIDTHS[3], 2)
        self.fc = nn.Linear(WIDTHS[3], CLASSES)

    def features(self, x):
        """Penultimate features after ReLU and global average pooling, (N, 96)."""
        x = torch.relu(self.bn1(self.conv1(x)))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return x.mean((2, 3))

    def forward(self, x):
        return self.fc(self.features(x))

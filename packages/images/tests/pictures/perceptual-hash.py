"""The definition in src/perceptual-hash.ts, written with NumPy: prints the hash of an image as hexadecimal numbers of 32 bits."""

import sys

import numpy as np
from PIL import Image

grey = np.asarray(Image.open(sys.argv[1]).convert("RGB"), np.float64) @ [0.299, 0.587, 0.114]
height, width = grey.shape
cells = np.repeat(np.repeat(grey, 32, 0).reshape(32, height, width).mean(1), 32, 1).reshape(32, 32, width).mean(2)
cosines = np.cos(np.pi * np.outer(np.arange(12), 2 * np.arange(32) + 1) / 64)
coefficients = (cosines @ cells @ cosines.T).ravel()[1:]
bits = coefficients > np.median(coefficients)
print(" ".join(f"{sum(int(bit) << i for i, bit in enumerate(bits[at:at + 32])):08x}" for at in range(0, 143, 32)))

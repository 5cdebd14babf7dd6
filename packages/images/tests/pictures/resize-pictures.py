# Prints as JSON, for every picture of a folder and every recipe, the SHA-256 of the pixels that Pillow makes of it: argv[1] is the folder,
# argv[2] the recipes, JSON: [{ "resize": …, "crop": …, "interpolation": …, "sides": … }]. Written after torchvision 0.14's Resize and
# CenterCrop, which call Pillow; crops are no larger than the resized picture.
import hashlib
import json
import os
import sys
from PIL import Image

filters = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC}


def resized(image, recipe):
    side = recipe["resize"]
    short, long = sorted(image.size)
    if recipe["sides"] == "both":
        size = (side, side)
    else:
        size = tuple(side if each == short else int(side * long / short) for each in image.size)
    return image.resize(size, filters[recipe["interpolation"]])


def cropped(image, side):
    left, top = (int(round((each - side) / 2.0)) for each in image.size)
    return image.crop((left, top, left + side, top + side))


folder, recipes = sys.argv[1], json.loads(sys.argv[2])
hashes = {}
for name in sorted(os.listdir(folder)):
    image = Image.open(os.path.join(folder, name)).convert("RGB")
    pixels = [cropped(resized(image, recipe), recipe["crop"]).tobytes() for recipe in recipes]
    hashes[name] = [hashlib.sha256(each).hexdigest() for each in pixels]
print(json.dumps(hashes))

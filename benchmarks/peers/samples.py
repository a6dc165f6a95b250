"""Calibration samples of the zoo's models, as benchmarks/zoo describes them, for the tools that Dwindle is compared with."""

import csv
import gzip
from pathlib import Path

import numpy as np

CIFAR = {
    "resnet20_cifar10": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225), 255),
    "vgg_small_cifar10": ((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616), 255),
    "resnet8_cifar10": ((0, 0, 0), (1, 1, 1), 1),
}


def column(values):
    return np.array(values, np.float32).reshape(3, 1, 1)


def cifar10(data, name):
    mean, std, divisor = CIFAR[name]
    for record in np.fromfile(data / "cifar10_train_a.bin", np.uint8).reshape(-1, 3073):
        image = record[1:].reshape(1, 3, 32, 32).astype(np.float32)
        yield {"input": (image / np.float32(divisor) - column(mean)) / column(std)}


def mnist(data):
    with gzip.open(data / "mnist_train_images_idx3.gz") as file:
        file.read(16)
        while image := file.read(784):
            yield {"input": np.frombuffer(image, np.uint8).reshape(1, 1, 28, 28).astype(np.float32) / np.float32(255)}


def photographs(data):
    from PIL import Image

    with open(data / "imagenet_sample.csv", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            if row["split"] == "calib":
                yield Image.open(data / "imagenet_sample" / row["file"]).convert("RGB")


def mobilenet(data):
    for image in photographs(data):
        pixels = np.asarray(image, np.float32)[16:240, 16:240].transpose(2, 0, 1)
        yield {"input": np.ascontiguousarray(pixels[None] / np.float32(127.5) - np.float32(1))}


def nanodet(data):
    from PIL import Image

    mean, factor = column((103.53, 116.28, 123.675)), column((0.017429, 0.017507, 0.017125))
    for image in photographs(data):
        pixels = np.asarray(image.resize((320, 320), Image.BICUBIC), np.float32)[..., ::-1].transpose(2, 0, 1)
        yield {"input.1": np.ascontiguousarray(((pixels - mean) * factor)[None])}


def sentences(data):
    with np.load(data / "stsb_train_calib_tokens.npz") as table:
        tokens, lengths = [table[side + "_ids"] for side in "ab"], [table[side + "_len"] for side in "ab"]
    for row in range(len(lengths[0])):
        for side in range(2):
            ids = tokens[side][row, : lengths[side][row]].astype(np.int64)[None]
            yield {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}


def stream(zoo, name, count):
    """The first samples of a model's calibration part, each a dictionary of arrays by input name."""
    data = Path(zoo) / "data"
    sources = {"lenet5_mnist": mnist, "mobilenet_v1_025_224": mobilenet, "nanodet_m_320": nanodet, "minilm_l6": sentences}
    source = cifar10(data, name) if name in CIFAR else sources[name](data)
    for _, sample in zip(range(count), source):
        yield sample

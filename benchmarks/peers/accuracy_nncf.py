"""NNCF's accuracy control of mobilenet_v1_025_224, chosen on the even evaluation images. Arguments: zoo, model, count, largest drop, output."""

import csv
import sys
from pathlib import Path

import nncf
import numpy as np
import onnx
import onnxruntime
from PIL import Image

import samples

zoo, path, count, drop, output = sys.argv[1:]


def evaluation():
    """The even evaluation images with their classes, as benchmarks/zoo describes them."""
    data = Path(zoo) / "data"
    with open(data / "imagenet_sample.csv", encoding="utf-8") as table:
        rows = [row for row in csv.DictReader(table) if row["split"] == "eval"][::2]
    for row in rows:
        pixels = np.asarray(Image.open(data / "imagenet_sample" / row["file"]).convert("RGB"), np.float32)[16:240, 16:240].transpose(2, 0, 1)
        yield {"input": np.ascontiguousarray(pixels[None] / np.float32(127.5) - np.float32(1))}, int(row["label"])


def validate(model, data):
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    hits = [float(session.run(None, inputs)[0].argmax() == label) for inputs, label in data]
    return float(np.mean(hits)), hits


calibration = list(samples.stream(zoo, "mobilenet_v1_025_224", int(count)))
onnx.save(
    nncf.quantize_with_accuracy_control(
        onnx.load(path), nncf.Dataset(calibration), nncf.Dataset(list(evaluation()), lambda pair: pair[0]), validate, max_drop=float(drop),
        drop_type=nncf.DropType.ABSOLUTE, subset_size=len(calibration)), output)

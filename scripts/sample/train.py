#!/usr/bin/env python3
"""Makes the sample of the quickstart: glyph images, a net trained on others of their kind, and both as files.

    python -m venv v && v/bin/pip install numpy onnx && v/bin/python scripts/sample/train.py

Writes src/main/resources/dev/dwindle/sample/. Training, calibration and test images come from three seeds; the test
images are looked at once, at the end. Images for students of the net come from one more, and have no labels. Takes a few minutes on two cores.
"""
import os
import time

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import glyphs
from net import BatchNorm, Classifier, Conv, Depthwise, Net, Relu, Residual

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "..", "..", "src", "main", "resources", "dev", "dwindle", "sample")
EPOCHS, BATCH, TRAINING, CALIBRATION, TEST, STUDENTS = 12, 64, 10_000, 256, 1_200, 1_500


def build(random):
    block = lambda conv, channels: [conv, BatchNorm(channels), Relu()]
    return Net([
        *block(Conv(random, 1, 16), 16),
        *block(Conv(random, 16, 32, stride=2), 32),
        Residual(*block(Conv(random, 32, 32), 32), Conv(random, 32, 32), BatchNorm(32)),
        Relu(),
        *block(Depthwise(random, 32, stride=2), 32),
        *block(Conv(random, 32, 64, kernel=1), 64),
        *block(Depthwise(random, 64), 64),
        *block(Conv(random, 64, 96, kernel=1), 96),
        Classifier(random, 96, len(glyphs.LETTERS)),
    ])


def scaled(images):
    return (images[..., None] / np.float32(255)).astype(np.float32)


def train(net, images, labels):
    random = np.random.default_rng(4)
    steps, step = EPOCHS * (len(images) // BATCH), 0
    for epoch in range(EPOCHS):
        losses, order = [], random.permutation(len(images))
        for i in range(0, len(images) - BATCH + 1, BATCH):
            part = order[i:i + BATCH]
            rate = 0.1 * min(1, step / 200) * 0.5 * (1 + np.cos(np.pi * step / steps))
            losses.append(net.step(scaled(images[part]), labels[part], rate))
            step += 1
        print(f"epoch {epoch + 1} of {EPOCHS}: loss {np.mean(losses):.4f}", flush=True)


class OnnxGraph:
    """Collects nodes and constants under short names."""

    def __init__(self):
        self.nodes, self.constants = [], []

    def constant(self, array):
        name = f"w{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array, np.float32), name))
        return name

    def node(self, operator, inputs, **attributes):
        name = f"{operator.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name


def save(net, path):
    graph, x = OnnxGraph(), "image"
    for layer in net.layers:
        x = layer.export(graph, x)
    graph.nodes[-1].output[0] = "logits"
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 1, glyphs.SIZE, glyphs.SIZE])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", len(glyphs.LETTERS)])
    made = helper.make_graph(graph.nodes, "glyphs", [image], [logits], graph.constants)
    opsets = [helper.make_opsetid("", 13)]
    model = helper.make_model(made, producer_name="dwindle-sample", opset_imports=opsets, ir_version=7)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def main():
    started = time.time()
    os.makedirs(FOLDER, exist_ok=True)
    images, labels = glyphs.render(TRAINING, 1)
    parts = {"calibration": glyphs.render(CALIBRATION, 2), "test": glyphs.render(TEST, 3)}
    net = build(np.random.default_rng(0))
    train(net, images, labels)
    print(f"training images: {100 * net.accuracy(scaled(images), labels):.2f} %")
    for part, (x, y) in parts.items():
        print(f"{part} images: {100 * net.accuracy(scaled(x), y):.2f} % of {len(x)}")
        glyphs.write_idx(os.path.join(FOLDER, f"glyphs-{part}-images.idx.gz"), x)
        glyphs.write_idx(os.path.join(FOLDER, f"glyphs-{part}-labels.idx.gz"), y)
    unlabelled, _ = glyphs.render(STUDENTS, 5)
    glyphs.write_idx(os.path.join(FOLDER, "glyphs-training-images.idx.gz"), unlabelled)
    save(net, os.path.join(FOLDER, "glyphs.onnx"))
    print(f"{time.time() - started:.0f} s; written to {os.path.normpath(FOLDER)}")
    for name in sorted(os.listdir(FOLDER)):
        print(f"  {name}: {os.path.getsize(os.path.join(FOLDER, name))} bytes")


if __name__ == "__main__":
    main()

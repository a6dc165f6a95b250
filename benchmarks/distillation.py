"""Distilled students: see benchmarks/distillation."""

import json
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import scores
import students
from scores import ROOT, ZOO

SEEDS = (1, 2, 3)
IMAGES = {"resnet20_cifar10": 3000, "lenet300-100_mnist": 5000}
EPOCHS = {"resnet20_cifar10": 16, "lenet300-100_mnist": 30}


def convolutional(file):
    """A user's own student for images of 28 x 28: 26,081 numbers, fewer than a tenth of LeNet-300-100's 266,610."""
    layers = {"c1.w": (12, 1, 5, 5), "c1.b": (12,), "c2.w": (24, 12, 5, 5), "c2.b": (24,), "f1.w": (47, 384), "f1.b": (47,), "f2.w": (10, 47), "f2.b": (10,)}
    weights = [numpy_helper.from_array(students.filled(s, i) if len(s) > 1 else np.zeros(s, np.float32), n) for i, (n, s) in enumerate(layers.items())]
    pool = dict(kernel_shape=[2, 2], strides=[2, 2])
    nodes = [
        helper.make_node("Conv", ["input", "c1.w", "c1.b"], ["a"], name="c1"), helper.make_node("Relu", ["a"], ["b"]), helper.make_node("MaxPool", ["b"], ["c"], **pool),
        helper.make_node("Conv", ["c", "c2.w", "c2.b"], ["d"], name="c2"), helper.make_node("Relu", ["d"], ["e"]), helper.make_node("MaxPool", ["e"], ["f"], **pool),
        helper.make_node("Flatten", ["f"], ["g"]), helper.make_node("Gemm", ["g", "f1.w", "f1.b"], ["h"], name="f1", transB=1), helper.make_node("Relu", ["h"], ["i"]),
        helper.make_node("Gemm", ["i", "f2.w", "f2.b"], ["logits"], name="f2", transB=1),
    ]
    graph = helper.make_graph(nodes, "student", [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", 1, 28, 28])],
                              [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", 10])], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), str(file))


def numbers(file):
    return sum(int(np.prod(t.dims)) for t in onnx.load(str(file)).graph.initializer if t.data_type == TensorProto.FLOAT)


def top1(name, file):
    """In percent."""
    return round(100 * float(scores.score(name, file)), 2)


def distil(name, out, seed, *options):
    """Trains on one thread, with whatever else is measured left out; returns seconds and the share of the multiply-adds."""
    line = [ROOT / "scripts" / "dwindle", "distil", ZOO / "models" / f"{name}.onnx", "-o", out, "--data", ROOT / "benchmarks" / "zoo" / f"{name}.yaml",
            "--epochs", EPOCHS[name], "--seed", seed, *options, "--no-measure", "--threads", 1, "--report", f"{out}.json"]
    begun = time.time()
    subprocess.run([str(word) for word in line], check=True, stdout=subprocess.DEVNULL, env=scores.environment())
    report = json.loads(Path(f"{out}.json").read_text())
    figures = report["passes"][0]["figures"]
    costs = [int(re.match(r"([\d,]+) multiply-adds", figures[key])[1].replace(",", "")) for key in ("student costs", "teacher")]
    return {"top1": top1(name, out), "seconds": round(time.time() - begun), "numbers": numbers(out), "multiplyAdds": costs[0],
            "shareOfMultiplyAdds": round(costs[0] / costs[1], 4), "student": figures["student"]}


def arm(name, folder, label, *options):
    runs = []
    for seed in SEEDS:
        runs.append(distil(name, folder / f"{label}-{seed}.onnx", seed, *options))
        print(label, seed, runs[-1], flush=True)
    return runs


def told(name, runs):
    first = {key: runs[0][key] for key in ("numbers", "multiplyAdds", "shareOfMultiplyAdds")}
    top1 = students.interval([run["top1"] for run in runs])
    return {**first, "top1": top1, "intervalOfTheFirstOverImages": students.wilson(runs[0]["top1"], IMAGES[name]), "seconds": [run["seconds"] for run in runs]}


def main():
    load = [round(x, 2) for x in os.getloadavg()]
    rows = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        name = "lenet300-100_mnist"
        given = folder / "given.onnx"
        convolutional(given)
        teacher = top1(name, ZOO / "models" / f"{name}.onnx")
        dense = arm(name, folder, "dense", "--budget", "10%:parameters")
        conv = arm(name, folder, "convolutional", "--student", given)
        rows[name] = {"teacher": teacher, "epochs": EPOCHS[name], "dense, a tenth of the weights": told(name, dense), "convolutional, given": told(name, conv),
                      "lost by dense": students.interval([teacher - run["top1"] for run in dense]),
                      "lost by convolutional": students.interval([teacher - run["top1"] for run in conv])}
        name = "resnet20_cifar10"
        teacher = top1(name, ZOO / "models" / f"{name}.onnx")
        taught, alone = [], []
        for seed in SEEDS:
            for runs, label, options in ((taught, "distilled", ()), (alone, "labels alone", ("--labels", 1))):
                runs.append(distil(name, folder / f"{label}-{seed}.onnx", seed, "--budget", "25%", *options))
                print(label, seed, runs[-1], flush=True)
        rows[name] = {"teacher": teacher, "epochs": EPOCHS[name], "distilled": told(name, taught), "labels alone": told(name, alone),
                      "distilled minus labels alone": students.paired([r["top1"] for r in taught], [r["top1"] for r in alone])}
    print(json.dumps(rows, indent=1))
    scores.write("distillation.json", "benchmarks/distillation", rows, seeds=SEEDS, threads=1, loadBefore=load,
                 intervals="over seeds: Student's t of three; over images: Wilson; all at 95 %")


if __name__ == "__main__":
    main()

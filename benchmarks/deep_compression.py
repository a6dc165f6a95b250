"""Pruned, shared, packed: see benchmarks/deep-compression."""

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

import scores
from scores import ROOT, ZOO

# name: (sparsity and epochs of each round, entries, epochs behind sharing)
PLANS = {
    "lenet300-100_mnist": ([(0.7, 10), (0.85, 15), (0.93, 120)], 9, 30),
    "lenet5_mnist": ([(0.7, 2), (0.85, 3), (0.92, 10)], 12, 4),
}
SETTINGS = "labels: 0.2, temperature: 4"


def right(name, file):
    """For each test image whether it is classified rightly in ONNX Runtime."""
    evaluate = scores.evaluator()
    task = evaluate.MODELS[name]
    outputs = evaluate.TASKS[task["task"]](evaluate.Net(str(file), 0), task, None)[1]
    return outputs.argmax(1) == labels(evaluate, task)


def labels(evaluate, task):
    import gzip
    with gzip.open(ZOO / "data" / "mnist_test_a_labels_idx1.gz") as file:
        return np.frombuffer(file.read(), np.uint8, offset=8)


def paired(a, b):
    """Points, a less b, with the interval of 95 % of paired differences."""
    d = a.astype(float) - b
    half = 1.96 * d.std(ddof=1) / np.sqrt(len(d))
    return {"points": round(100 * d.mean(), 2), "low": round(100 * (d.mean() - half), 2), "high": round(100 * (d.mean() + half), 2)}


def dwindle(*words):
    subprocess.run([str(word) for word in (ROOT / "scripts" / "dwindle", *words)], check=True, stdout=subprocess.DEVNULL, env=scores.environment())


def recipe(rounds, sharing):
    steps = ["fold"]
    for sparsity, epochs in rounds:
        steps += [f"{{prune: {{sparsity: {sparsity}}}}}", f"{{finetune: {{epochs: {epochs}, rate: 0.002, variants: {epochs}, {SETTINGS}}}}}"]
    if sharing:
        steps += [f"{{share: {{entries: {sharing[0]}}}}}", f"{{finetune: {{epochs: {sharing[1]}, rate: 0.0003, {SETTINGS}}}}}"]
    return f"seed: 1\npasses: [{', '.join(steps)}]\n"


def step(name, folder, label, text, original):
    begun = time.time()
    model, out = ZOO / "models" / f"{name}.onnx", folder / f"{label}.onnx"
    (folder / "recipe.yaml").write_text(text)
    dwindle("compress", model, "-o", out, "--recipe", folder / "recipe.yaml", "--data", ROOT / "benchmarks" / "zoo" / f"{name}.yaml", "--threads", 1,
            "--no-measure", "--report", folder / "report.json")
    dwindle("pack", out, "-o", folder / f"{label}.dwz")
    dwindle("unpack", folder / f"{label}.dwz", "-o", folder / "unpacked.onnx")
    hits = right(name, folder / "unpacked.onnx")
    packed = (folder / f"{label}.dwz").stat().st_size
    row = {"step": label, "recipe": text, "onnxBytes": out.stat().st_size, "dwzBytes": packed, "ratio": round(model.stat().st_size / packed, 1),
           "top1": round(100 * hits.mean(), 2), "lessOriginal": paired(hits, original), "seconds": round(time.time() - begun)}
    print(name, json.dumps(row), flush=True)
    return row


def main():
    dwindle("devices")
    load = [round(x, 2) for x in os.getloadavg()]
    rows = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, (rounds, entries, epochs) in PLANS.items():
            model = ZOO / "models" / f"{name}.onnx"
            original = right(name, model)
            dwindle("pack", model, "-o", folder / "original.dwz")
            rows[name] = {"onnxBytes": model.stat().st_size, "dwzBytes": (folder / "original.dwz").stat().st_size, "top1": round(100 * original.mean(), 2),
                          "steps": [step(name, folder, "pruned", recipe(rounds, None), original), step(name, folder, "shared", recipe(rounds, (entries, epochs)), original)]}
            scores.write("deep-compression.json", "benchmarks/deep-compression", rows, threads=1, loadBefore=load,
                         ratio="bytes of the original file over those of the packed one", lessOriginal="points on the same 5,000 images, with the interval of 95 % of paired differences")


if __name__ == "__main__":
    main()

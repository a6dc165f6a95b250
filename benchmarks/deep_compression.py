"""Pruned, shared, packed: see benchmarks/deep-compression."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import scores
from scores import ROOT, ZOO

def rounds(sparsities, entries, epochs, *steps):
    """Deep Compression's steps: pruned and trained so many epochs in rounds, then shared and trained again; or levels by error and bits in the place of sharing."""
    more = "labels: 0.2, temperature: 4"
    pruned = ["fold"]
    for sparsity, count in sparsities:
        pruned += [f"{{prune: {{sparsity: {sparsity}}}}}", f"{{finetune: {{epochs: {count}, rate: 0.002, variants: {count}, {more}}}}}"]
    shared = [*pruned, f"{{share: {{entries: {entries}}}}}", f"{{finetune: {{epochs: {epochs}, rate: 0.0003, {more}}}}}"]
    return [("pruned", pruned), ("shared", shared), *((f"pruned, levels of {step}", [*pruned, f"{{rdoq: {{step: {step}}}}}"]) for step in steps)]


def levels(*steps):
    """Levels by error and bits, without any training."""
    return [(f"levels of {step}", ["fold", f"{{rdoq: {{step: {step}}}}}"]) for step in steps]


PLANS = {
    "lenet300-100_mnist": rounds([(0.7, 10), (0.85, 15), (0.93, 120)], 9, 30, 1.0, 1.05, 1.2),
    "lenet5_mnist": rounds([(0.7, 2), (0.85, 3), (0.92, 10)], 12, 4, 0.9),
    "resnet20_cifar10": levels(0.8, 1.0, 1.15),
    "vgg_small_cifar10": levels(1.1, 1.4, 1.55, 1.7),
}


def right(name, file):
    """For each test image whether it is classified rightly in ONNX Runtime."""
    evaluate = scores.evaluator()
    task = evaluate.MODELS[name]
    outputs = evaluate.TASKS[task["task"]](evaluate.Net(str(file), 0), task, None)[1]
    return outputs.argmax(1) == labels(evaluate, task)


def labels(evaluate, task):
    return evaluate.cifar(task["data"])[1] if task["task"] == "cifar10" else evaluate.idx(task["labels"])


def paired(a, b):
    """Points, a less b, with the interval of 95 % of paired differences."""
    d = a.astype(float) - b
    half = 1.96 * d.std(ddof=1) / np.sqrt(len(d))
    return {"points": round(100 * d.mean(), 2), "low": round(100 * (d.mean() - half), 2), "high": round(100 * (d.mean() + half), 2)}


def dwindle(*words):
    subprocess.run([str(word) for word in (ROOT / "scripts" / "dwindle", *words)], check=True, stdout=subprocess.DEVNULL, env=scores.environment())


def step(name, folder, label, text, original):
    begun = time.time()
    model, out = ZOO / "models" / f"{name}.onnx", folder / "out.onnx"
    (folder / "recipe.yaml").write_text(text)
    dwindle("compress", model, "-o", out, "--recipe", folder / "recipe.yaml", "--data", ROOT / "benchmarks" / "zoo" / f"{name}.yaml", "--threads", 1,
            "--no-measure", "--report", folder / "report.json")
    dwindle("pack", out, "-o", folder / "out.dwz")
    dwindle("unpack", folder / "out.dwz", "-o", folder / "unpacked.onnx")
    hits = right(name, folder / "unpacked.onnx")
    packed = (folder / "out.dwz").stat().st_size
    row = {"step": label, "recipe": text, "onnxBytes": out.stat().st_size, "dwzBytes": packed, "ratio": round(model.stat().st_size / packed, 1),
           "top1": round(100 * hits.mean(), 2), "lessOriginal": paired(hits, original), "seconds": round(time.time() - begun)}
    print(name, json.dumps(row), flush=True)
    return row


def main():
    dwindle("devices")
    load = [round(x, 2) for x in os.getloadavg()]
    names = sys.argv[3:] or list(PLANS)
    rows = {} if len(names) == len(PLANS) else json.loads((ROOT / "benchmarks" / "results" / "deep-compression.json").read_text())["models"]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name in names:
            model = ZOO / "models" / f"{name}.onnx"
            original = right(name, model)
            dwindle("pack", model, "-o", folder / "original.dwz")
            rows[name] = {"onnxBytes": model.stat().st_size, "dwzBytes": (folder / "original.dwz").stat().st_size, "top1": round(100 * original.mean(), 2), "images": len(original),
                          "steps": []}
            for label, passes in PLANS[name]:
                rows[name]["steps"].append(step(name, folder, label, f"seed: 1\npasses: [{', '.join(passes)}]\n", original))
                scores.write("deep-compression.json", "benchmarks/deep-compression", {each: rows[each] for each in PLANS if each in rows}, threads=1, loadBefore=load,
                             ratio="bytes of the original file over those of the packed one", lessOriginal="points on the same images, with the interval of 95 % of paired differences")


if __name__ == "__main__":
    main()

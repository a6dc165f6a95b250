"""Learned rounding of weights beside rounding to nearest: see benchmarks/rounding."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from processes import run
from scores import ROOT, ZOO, command, environment, evaluator, write

NAME, SAMPLES = "resnet20_cifar10", 1000
MODEL = ZOO / "models" / f"{NAME}.onnx"
# (bits, what, settings, samples, seeds)
CASES = [
    (4, "nearest, minmax, 300 samples", "calibration: minmax", 300, [0]),
    (4, "nearest, mse, 300 samples", "calibration: mse", 300, [0]),
    (4, "nearest, minmax", "calibration: minmax", SAMPLES, [0]),
    (4, "nearest, mse", "calibration: mse", SAMPLES, [0]),
    (4, "blocks, mse", "calibration: mse, rounding: blocks", SAMPLES, [1, 2, 3]),
    (4, "layers, mse", "calibration: mse, rounding: layers", SAMPLES, [1, 2, 3]),
    (3, "nearest, mse", "calibration: mse", SAMPLES, [0]),
    (3, "blocks, mse", "calibration: mse, rounding: blocks", SAMPLES, [1]),
    (2, "nearest, mse", "calibration: mse", SAMPLES, [0]),
    (2, "blocks, mse", "calibration: mse, rounding: blocks", SAMPLES, [1]),
]


def hits(file):
    """For each test image whether it is classified rightly in ONNX Runtime."""
    evaluate = evaluator()
    task = evaluate.MODELS[NAME]
    outputs = evaluate.TASKS[task["task"]](evaluate.Net(str(file), 0), task, None)[1]
    return outputs.argmax(1) == evaluate.cifar(task["data"])[1]


def share(right):
    """Percent, with Wilson's interval of 95 %."""
    n, p, z = len(right), float(np.mean(right)), 1.96
    middle, half = (p + z * z / 2 / n) / (1 + z * z / n), z * np.sqrt(p * (1 - p) / n + z * z / 4 / n / n) / (1 + z * z / n)
    return {"percent": round(100 * p, 2), "low": round(100 * (middle - half), 2), "high": round(100 * (middle + half), 2)}


def difference(a, b):
    """Points between two models on the same images, a less b, with the interval of 95 % of paired differences."""
    d = a.astype(float) - b
    half = 1.96 * d.std(ddof=1) / np.sqrt(len(d))
    return {"points": round(100 * d.mean(), 2), "low": round(100 * (d.mean() - half), 2), "high": round(100 * (d.mean() + half), 2)}


def compress(folder, bits, settings, samples, seed):
    recipe, out = Path(folder) / "recipe.yaml", Path(folder) / "out.onnx"
    recipe.write_text(f"seed: {seed}\npasses: [fold, {{quantize: {{weight_bits: {bits}, weights: per_channel, activations: uint8, {settings}}}}}]\n")
    options = ["--recipe", str(recipe), "--data", str(ROOT / "benchmarks" / "zoo" / f"{NAME}.yaml"), "--calibration-samples", str(samples),
               "--target", "onnxruntime", "--threads", "1"]
    seconds, peak = run(command(MODEL, out, *options), environment())
    return out, round(seconds, 1), peak


def main():
    subprocess.run([str(ROOT / "scripts" / "dwindle"), "devices"], check=True, stdout=subprocess.DEVNULL)
    load = [round(x, 2) for x in os.getloadavg()]
    original, rows, base = hits(MODEL), [], None
    fp32 = share(original)
    for bits, what, settings, samples, seeds in CASES:
        for seed in seeds:
            with tempfile.TemporaryDirectory() as folder:
                out, seconds, peak = compress(folder, bits, settings, samples, seed)
                right, size = hits(out), out.stat().st_size
            if what == "nearest, mse":
                base = right
            row = {"weightBits": bits, "rounding": what, "seed": seed, "samples": samples, "top1": share(right), "lessFp32": difference(right, original)}
            if "rounding" in settings:
                row["lessNearestMse"] = difference(right, base)
            rows.append({**row, "seconds": seconds, "peakBytes": peak, "bytes": size})
            print(json.dumps(rows[-1]), flush=True)
            write("rounding.json", "benchmarks/rounding", {NAME: rows}, fp32=fp32, threads=1, loadBefore=load)


if __name__ == "__main__":
    main()

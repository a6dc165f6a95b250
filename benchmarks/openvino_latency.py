"""Median latencies of openvino:CPU and of OpenVINO's benchmark_app in turn, and the 95 % interval of their ratio."""

import json
import math
import os
import re
import statistics
import subprocess
import sys
from pathlib import Path

import processes

ROOT, ZOO = Path(sys.argv[1]), Path(sys.argv[2])
REPEATS = int(os.environ.get("REPEATS", "10"))
STUDENT_95 = {2: 12.71, 3: 4.30, 4: 3.18, 5: 2.78, 6: 2.57, 7: 2.45, 8: 2.36, 9: 2.31, 10: 2.26}
SHAPES = {
    "lenet5_mnist": {"input": "1x1x28x28"},
    "lenet300-100_mnist": {"input": "1x1x28x28"},
    "mnist_cntk": {"Input3": "1x1x28x28"},
    "resnet8_cifar10": {"input": "1x3x32x32"},
    "resnet20_cifar10": {"input": "1x3x32x32"},
    "resnet20_bn_cifar10": {"input": "1x3x32x32"},
    "vgg_small_cifar10": {"input": "1x3x32x32"},
    "mobilenet_v1_025_224": {"input": "1x3x224x224"},
    "ultraface_rfb320": {"input": "1x3x240x320"},
    "nanodet_m_320": {"input.1": "1x3x320x320"},
    "silero_vad_16k": {"input": "1x576", "state": "2x1x128"},
    "stories260k": {"ids": "1x256"},
    "minilm_l6": {"input_ids": "1x32", "attention_mask": "1x32", "token_type_ids": "1x32"},
}


def ours(model, shapes):
    line = [ROOT / "scripts/dwindle", "bench", model, "--device", "openvino:CPU", "--threads", "1", "--json"]
    for name, shape in shapes.items():
        line += ["--shape", f"{name}={shape}"]
    result = json.loads(subprocess.run(line, check=True, capture_output=True, text=True).stdout)
    return next(m["timing"]["median"]["value"] for m in result["models"])


def theirs(model, shapes):
    shape = ",".join(f"{name}[{dims.replace('x', ',')}]" for name, dims in shapes.items())
    line = [Path(sys.executable).parent / "benchmark_app", "-m", model, "-d", "CPU", "-api", "sync", "-shape", shape, "-hint", "none",
            "-nstreams", "1", "-nireq", "1", "-infer_precision", "f32", "-nthreads", "1", "-t", "2"]
    told = subprocess.run(line, check=True, capture_output=True, text=True).stdout
    value, unit = re.search(r"Median:\s+([\d.]+) (us|ms)", told).groups()
    return float(value) / (1000 if unit == "us" else 1)


def interval(ratios):
    logs = [math.log(r) for r in ratios]
    spread = STUDENT_95[len(logs)] * statistics.stdev(logs) / math.sqrt(len(logs))
    return [math.exp(statistics.mean(logs) + side * spread) for side in (-1, 0, 1)]


def file(name):
    return next(f for f in (ZOO / f"models/{name}.onnx", ROOT / f"target/zoo/{name}.onnx") if f.exists())


target = ROOT / "benchmarks/results/openvino-latency.json"
results = {}
for name in os.environ.get("MODELS", " ".join(SHAPES)).split():
    try:
        pairs = [(ours(file(name), SHAPES[name]), theirs(file(name), SHAPES[name])) for _ in range(REPEATS)]
    except subprocess.CalledProcessError as refusal:
        # benchmark_app does not take every model; ours are all run by the tests.
        if "benchmark_app" not in str(refusal.cmd[0]):
            raise
        results[name] = {"benchmarkAppRefuses": " ".join((refusal.stdout or refusal.stderr).split()[-40:])}
    else:
        low, ratio, high = interval([a / b for a, b in pairs])
        results[name] = {"dwindleMillis": statistics.median(a for a, _ in pairs), "benchmarkAppMillis": statistics.median(b for _, b in pairs),
                         "ratio": ratio, "ratioLow": low, "ratioHigh": high}
    print(name, results[name], flush=True)
    target.write_text(json.dumps({"cpu": processes.cpu(), "repeats": REPEATS, "threads": 1, "models": results}, indent=2) + "\n")

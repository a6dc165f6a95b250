"""Scores of INT8 files that Dwindle writes, by judges that are not Dwindle: see benchmarks/int8-scores."""

import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime
import openvino

ROOT, ZOO = Path(sys.argv[1]), Path(sys.argv[2])
SAMPLES = {"mobilenet_v1_025_224": 200, "nanodet_m_320": 100}
MODELS = ["resnet20_cifar10", "resnet8_cifar10", "vgg_small_cifar10", "lenet5_mnist", "mobilenet_v1_025_224", "nanodet_m_320", "minilm_l6"]
METRIC = {"nanodet_m_320": "image_level_mAP", "minilm_l6": "spearman"}


def model_file(name, folder):
    """The FP32 model; the one that the zoo does not hold is made."""
    file = ZOO / "models" / f"{name}.onnx"
    if not file.exists():
        subprocess.run([sys.executable, ZOO / "prepare.py", folder], check=True, stdout=subprocess.DEVNULL)
        file = next(Path(folder).rglob(f"{name}.onnx"))
    return file


def compress(name, model, out):
    command = [ROOT / "scripts" / "dwindle", "compress", model, "-o", out, "--int8", "--data", ROOT / "benchmarks" / "zoo" / f"{name}.yaml"]
    command += ["--calibration-samples", str(SAMPLES.get(name, 300)), "--no-measure", "--no-report"]
    environment = dict(os.environ, DWINDLE_OPTS=f"-Ddwindle.zoo={ZOO}")
    subprocess.run([str(c) for c in command], check=True, stdout=subprocess.DEVNULL, env=environment)


def score(name, file):
    """The metric of a file in ONNX Runtime."""
    out = subprocess.run([sys.executable, ZOO / "evaluate.py", name, "--model", file, "--json"], check=True, capture_output=True, text=True)
    return json.loads(out.stdout)[METRIC.get(name, "top1")]


class OpenVino:
    """Runs a file in OpenVINO, FP32 arithmetic outside the quantized parts, in the place of evaluate.py's session."""

    def __init__(self, path, threads):
        core = openvino.Core()
        self.compiled = core.compile_model(str(path), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
        shape = self.compiled.inputs[0].partial_shape
        self.one_by_one = shape.rank.is_static and shape[0].is_static and shape[0].get_length() == 1

    def __call__(self, *arrays):
        if self.one_by_one and len(arrays[0]) > 1:
            rows = [self(*(a[k : k + 1] for a in arrays)) for k in range(len(arrays[0]))]
            return [np.concatenate(outputs) for outputs in zip(*rows)]
        results = self.compiled(list(arrays))
        return [np.array(results[o]) for o in self.compiled.outputs]


def score_openvino(name, file):
    """The metric of a file in OpenVINO: evaluate.py's own tasks over another runtime."""
    spec = importlib.util.spec_from_file_location("evaluate", ZOO / "evaluate.py")
    evaluate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(evaluate)
    task = evaluate.MODELS[name]
    return evaluate.TASKS[task["task"]](OpenVino(file, 0), task, None)[0][METRIC.get(name, "top1")]


def cpu():
    for line in open("/proc/cpuinfo"):
        if line.startswith("flags"):
            return sorted(set(line.split()) & {"avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8"})
    return []


def main():
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in MODELS:
            model = model_file(name, folder)
            out = Path(folder) / f"{name}-int8.onnx"
            compress(name, model, out)
            before, after = score(name, model), score(name, out)
            rows[name] = {
                "calibrationSamples": SAMPLES.get(name, 300), "metric": METRIC.get(name, "top1"), "fp32": before, "int8": after, "int8OpenVino": score_openvino(name, out),
                "bytesFp32": model.stat().st_size, "bytesInt8": out.stat().st_size,
            }
            print(name, json.dumps(rows[name]), flush=True)
    result = {
        "command": "benchmarks/int8-scores", "machine": platform.processor() or platform.machine(), "cpuFlags": cpu(),
        "onnxruntime": onnxruntime.__version__, "openvino": openvino.__version__, "models": rows,
    }
    (ROOT / "benchmarks" / "results" / "int8-scores.json").write_text(json.dumps(result, indent=2) + "\n")


main()

"""Scores of INT8 files that Dwindle writes, by judges that are not Dwindle: see benchmarks/int8-scores."""

import json
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
    environment = dict(__import__("os").environ, DWINDLE_OPTS=f"-Ddwindle.zoo={ZOO}")
    subprocess.run([str(c) for c in command], check=True, stdout=subprocess.DEVNULL, env=environment)


def score(name, file):
    """The metric of a file in ONNX Runtime."""
    out = subprocess.run([sys.executable, ZOO / "evaluate.py", name, "--model", file, "--json"], check=True, capture_output=True, text=True)
    return json.loads(out.stdout)[METRIC.get(name, "top1")]


def inputs(session):
    random = np.random.default_rng(0)
    feeds = {}
    for i in session.get_inputs():
        shape = [d if isinstance(d, int) else 1 for d in i.shape]
        shape = [1 if d < 1 else d for d in shape]
        if i.type == "tensor(int64)":
            feeds[i.name] = np.ones([1, 32], np.int64)
        else:
            feeds[i.name] = random.standard_normal(shape).astype(np.float32)
    return feeds


def difference(file):
    """Relative L2 distance of OpenVINO's outputs to ONNX Runtime's on one random input; proof that both run the file."""
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    feeds = inputs(session)
    expected = session.run(None, feeds)
    compiled = openvino.Core().compile_model(str(file), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    found = list(compiled([feeds[i.any_name] for i in compiled.inputs]).values())
    a, b = (np.concatenate([np.asarray(o, np.float64).ravel() for o in outs]) for outs in (expected, found))
    return float(np.linalg.norm(a - b) / np.linalg.norm(a))


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
                "calibrationSamples": SAMPLES.get(name, 300), "metric": METRIC.get(name, "top1"), "fp32": before, "int8": after,
                "bytesFp32": model.stat().st_size, "bytesInt8": out.stat().st_size, "openvinoRelativeL2ToOnnxruntime": difference(out),
            }
            print(name, json.dumps(rows[name]), flush=True)
    result = {
        "command": "benchmarks/int8-scores", "machine": platform.processor() or platform.machine(), "cpuFlags": cpu(),
        "onnxruntime": onnxruntime.__version__, "openvino": openvino.__version__, "models": rows,
    }
    (ROOT / "benchmarks" / "results" / "int8-scores.json").write_text(json.dumps(result, indent=2) + "\n")


main()

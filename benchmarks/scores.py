"""Judges that are not Dwindle for the files that it writes: ONNX Runtime and OpenVINO over the zoo's own evaluate.py."""

import importlib.util
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import openvino

from processes import cpu

ROOT, ZOO = Path(sys.argv[1]), Path(sys.argv[2])
METRIC = {
    "nanodet_m_320": "image_level_mAP", "minilm_l6": "spearman", "stories260k": "next_token_acc", "silero_vad_16k": "auc",
    "ultraface_rfb320": "recall_vs_fp32",
}


def metric(name):
    return METRIC.get(name, "top1")


def model_file(name, folder):
    """The FP32 model; the one that the zoo does not hold is made, or was by the tests."""
    for place in ZOO / "models", ROOT / "target" / "zoo":
        if (place / f"{name}.onnx").exists():
            return place / f"{name}.onnx"
    subprocess.run([sys.executable, ZOO / "prepare.py", folder], check=True, stdout=subprocess.DEVNULL)
    return next(Path(folder).rglob(f"{name}.onnx"))


def command(model, out, *options):
    """The command line that writes a compressed file without measuring it."""
    words = [ROOT / "scripts" / "dwindle", "compress", model, "-o", out, *options, "--no-measure", "--no-report"]
    return [str(word) for word in words]


def environment():
    """In which that command line finds the zoo."""
    return dict(os.environ, DWINDLE_OPTS=f"-Ddwindle.zoo={ZOO}")


def compress(model, out, *options):
    """Writes a compressed file without measuring it."""
    subprocess.run(command(model, out, *options), check=True, stdout=subprocess.DEVNULL, env=environment())


def evaluator():
    """The zoo's evaluate.py as a module."""
    spec = importlib.util.spec_from_file_location("evaluate", ZOO / "evaluate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def score(name, file, session=None):
    """The metric of a file in ONNX Runtime, or in another session of the same kind."""
    evaluate = evaluator()
    task = evaluate.MODELS[name]
    return evaluate.TASKS[task["task"]]((session or evaluate.Net)(str(file), 0), task, None)[0][metric(name)]


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
    return score(name, file, OpenVino)


def write(result_file, made_by, rows, **more):
    """A result file with the machine, the versions of the judges, and whatever else there is to say."""
    result = {
        "command": made_by, "machine": platform.processor() or platform.machine(), "cores": os.cpu_count(), "cpuFlags": cpu(),
        "onnxruntime": onnxruntime.__version__, "openvino": openvino.__version__, **more, "models": rows,
    }
    (ROOT / "benchmarks" / "results" / result_file).write_text(json.dumps(result, indent=2) + "\n")

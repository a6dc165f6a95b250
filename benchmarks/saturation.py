"""INT8 on a device that saturates, with and without the remedy: see benchmarks/saturation."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

from scores import ROOT, environment, metric, model_file, score, score_openvino, write

SAMPLES = {"mobilenet_v1_025_224": 200, "nanodet_m_320": 100}
MODELS = ["lenet5_mnist", "resnet8_cifar10", "resnet20_cifar10", "vgg_small_cifar10", "mobilenet_v1_025_224", "nanodet_m_320", "minilm_l6"]


def exact():
    """The environment in which the device does not saturate: the machine must have wider instructions."""
    return {key: value for key, value in environment().items() if key != "ONEDNN_MAX_CPU_ISA"}


def dwindle(words, env, codes=(0, 1)):
    done = subprocess.run([str(word) for word in [ROOT / "scripts" / "dwindle", *words]], env=env, stdout=subprocess.DEVNULL)
    if done.returncode not in codes:
        raise SystemExit(f"exit code {done.returncode}: {words}")


def agreement(report):
    """How far the device is from the plain meaning and from the emulation, and what is predicted for the deciding metric."""
    found = report["agreement"]
    emulated = found["emulated"]
    predicted = emulated["accuracy"][0]["difference"] if emulated["accuracy"] else None
    return {
        "distanceFromPlainMeaning": found["error"], "distanceFromEmulation": emulated["error"], "saturationAlone": emulated["effect"],
        "rightOnDevice": [gate["outcome"] for gate in report["gates"] if gate["name"] == "right-on-device"][0],
        "predictedChange": predicted, "predictedOnSamples": emulated["samples"], "measuredChange": report["accuracy"][0]["difference"],
        "measuredOnSamples": report["accuracy"][0]["samples"],
    }


def row(name, folder):
    model, told = model_file(name, folder), Path(folder) / f"{name}.json"
    full, suited = Path(folder) / f"{name}-full.onnx", Path(folder) / f"{name}-suited.onnx"
    data = ["--data", ROOT / "benchmarks" / "zoo" / f"{name}.yaml"]
    common = ["--device", "openvino:CPU", *data]
    job = ["compress", model, "--int8", "--even-if-slower", "--calibration-samples", SAMPLES.get(name, 300), *common]
    dwindle([*job, "-o", full, "--no-measure", "--no-report"], exact())
    dwindle(["validate", model, full, *common, "--report", told], environment())
    before = agreement(json.loads(told.read_text()))
    dwindle([*job, "-o", suited, "--report", told], environment())
    result = json.loads(told.read_text())
    chosen = next(decision for decision in result["decisions"] if decision["rule"] == "saturation")
    return {
        "metric": metric(name), "arithmetic": result["agreement"]["emulated"]["arithmetic"],
        "fp32": score_openvino(name, model), "fullRangeWithExactSums": score(name, full), "fullRangeSaturating": score_openvino(name, full),
        "suitedSaturating": score_openvino(name, suited), "suitedWithExactSums": score(name, suited),
        "layersWith7Bits": len(chosen["layers"]), "chosen": chosen["choice"], "fullRange": before, "suited": agreement(result),
    }


def main():
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in os.environ.get("MODELS", "").split() or MODELS:
            rows[name] = row(name, folder)
            print(name, {key: rows[name][key] for key in ("fp32", "fullRangeWithExactSums", "fullRangeSaturating", "suitedSaturating", "chosen")}, flush=True)
    write("saturation.json", "benchmarks/saturation", rows, isa=os.environ["ONEDNN_MAX_CPU_ISA"])


if __name__ == "__main__":
    main()

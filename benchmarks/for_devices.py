"""INT8 in one file for several devices, accepted only by what was measured on each of them: see benchmarks/for-devices."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

from processes import run
from scores import ROOT, environment, metric, model_file, score, score_openvino, write

DEVICES = os.environ["DWINDLE_DEVICES"]
MODELS = {"resnet20_cifar10": 300, "mobilenet_v1_025_224": 200}


def told(device):
    """What a report says of a device."""
    accuracy, latency = device["accuracy"][0], device["latency"]
    return {
        "verdict": device["verdict"], "gates": {gate["name"]: [gate["outcome"], gate["found"]] for gate in device["gates"]},
        "original": accuracy["original"], "compressed": accuracy["compressed"], "difference": accuracy["difference"],
        "timeOverOriginal": [round(1 / latency["speedup"][key], 3) for key in ("value", "high", "low")],
        "medianMs": [latency[which]["median"]["value"] for which in ("original", "compressed")], "warnings": latency["warnings"],
    }


def row(name, samples, folder):
    model, out, report = model_file(name, folder), Path(folder) / f"{name}-small.onnx", Path(folder) / f"{name}.json"
    line = [ROOT / "scripts" / "dwindle", "compress", model, "-o", out, "--int8", "--for-devices", DEVICES, "--threads", "1", "--max-drop", "1pt",
            "--data", ROOT / "benchmarks" / "zoo" / f"{name}.yaml", "--calibration-samples", samples, "--report", report]
    seconds, peak = run(line, environment(), codes=(0, 1))
    result = json.loads(report.read_text())
    return {
        "verdict": result["verdict"], "devices": {device["device"]: told(device) for device in result["devices"]},
        "bytesOriginal": result["original"]["bytes"], "bytes": result["compressed"]["bytes"],
        "metric": result["accuracy"][0]["metric"], "samplesReported": result["accuracy"][0]["samples"],
        "score": {"which": metric(name), "fp32": score(name, model), "onnxruntime": score(name, out), "openvino": score_openvino(name, out)},
        "decisions": [[d["rule"], d["choice"], d["reason"]] for d in result["decisions"]], "seconds": round(seconds, 1), "peakBytes": peak,
    }


def main():
    subprocess.run([str(ROOT / "scripts" / "dwindle"), "devices"], check=True, stdout=subprocess.DEVNULL)
    load, rows = os.getloadavg(), {}
    with tempfile.TemporaryDirectory() as folder:
        for name, samples in MODELS.items():
            rows[name] = row(name, samples, folder)
            print(name, rows[name]["verdict"], flush=True)
    write("for-devices.json", "benchmarks/for-devices " + DEVICES, rows, devices=DEVICES, threads=1, maxDrop="1pt",
          loadBefore=[round(x, 2) for x in load])


if __name__ == "__main__":
    main()

"""INT8 for a device, accepted only by what was measured on it: see benchmarks/on-target."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

from processes import run
from scores import ROOT, environment, metric, model_file, score, write

DEVICE = os.environ["DWINDLE_DEVICE"]
SAMPLES = {"mobilenet_v1_025_224": 200, "nanodet_m_320": 100}
MODELS = ["resnet20_cifar10", "resnet8_cifar10", "vgg_small_cifar10", "mobilenet_v1_025_224", "nanodet_m_320", "minilm_l6"]


def row(name, folder):
    model, out, told = model_file(name, folder), Path(folder) / f"{name}-small.onnx", Path(folder) / f"{name}.json"
    line = [ROOT / "scripts" / "dwindle", "compress", model, "-o", out, "--int8", "--device", DEVICE, "--threads", "1", "--max-drop", "1pt",
            "--data", ROOT / "benchmarks" / "zoo" / f"{name}.yaml", "--calibration-samples", SAMPLES.get(name, 300), "--report", told]
    seconds, peak = run([str(word) for word in line], environment(), codes=(0, 1))
    result = json.loads(told.read_text())
    accuracy, speedup = result["accuracy"][0], result["latency"]["speedup"]
    return {
        "verdict": result["verdict"], "gates": {gate["name"]: [gate["outcome"], gate["found"]] for gate in result["gates"]},
        "bytesOriginal": result["original"]["bytes"], "bytes": result["compressed"]["bytes"],
        "metric": accuracy["metric"], "samplesReported": accuracy["samples"], "difference": accuracy["difference"],
        "timeOverOriginal": [round(1 / speedup[key], 3) for key in ("value", "high", "low")],
        "medianMs": [result["latency"][which]["median"]["value"] for which in ("original", "compressed")],
        "scoreInOnnxRuntime": {metric(name): score(name, out), "fp32": score(name, model)},
        "decisions": [[d["rule"], d["choice"], d["reason"]] for d in result["decisions"]], "seconds": round(seconds, 1), "peakBytes": peak,
    }


def main():
    subprocess.run([str(ROOT / "scripts" / "dwindle"), "devices"], check=True, stdout=subprocess.DEVNULL)
    load, rows = os.getloadavg(), {}
    with tempfile.TemporaryDirectory() as folder:
        for name in MODELS:
            rows[name] = row(name, folder)
            print(name, rows[name]["verdict"], rows[name]["timeOverOriginal"], flush=True)
    file = "on-target-" + DEVICE.lower().replace(":", "-") + ".json"
    write(file, "benchmarks/on-target " + DEVICE, rows, device=DEVICE, threads=1, maxDrop="1pt", loadBefore=[round(x, 2) for x in load])


if __name__ == "__main__":
    main()

"""INT8 by Dwindle, NNCF and ONNX Runtime's quantizer, side by side: see benchmarks/int8-peers."""

import json
import math
import os
import statistics
import tempfile
from pathlib import Path

from processes import run
from scores import ROOT, ZOO, command, environment, metric, model_file, score, score_openvino, write

ROUNDS = 3
SAMPLES = {"mobilenet_v1_025_224": 200, "nanodet_m_320": 100}
MODELS = ["resnet20_cifar10", "resnet8_cifar10", "vgg_small_cifar10", "lenet5_mnist", "mobilenet_v1_025_224", "nanodet_m_320", "minilm_l6"]
PEERS = {"nncf": "quantize_nncf.py", "onnxruntime": "quantize_onnxruntime.py"}
PYTHON = ROOT / ".venv" / "peers" / "bin" / "python"


def processes(name, model, folder):
    """Each tool's command line and the file that it writes."""
    count = SAMPLES.get(name, 300)
    outs = {tool: Path(folder) / f"{name}-{tool}.onnx" for tool in ["dwindle", *PEERS]}
    data = ROOT / "benchmarks" / "zoo" / f"{name}.yaml"
    lines = {"dwindle": command(model, outs["dwindle"], "--int8", "--data", data, "--calibration-samples", count)}
    for tool, script in PEERS.items():
        lines[tool] = [PYTHON, ROOT / "benchmarks" / "peers" / script, ZOO, name, model, count, outs[tool]]
    return lines, outs


def race(lines):
    """All tools in turn, after a round that fills the caches of the disk."""
    runs = {tool: [] for tool in lines}
    for turn in range(ROUNDS + 1):
        for tool, line in lines.items():
            result = run(line, environment())
            if turn > 0:
                runs[tool].append(result)
    return runs


def figures(runs):
    """Of one tool: each run's seconds, their median, and the largest peak."""
    seconds = [round(r[0], 3) for r in runs]
    return {"seconds": seconds, "medianSeconds": statistics.median(seconds), "peakBytes": max(r[1] for r in runs)}


def ratio(runs, peer):
    """Our time over a peer's, the median over rounds."""
    return statistics.median(ours[0] / theirs[0] for ours, theirs in zip(runs["dwindle"], runs[peer]))


def row(name, folder):
    model = model_file(name, folder)
    lines, outs = processes(name, model, folder)
    runs = race(lines)
    tools = {
        tool: {"score": score(name, outs[tool]), "bytes": outs[tool].stat().st_size, **figures(runs[tool])}
        for tool in lines
    }
    return {
        "calibrationSamples": SAMPLES.get(name, 300), "metric": metric(name), "fp32": score(name, model), "bytesFp32": model.stat().st_size,
        "dwindleInOpenVino": score_openvino(name, outs["dwindle"]), **tools,
        "timeRatio": {peer: round(ratio(runs, peer), 3) for peer in PEERS},
    }


def main():
    rows = {}
    load = os.getloadavg()
    with tempfile.TemporaryDirectory() as folder:
        for name in MODELS:
            rows[name] = row(name, folder)
            print(name, json.dumps(rows[name]), flush=True)
    means = {peer: round(math.exp(statistics.fmean(math.log(r["timeRatio"][peer]) for r in rows.values())), 3) for peer in PEERS}
    print("our time over theirs, geometric means:", means)
    write("int8-peers.json", "benchmarks/int8-peers", rows, nncf="3.4.0", rounds=ROUNDS, loadBefore=[round(x, 2) for x in load], geometricMeanTimeRatio=means)


if __name__ == "__main__":
    main()

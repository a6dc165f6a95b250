"""INT8 by Dwindle, NNCF and ONNX Runtime's quantizer, side by side: see benchmarks/int8-peers."""

import json
import math
import os
import statistics
import tempfile
from pathlib import Path

from int8_scores import MODELS, SAMPLES
from processes import run
from scores import ROOT, ZOO, command, environment, metric, model_file, score, write

ROUNDS = 5
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


def ratio(runs, peer):
    """Our time over a peer's, the median over rounds."""
    return statistics.median(ours[0] / theirs[0] for ours, theirs in zip(runs["dwindle"], runs[peer]))


def row(name, folder):
    model = model_file(name, folder)
    lines, outs = processes(name, model, folder)
    runs = race(lines)
    tools = {
        tool: {
            "score": score(name, outs[tool]), "bytes": outs[tool].stat().st_size,
            "seconds": [round(r[0], 3) for r in runs[tool]], "medianSeconds": round(statistics.median(r[0] for r in runs[tool]), 3),
            "peakBytes": max(r[1] for r in runs[tool]),
        }
        for tool in lines
    }
    return {
        "calibrationSamples": SAMPLES.get(name, 300), "metric": metric(name), "fp32": score(name, model), **tools,
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


main()

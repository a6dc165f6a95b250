"""Accuracy control by Dwindle and NNCF, and a search that is killed: see benchmarks/accuracy-control."""

import csv
import hashlib
import json
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from PIL import Image

from processes import run
from scores import ROOT, ZOO, environment, write

NAME, COUNT, ROUNDS = "mobilenet_v1_025_224", 200, 3
MODEL = ZOO / "models" / f"{NAME}.onnx"
DATA = ROOT / "benchmarks" / "zoo" / f"{NAME}.yaml"
PYTHON = ROOT / ".venv" / "peers" / "bin" / "python"


def dwindle(out, data, *options):
    line = [ROOT / "scripts" / "dwindle", "compress", MODEL, "-o", out, *options, "--data", data, "--calibration-samples", COUNT, "--runs", 10,
            "--seconds", 1]
    return [str(word) for word in line]


def even_images(folder):
    """A description of the data that knows the even evaluation images alone, as NNCF is given them."""
    whole = DATA.read_text()
    even = Path(folder) / "even.yaml"
    even.write_text(whole.replace("evaluation:\n", "evaluation:\n  take: even\n"))
    assert even.read_text() != whole
    return even


def odd_images():
    with open(ZOO / "data" / "imagenet_sample.csv", encoding="utf-8") as table:
        rows = [row for row in csv.DictReader(table) if row["split"] == "eval"][1::2]
    for row in rows:
        pixels = np.asarray(Image.open(ZOO / "data" / "imagenet_sample" / row["file"]).convert("RGB"), np.float32)[16:240, 16:240]
        yield pixels.transpose(2, 0, 1)[None] / np.float32(127.5) - np.float32(1), int(row["label"])


def top1(file):
    """On the odd images, in ONNX Runtime."""
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    hits = [session.run(None, {"input": image})[0].argmax() == label for image, label in odd_images()]
    return round(100 * float(np.mean(hits)), 2)


def in_float(file):
    """Convolutions and products whose weights are FLOAT."""
    graph = onnx.load(str(file)).graph
    makers = {output: node.op_type for node in graph.node for output in node.output}
    return sum(node.op_type in ("Conv", "Gemm", "MatMul") and makers.get(node.input[1]) != "DequantizeLinear" for node in graph.node)


def race(folder):
    outs = {tool: Path(folder) / f"{tool}.onnx" for tool in ("dwindle", "nncf")}
    lines = {
        "dwindle": dwindle(outs["dwindle"], even_images(folder), "--int8", "--max-drop", "0.3pt", "--no-report"),
        "nncf": [PYTHON, ROOT / "benchmarks" / "peers" / "accuracy_nncf.py", ZOO, MODEL, COUNT, 0.003, outs["nncf"]],
    }
    runs = {tool: [] for tool in lines}
    for _ in range(ROUNDS):
        for tool, line in lines.items():
            runs[tool].append(run(line, environment(), codes=(0, 1)))
    rows = {
        tool: {"layersInFloat": in_float(outs[tool]), "top1OnOddImages": top1(outs[tool]), "bytes": outs[tool].stat().st_size,
               "seconds": [round(seconds, 1) for seconds, _ in runs[tool]], "peakBytes": max(peak for _, peak in runs[tool])} for tool in lines
    }
    ratio = statistics.median(ours[0] / theirs[0] for ours, theirs in zip(runs["dwindle"], runs["nncf"]))
    return {"fp32Top1OnOddImages": top1(MODEL), **rows, "timeRatio": round(ratio, 3)}


def digest(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def killed(folder):
    """A search in weights of 5 bits, which must leave layers alone: whole, and killed with SIGKILL in the middle."""
    recipe = Path(folder) / "five.yaml"
    recipe.write_text("passes: [fold, {quantize: {weight_bits: 5}}]\n")
    options = ["--recipe", recipe, "--max-drop", "1pt", "--no-report"]
    whole, resumed = Path(folder) / "whole.onnx", Path(folder) / "resumed.onnx"
    seconds, _ = run(dwindle(whole, DATA, *options), environment(), codes=(0, 1))
    process = subprocess.Popen(dwindle(resumed, DATA, *options), env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(seconds / 2)
    process.kill()
    process.wait()
    journal = Path(str(resumed) + ".journal")
    lines = len(journal.read_text().splitlines()) if journal.exists() else 0
    rest, _ = run(dwindle(resumed, DATA, *options), environment(), codes=(0, 1))
    return {"secondsWhole": round(seconds, 1), "measurementsKept": lines - 1, "secondsAfterTheKill": round(rest, 1),
            "layersInFloat": in_float(whole), "sameBytes": digest(whole) == digest(resumed)}


def main():
    subprocess.run([str(ROOT / "scripts" / "dwindle"), "devices"], check=True, stdout=subprocess.DEVNULL)
    load = [round(x, 2) for x in os.getloadavg()]
    with tempfile.TemporaryDirectory() as folder:
        rows = {NAME: race(folder), "killed": killed(folder)}
    print(json.dumps(rows, indent=1))
    write("accuracy-control.json", "benchmarks/accuracy-control", rows, nncf="3.4.0", rounds=ROUNDS, maxDrop="0.3pt", device="cpu", loadBefore=load)


if __name__ == "__main__":
    main()

"""See benchmarks/training-memory."""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

import processes

JAVA, CLASSES, ZOO = sys.argv[1], sys.argv[2], Path(sys.argv[3])
BATCH = {"resnet20_cifar10": 64, "mobilenet_v1_025_224": 32}
SHARES = (1, 0.8, 0.7, 0.6, 0.5, 0.4, 0.35)
ROUNDS = 2
SECONDS = "6"


def step(model, *megabytes):
    """Images a second and megabytes, or nothing where it does not get so small."""
    line = [JAVA, "--add-modules", "jdk.incubator.vector", "-XX:+UseSerialGC", "-Xmx4g", "-cp", CLASSES, "dev.dwindle.train.TrainingBenchmark",
            "speed", ZOO / "models" / f"{model}.onnx", BATCH[model], 1, SECONDS, *megabytes]
    done = subprocess.run([str(word) for word in line], capture_output=True, text=True)
    if done.returncode and "take a smaller batch" in done.stderr:
        return None
    if done.returncode:
        raise SystemExit(done.stderr)
    return [float(word) for word in done.stdout.split()]


def rows(model):
    whole = step(model)[1]
    found = {}
    for turn in range(ROUNDS):
        reference = step(model)
        for share in SHARES:
            got = step(model, round(share * whole, 1)) if share < 1 else reference
            if got:
                found.setdefault(share, []).append((got[1], got[0], reference[0] / got[0]))
    told = []
    for share, runs in found.items():
        times = [time for _, _, time in runs]
        told.append({"limitMegabytes": round(share * whole, 1), "megabytes": runs[0][0], "imagesPerSecond": [speed for _, speed, _ in runs],
                     "timeBesideAllKept": {"median": round(statistics.median(times), 2), "low": round(min(times), 2), "high": round(max(times), 2)}})
        print(model, told[-1], flush=True)
    return {"batch": BATCH[model], "rows": told, "tooSmall": [round(s * whole, 1) for s in SHARES if s not in found]}


def main():
    load = os.getloadavg()[0]
    result = {
        "what": "images a second of a training step (forward, backward, AdamW) on random images, one thread, processes in turn, and the bytes of its values",
        "timeBesideAllKept": "time of a step beside that of the same round with all activations kept: median, least and greatest",
        "tooSmall": "limits in MB that the step does not get down to",
        "machine": {"cores": os.cpu_count(), "instructions": processes.cpu(), "load_before": round(load, 2)},
        "nets": {model: rows(model) for model in BATCH},
    }
    Path("benchmarks/results/training-memory.json").write_text(json.dumps(result, indent=2) + "\n")


main()

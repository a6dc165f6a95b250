"""See benchmarks/training."""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

import processes

JAVA, CLASSES, ZOO, SECONDS = sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4]
NETS = {"lenet5": "lenet5_mnist", "resnet8": "resnet8_cifar10"}
ROUNDS = 3
BATCH = "64"


def told(command):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout.strip()


def ours(*words):
    return told([JAVA, "--add-modules", "jdk.incubator.vector", "-XX:+UseSerialGC", "-Xmx4g", "-cp", CLASSES,
                 "dev.dwindle.train.TrainingBenchmark", *words])


def speeds():
    found = {net: {"dwindle": [], "pytorch": []} for net in NETS}
    version = ""
    for _ in range(ROUNDS):
        for net, model in NETS.items():
            found[net]["dwindle"].append(float(ours("speed", ZOO / "models" / f"{model}.onnx", BATCH, "1", SECONDS).split()[0]))
            speed, version = told([sys.executable, "benchmarks/peers/train_torch.py", net, BATCH, "1", SECONDS]).split()
            found[net]["pytorch"].append(float(speed))
    for net, each in found.items():
        ratios = [a / b for a, b in zip(each["dwindle"], each["pytorch"])]
        each["ratio"] = {"median": round(statistics.median(ratios), 2), "low": round(min(ratios), 2), "high": round(max(ratios), 2)}
        print(net, each["ratio"])
    return found, version


def main():
    load = os.getloadavg()[0]
    found, version = speeds()
    lenet = [json.loads(ours("lenet", ZOO, "2", seed)) for seed in (1, 2, 3)]
    print(lenet)
    result = {
        "what": "images a second of a training step (forward, backward, AdamW), batch 64, one thread, processes in turn; LeNet-5 on MNIST from random weights, two threads",
        "ratio": "dwindle / pytorch of neighbouring runs: median, least and greatest",
        "machine": {"cores": os.cpu_count(), "instructions": processes.cpu(), "load_before": round(load, 2), "pytorch": version},
        "speed": found,
        "lenet5_mnist": lenet,
    }
    Path("benchmarks/results/training.json").write_text(json.dumps(result, indent=2) + "\n")


main()

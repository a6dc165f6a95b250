"""Unstructured pruning and what it gains on cpu: see benchmarks/unstructured."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import onnx

import scores
from scores import ROOT

MODELS = {"resnet20_cifar10": [(0.7, 0.8), (0.7, 0.8, 0.9)], "vgg_small_cifar10": [(0.8, 0.9)]}
RESULT = "unstructured.json"
TRAINING = "rate: 0.001, labels: 0.1, temperature: 4"
# Rounds of pruning in each layer alike and of training, the last the longest.
LAST = 8
VECTORS = {"as the machine has": "", "256 bits, 16 registers": "-XX:UseAVX=2"}


def recipe(sparsities):
    steps = ["fold"]
    for i, sparsity in enumerate(sparsities):
        epochs = LAST if i == len(sparsities) - 1 else 3
        steps += [f"{{prune: {{sparsity: {sparsity}, scope: layer}}}}", f"{{finetune: {{epochs: {epochs}, variants: {epochs}, {TRAINING}}}}}"]
    return f"seed: 1\npasses: [{', '.join([*steps, 'sparse'])}]\n"


def speed(model, out, options):
    told = subprocess.run([str(word) for word in (ROOT / "scripts" / "dwindle", "bench", model, out, "--device", "cpu", "--threads", 1, "--json")], check=True, capture_output=True, text=True,
                          env={**os.environ, "DWINDLE_OPTS": options}).stdout
    return {key: round(value, 3) for key, value in json.loads(told)["models"][1]["versus"]["speedup"].items()}


def row(name, model, sparsities, folder):
    out, file = folder / "out.onnx", folder / "recipe.yaml"
    file.write_text(recipe(sparsities))
    begun = time.time()
    subprocess.run([str(word) for word in (*scores.command(model, out), "--recipe", file, "--threads", 1, "--data", ROOT / "benchmarks" / "zoo" / f"{name}.yaml")],
                   check=True, stdout=subprocess.DEVNULL, env=scores.environment())
    # The shape inference of onnx.checker takes a sparse initializer for a value of a type of its own, which no Conv reads; the specification and ONNX Runtime do not.
    onnx.checker.check_model(str(out))
    return {"recipe": file.read_text(), "sparsity": sparsities[-1], "score": round(float(scores.score(name, out)), 4), "bytes": out.stat().st_size,
            "seconds": round(time.time() - begun), "speedup": {vectors: speed(model, out, options) for vectors, options in VECTORS.items()}}


def main():
    subprocess.run([str(ROOT / "scripts" / "dwindle"), "devices"], check=True, stdout=subprocess.DEVNULL)
    load = [round(x, 2) for x in os.getloadavg()]
    wanted = [(name, plan) for name, plans in MODELS.items() for plan in plans if not sys.argv[3:] or {name, f"{name}@{plan[-1]}"} & set(sys.argv[3:])]
    file = ROOT / "benchmarks" / "results" / RESULT
    rows = json.loads(file.read_text())["models"] if sys.argv[3:] and file.exists() else {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, plan in wanted:
            model = scores.model_file(name, folder)
            runs = [run for run in rows.get(name, {}).get("runs", []) if run["sparsity"] != plan[-1]] + [row(name, model, plan, folder)]
            rows[name] = {"metric": scores.metric(name), "original": {"score": round(float(scores.score(name, model)), 4), "bytes": model.stat().st_size},
                          "runs": sorted(runs, key=lambda run: run["sparsity"])}
            scores.write(RESULT, "benchmarks/unstructured", {each: rows[each] for each in MODELS if each in rows}, loadBefore=load, threads=1)
            print(name, json.dumps(runs[-1]), flush=True)


if __name__ == "__main__":
    main()

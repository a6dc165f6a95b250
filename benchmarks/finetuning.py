"""Quantization-aware training at W4A4: see benchmarks/finetuning."""

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

import scores
import students
from scores import ROOT, ZOO

NAME, IMAGES, SEEDS = "resnet20_cifar10", 3000, (1, 2, 3)
RATES, TRIAL_EPOCHS, EPOCHS = (1e-4, 3e-4, 1e-3), 2, 5


def compress(folder, label, ranges, finetune=None, seed=0, rounding="nearest", samples=300):
    """Writes a file on one thread; returns it, the seconds, and the figures of the last pass."""
    out, recipe = folder / f"{label}.onnx", folder / f"{label}.yaml"
    quantize = f"{{weight_bits: 4, weights: per_channel, activations: uint4, calibration: {ranges}, rounding: {rounding}}}"
    steps = ["fold", f"{{quantize: {quantize}}}", *([f"{{finetune: {finetune}}}"] if finetune else [])]
    recipe.write_text(f"seed: {seed}\npasses: [{', '.join(steps)}]\n")
    line = [ROOT / "scripts" / "dwindle", "compress", ZOO / "models" / f"{NAME}.onnx", "-o", out, "--recipe", recipe, "--target", "onnxruntime", "--threads", 1,
            "--data", ROOT / "benchmarks" / "zoo" / f"{NAME}.yaml", "--calibration-samples", samples, "--no-measure", "--report", f"{out}.json"]
    begun = time.time()
    subprocess.run([str(word) for word in line], check=True, stdout=subprocess.DEVNULL, env=scores.environment())
    done = json.loads(Path(f"{out}.json").read_text())["passes"][-1]
    print(label, done["summary"], done["figures"].get("held out"), round(time.time() - begun), "s", flush=True)
    return out, round(time.time() - begun), done["figures"]


def top1(file):
    return round(100 * float(scores.score(NAME, file)), 2)


def main():
    load = [round(x, 2) for x in os.getloadavg()]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        before = {ranges: top1(compress(folder, ranges, ranges)[0]) for ranges in ("minmax", "mse")}
        trials = {}
        for rate in RATES:
            figures = compress(folder, f"rate-{rate}", "mse", f"{{epochs: {TRIAL_EPOCHS}, rate: {rate}}}")[2]
            trials[rate] = float(figures["held out"].split()[1])
        rate = max(trials, key=trials.get)
        runs = [compress(folder, f"trained-{seed}", "mse", f"{{epochs: {EPOCHS}, rate: {rate}}}", seed) for seed in SEEDS]
        after = [top1(run[0]) for run in runs]
        learned = [compress(folder, f"learned-{seed}", "mse", None, seed, "blocks", 1000) for seed in SEEDS]
        both = [compress(folder, f"learned-trained-{seed}", "mse", f"{{epochs: {EPOCHS}, rate: {rate}}}", seed, "blocks", 1000) for seed in SEEDS]
        without, beyond = ([top1(run[0]) for run in arm] for arm in (learned, both))
        fp32 = top1(ZOO / "models" / f"{NAME}.onnx")
        best = max(before.values())
        rows = {NAME: {
            "fp32": fp32, "postTraining": before, "heldOutTop1ByRate": trials, "rate": rate, "trained": students.interval(after),
            "intervalOfTheFirstOverImages": students.wilson(after[0], IMAGES),
            "shareOfTheLossRecovered": students.interval([(a - best) / (fp32 - best) for a in after]), "seconds": [run[1] for run in runs],
            "learnedRounding": students.interval(without), "learnedRoundingSeconds": [run[1] for run in learned],
            "trainedAfterLearnedRounding": students.interval(beyond), "trainedAfterLearnedRoundingSeconds": [run[1] for run in both],
            "bytes": [run[0].stat().st_size for run in runs],
        }}
    print(json.dumps(rows, indent=1))
    scores.write("finetuning.json", "benchmarks/finetuning", rows, seeds=SEEDS, threads=1, epochs=EPOCHS, loadBefore=load,
                 intervals="over seeds: Student's t of three; over images: Wilson; all at 95 %")


if __name__ == "__main__":
    main()

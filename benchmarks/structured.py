"""Structured pruning on the target: see benchmarks/structured."""

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

RESULT = "structured.json"
DEVICES = ("cpu", "openvino:CPU")
# Where the ends of its stages look is learned besides what the teacher says: it tells more of each image.
LEARN = "rate: 0.001, labels: 0, temperature: 4, attention: 20"
# Whole blocks first, which are dear on this device and which training makes up for; then channels, for what is still missing.
TWICE = ["{narrow: {budget: 0.82, blocks: only, samples: 256}}", f"{{finetune: {{epochs: 12, variants: 12, {LEARN}}}}}",
         "{narrow: {budget: 0.955, samples: 256}}", f"{{finetune: {{epochs: 30, variants: 30, {LEARN}}}}}"]
ONCE = ["{narrow: {budget: 0.74}}", "{finetune: {epochs: 10, rate: 0.0007, variants: 10, labels: 0.1, temperature: 4}}"]
# name: (passes by device, calibration samples)
PLANS = {
    "resnet20_cifar10": ({"cpu": ONCE, "openvino:CPU": TWICE}, 500),
    "mobilenet_v1_025_224": ({"cpu": ONCE[:1], "openvino:CPU": ONCE[:1]}, 200),
}
# For one thread, on which latency scatters least; the speed on all cores is measured besides.
THREADS = 1


def recipe(passes):
    return f"seed: 1\npasses: [{', '.join(['fold', *passes])}]\n"


def data(name, folder):
    """The description of a model's data; what is trained on are mixtures of two images, of which there is no end."""
    text = (ROOT / "benchmarks" / "zoo" / f"{name}.yaml").read_text()
    file = folder / f"{name}.yaml"
    file.write_text(text.replace("flip: true}", "flip: true, mixup: 1}"))
    return file


def left(rounds):
    """Multiply-adds behind the last round, of those before the first."""
    before = int(rounds[0].split(" of ")[1].split()[0].replace(",", ""))
    after = int(rounds[-1].split()[0].replace(",", ""))
    return f"{after:,} of {before:,} ({100 * after / before:.1f} %)"


def interval(estimate, digits):
    return {key: round(estimate[key], digits) for key in ("value", "low", "high")}


def all_cores(model, out, device):
    """How many times as fast the second model is with a thread for each core."""
    told = subprocess.run([str(word) for word in (ROOT / "scripts" / "dwindle", "bench", model, out, "--device", device, "--json")],
                          check=True, capture_output=True, text=True).stdout
    return interval(json.loads(told)["models"][1]["versus"]["speedup"], 3)


def row(name, model, device, folder):
    passes, samples = PLANS[name]
    out, report, file = folder / "out.onnx", folder / "report.json", folder / "recipe.yaml"
    file.write_text(recipe(passes[device]))
    begun = time.time()
    subprocess.run([str(word) for word in (
        ROOT / "scripts" / "dwindle", "compress", model, "-o", out, "--recipe", file, "--device", device, "--report", report, "--threads", THREADS,
        "--data", data(name, folder), "--calibration-samples", samples)],
        check=True, stdout=subprocess.DEVNULL, env=scores.environment())
    onnx.checker.check_model(str(out), full_check=True)
    told = json.loads(report.read_text())
    narrow = [each for each in told["passes"] if each["pass"] == "narrow"]
    return {"device": device, "recipe": file.read_text(), "threads": THREADS, "speedup": interval(told["latency"]["speedup"], 3),
            "speedupAllCores": all_cores(model, out, device),
            "milliseconds": [round(told["latency"][each]["median"]["value"], 3) for each in ("original", "compressed")],
            "score": round(float(scores.score(name, out)), 4), "bytes": out.stat().st_size,
            "multiplyAdds": left([each["figures"]["multiply-adds"] for each in narrow]), "blocks": [each["figures"].get("blocks") for each in narrow],
            "widths": [each["changed"] for each in narrow],
            "seconds": round(time.time() - begun)}


def main():
    subprocess.run([str(ROOT / "scripts" / "dwindle"), "devices"], check=True, stdout=subprocess.DEVNULL)
    load = [round(x, 2) for x in os.getloadavg()]
    wanted = [(name, device) for name in PLANS for device in DEVICES if not sys.argv[3:] or {name, f"{name}@{device}"} & set(sys.argv[3:])]
    rows = json.loads((ROOT / "benchmarks" / "results" / RESULT).read_text())["models"]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, device in wanted:
            model = scores.model_file(name, folder)
            runs = [run for run in rows.get(name, {}).get("runs", []) if run["device"] != device] + [row(name, model, device, folder)]
            rows[name] = {"metric": scores.metric(name), "original": {"score": round(float(scores.score(name, model)), 4), "bytes": model.stat().st_size},
                          "runs": sorted(runs, key=lambda run: DEVICES.index(run["device"]))}
            scores.write(RESULT, "benchmarks/structured", {each: rows[each] for each in PLANS if each in rows}, loadBefore=load)
            print(name, json.dumps({key: value for key, value in runs[-1].items() if key != "widths"}), flush=True)


if __name__ == "__main__":
    main()

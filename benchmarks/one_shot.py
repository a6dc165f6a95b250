"""One-shot pruning: see benchmarks/one-shot."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

import scores
from processes import run
from scores import ROOT

SAMPLES = {"minilm_l6": 300, "stories260k": 100}


def scored(name, file):
    """What evaluate.py says of a file: all its figures."""
    evaluate = scores.evaluator()
    task = evaluate.MODELS[name]
    figures = evaluate.TASKS[task["task"]](evaluate.Net(str(file), 0), task, None)[0]
    return {key: round(float(value), 4) for key, value in figures.items() if isinstance(value, (int, float))}


def main():
    subprocess.run([str(ROOT / "scripts" / "dwindle"), "devices"], check=True, stdout=subprocess.DEVNULL)
    load = [round(x, 2) for x in os.getloadavg()]
    rows = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, samples in SAMPLES.items():
            model = scores.model_file(name, folder)
            rows[name] = {"calibrationSamples": samples, "original": scored(name, model), "runs": []}
            for pattern in ("1", "2:4"):
                for by in ("magnitude", "wanda", "sparsegpt"):
                    recipe, out = folder / "recipe.yaml", folder / "out.onnx"
                    recipe.write_text(f"passes: [fold, {{prune: {{by: {by}, scope: layer, sparsity: 0.5, pattern: '{pattern}'}}}}]\n")
                    seconds, peak = run(scores.command(model, out, "--recipe", recipe, "--data", ROOT / "benchmarks" / "zoo" / f"{name}.yaml",
                                                       "--calibration-samples", samples), scores.environment())
                    rows[name]["runs"].append({"pattern": pattern, "by": by, **scored(name, out), "seconds": round(seconds, 1), "peakBytes": peak})
                    print(name, json.dumps(rows[name]["runs"][-1]), flush=True)
    scores.write("one-shot.json", "benchmarks/one-shot", rows, loadBefore=load)


if __name__ == "__main__":
    main()

"""Half a transformer: see benchmarks/distillation-tokens."""

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

import scores
import students
from scores import ROOT

NAME, SEEDS, EPOCHS = "minilm_l6", (1, 2, 3), 30
SETTINGS = ("by=blocks", "mask=attention_mask", "pad=true", "freeze=op:Gather")


def main():
    load = [round(x, 2) for x in os.getloadavg()]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        teacher = scores.model_file(NAME, folder)
        runs, rows = [], {}
        for seed in SEEDS:
            out = folder / f"{seed}.onnx"
            line = [ROOT / "scripts" / "dwindle", "distil", teacher, "-o", out, "--data", ROOT / "benchmarks" / "zoo" / f"{NAME}.yaml", "--budget", "50%",
                    "--epochs", EPOCHS, "--batch", 16, "--rate", 8e-4, "--seed", seed, *(word for setting in SETTINGS for word in ("--set", setting)),
                    "--no-measure", "--threads", 1, "--report", f"{out}.json"]
            begun = time.time()
            subprocess.run([str(word) for word in line], check=True, stdout=subprocess.DEVNULL, env=scores.environment())
            seconds = round(time.time() - begun)
            figures = json.loads(Path(f"{out}.json").read_text())["passes"][0]["figures"]
            runs.append({"spearman": round(float(scores.score(NAME, out)), 4), "seconds": seconds, "bytes": out.stat().st_size, "figures": figures})
            print(json.dumps(runs[-1]), flush=True)
            before = round(float(scores.score(NAME, teacher)), 4)
            rows = {NAME: {"teacher": before, "teacherBytes": teacher.stat().st_size, "settings": SETTINGS, "runs": runs}}
            if len(runs) == len(SEEDS):
                rows[NAME]["spearman"] = students.interval([run["spearman"] for run in runs], 4)
                rows[NAME]["lost"] = students.interval([before - run["spearman"] for run in runs], 4)
            scores.write("distillation-tokens.json", "benchmarks/distillation-tokens", rows, seeds=SEEDS, threads=1, epochs=EPOCHS, loadBefore=load,
                         intervals="over seeds: Student's t of three, at 95 %")


if __name__ == "__main__":
    main()

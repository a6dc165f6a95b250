"""Shared weights on disk: see benchmarks/codebooks."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

import scores
from scores import ROOT

NAME = "minilm_l6"
# entries of a codebook, and what has one of its own
PLANS = ((256, "tensor"), (16, "channel"), (16, "tensor"), (8, "tensor"), (4, "tensor"))


def dwindle(*words):
    subprocess.run([str(word) for word in (ROOT / "scripts" / "dwindle", *words)], check=True, stdout=subprocess.DEVNULL, env=scores.environment())


def main():
    dwindle("devices")
    load = [round(x, 2) for x in os.getloadavg()]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        model = scores.model_file(NAME, folder)
        whole = model.stat().st_size
        runs = []
        for entries, per in PLANS:
            recipe, out, packed, back = (folder / name for name in ("recipe.yaml", "out.onnx", "out.dwz", "back.onnx"))
            recipe.write_text(f"passes: [fold, {{share: {{entries: {entries}, per: {per}}}}}]\n")
            scores.compress(model, out, "--recipe", recipe)
            dwindle("pack", out, "-o", packed)
            dwindle("unpack", packed, "-o", back)
            assert back.read_bytes() == out.read_bytes()
            runs.append({"entries": entries, "per": per, "onnxBytes": out.stat().st_size, "onnxRatio": round(whole / out.stat().st_size, 2),
                         "dwzBytes": packed.stat().st_size, "dwzRatio": round(whole / packed.stat().st_size, 2),
                         "onnxruntime": round(float(scores.score(NAME, back)), 4), "openvino": round(float(scores.score_openvino(NAME, back)), 4)})
            print(json.dumps(runs[-1]), flush=True)
        rows = {NAME: {"metric": scores.metric(NAME), "original": {"bytes": whole, "onnxruntime": round(float(scores.score(NAME, model)), 4)}, "runs": runs}}
    scores.write("codebooks.json", "benchmarks/codebooks", rows, loadBefore=load)


if __name__ == "__main__":
    main()

"""Size and scores of the zoo in every number format, by judges that are not Dwindle: see benchmarks/formats."""

import json
import tempfile
from pathlib import Path

from scores import ROOT, ZOO, compress, metric, model_file, score, score_openvino, write

MEASURED = ["fp16", "bf16"]  # layers are judged by their outputs on calibration samples
FORMATS = ["fp16", "bf16", "fp8", "fp8-e5m2", "int8-weights", "int4"]


def judged(judge, name, file):
    """The score, or the runtime's refusal in one line."""
    try:
        return judge(name, file)
    except Exception as error:  # each runtime has kinds of its own
        return "refused: " + str(error).strip().splitlines()[-1][:200]


def row(name, file):
    return {"bytes": file.stat().st_size, "onnxruntime": judged(score, name, file), "openvino": judged(score_openvino, name, file)}


def main():
    rows = {}
    names = sorted(m.stem for m in (ZOO / "models").glob("*.onnx"))
    with tempfile.TemporaryDirectory() as folder:
        for name in dict.fromkeys([*names, "minilm_l6"]):
            model = model_file(name, folder)
            rows[name] = {"metric": metric(name), "fp32": row(name, model)}
            for form in FORMATS:
                out = Path(folder) / f"{name}-{form}.onnx"
                data = ["--data", ROOT / "benchmarks" / "zoo" / f"{name}.yaml"] if form in MEASURED else []
                compress(model, out, f"--{form}", *data)
                rows[name][form] = row(name, out)
                print(name, form, json.dumps(rows[name][form]), flush=True)
    write("formats.json", "benchmarks/formats", rows)


if __name__ == "__main__":
    main()

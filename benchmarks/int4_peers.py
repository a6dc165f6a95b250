"""INT4 weights of the sentence encoder by Dwindle and NNCF, side by side: see benchmarks/int4-peers."""

import tempfile
from pathlib import Path

from formats import row
from int8_peers import PYTHON, figures, race, ratio
from scores import ROOT, command, metric, model_file, write

NAME = "minilm_l6"


def main():
    with tempfile.TemporaryDirectory() as folder:
        model = model_file(NAME, folder)
        outs = {tool: Path(folder) / f"{tool}.onnx" for tool in ["dwindle", "nncf"]}
        lines = {
            "dwindle": command(model, outs["dwindle"], "--int4"),
            "nncf": [PYTHON, ROOT / "benchmarks" / "peers" / "weights_nncf.py", model, outs["nncf"]],
        }
        runs = race(lines)
        tools = {tool: {**row(NAME, outs[tool]), **figures(runs[tool])} for tool in lines}
        result = {NAME: {"metric": metric(NAME), **tools, "timeRatio": {"nncf": round(ratio(runs, "nncf"), 3)}}}
        print(result)
        write("int4-peers.json", "benchmarks/int4-peers", result, nncf="3.4.0")


main()

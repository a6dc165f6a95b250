"""A model compared with itself, again and again: see benchmarks/same-model."""

import json
import os
import statistics
import subprocess
import sys
import time
from math import comb
from pathlib import Path

ROOT, MODEL, COMPARISONS = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
OPTIONS = ["--threads", "1", "--runs", "1000"]
LEVEL, CONFIDENCE = 0.05, 0.99


def compare():
    line = [ROOT / "scripts" / "dwindle", "bench", MODEL, MODEL, *OPTIONS, "--json"]
    return json.loads(subprocess.run(line, check=True, capture_output=True, text=True).stdout)


def most(trials):
    """The largest count that is consistent with the level: more have a probability of at most 1 %."""
    beyond = 1.0
    for count in range(trials + 1):
        beyond -= comb(trials, count) * LEVEL**count * (1 - LEVEL) ** (trials - count)
        if beyond <= 1 - CONFIDENCE:
            return count
    return trials


def warned(results, word):
    return sum(any(word in warning for warning in r["warnings"]) for r in results)


def main():
    load = [round(x, 2) for x in os.getloadavg()]
    compare()  # builds where it has to
    began = time.time()
    results = [compare() for _ in range(COMPARISONS)]
    seconds = time.time() - began
    versus = [r["models"][1]["versus"] for r in results]
    speedups = sorted(v["speedup"]["value"] for v in versus)
    others = [r["use"]["others"]["value"] for r in results]
    quiet = [r for r in results if not any("computing" in w or "the host took" in w for w in r["warnings"])]
    machine = {key: results[0]["machine"][key] for key in ("cpu", "cores", "flags", "memoryBytes", "os", "java")}
    result = {
        "command": "benchmarks/same-model",
        "what": "a model beside itself, each comparison a process of its own; called different where p <= 0.05, as the interval leaves out 1",
        "model": MODEL.stem,
        "options": " ".join(OPTIONS),
        "machine": machine,
        "loadBefore": load,
        "othersCores": {"median": round(statistics.median(others), 2), "most": round(max(others), 2)},
        "seconds": round(seconds, 1),
        "comparisons": COMPARISONS,
        "calledDifferent": sum(v["verdict"] != "not told apart" for v in versus),
        "mostConsistent": most(COMPARISONS),
        "intervalsThatHoldOne": sum(v["speedup"]["low"] <= 1 <= v["speedup"]["high"] for v in versus),
        "pBelowHalf": sum(v["pValue"] < 0.5 for v in versus),
        "speedup": {"least": round(speedups[0], 4), "median": round(statistics.median(speedups), 4), "most": round(speedups[-1], 4)},
        "intervalWidthMedian": round(statistics.median(v["speedup"]["high"] - v["speedup"]["low"] for v in versus), 4),
        "warnings": {"drift": warned(results, "drifted"), "others": warned(results, "computing"), "notSteady": warned(results, "not steady")},
        "quiet": {"comparisons": len(quiet), "drift": warned(quiet, "drifted")},
        "pValues": [round(v["pValue"], 4) for v in versus],
    }
    if COMPARISONS >= 100:
        text = json.dumps(result, indent=2)
        (ROOT / "benchmarks" / "results" / "same-model.json").write_text(text + "\n")
    print(json.dumps({key: value for key, value in result.items() if key != "pValues"}, indent=2))


main()

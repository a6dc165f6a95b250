"""Time and peak memory of `dwindle inspect`: see benchmarks/inspect."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from processes import cpu, run

ROOT, ZOO = Path(sys.argv[1]), Path(sys.argv[2])
RUNS = 7
LAYERS, WIDTH = 64, 4096  # 64 weights of 64 MiB


def varint(value):
    low = bytes([value & 0x7F | (0x80 if value > 0x7F else 0)])
    return low if value <= 0x7F else low + varint(value >> 7)


def field(number, value):
    """A field of a protobuf message: a number, a text or a message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    content = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(content)) + content


def declaration(name, rows, columns):
    shape = b"".join(field(1, field(1, size)) for size in (rows, columns))
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, shape)))


def weight(layer):
    """An external FP32 tensor [WIDTH, WIDTH]."""
    size = 4 * WIDTH * WIDTH
    place = {"location": "weights.bin", "offset": str(layer * size), "length": str(size)}
    entries = b"".join(field(13, field(1, key) + field(2, text)) for key, text in place.items())
    return field(1, WIDTH) + field(1, WIDTH) + field(2, 1) + field(8, f"w{layer}") + entries + field(14, 1)


def large_model(folder):
    """A chain of MatMul, its 4 GiB of weights a file of zeros that takes no space."""
    with open(folder / "weights.bin", "wb") as data:
        data.truncate(LAYERS * 4 * WIDTH * WIDTH)
    nodes = [field(1, f"x{k}") + field(1, f"w{k}") + field(2, f"x{k + 1}") + field(4, "MatMul") for k in range(LAYERS)]
    graph = b"".join(field(1, node) for node in nodes) + field(2, "chain")
    graph += b"".join(field(5, weight(k)) for k in range(LAYERS))
    graph += field(11, declaration("x0", 1, WIDTH)) + field(12, declaration(f"x{LAYERS}", 1, WIDTH))
    model = folder / "large.onnx"
    model.write_bytes(field(1, 8) + field(7, graph) + field(8, field(2, 17)))
    return model


def small_model(folder):
    """minilm_l6: the zoo does not hold it, but the tests may have made it."""
    made = ROOT / "target" / "zoo" / "minilm_l6.onnx"
    if made.exists():
        return made
    if not (ZOO / "models" / made.name).exists():
        subprocess.run([sys.executable, ZOO / "prepare.py", folder], check=True, stdout=subprocess.DEVNULL)
    return next(place for place in [*ZOO.rglob(made.name), *folder.rglob(made.name)])


def measure(model):
    """One process to warm up (it may build), then RUNS."""
    line = [ROOT / "scripts" / "dwindle", "inspect", model]
    runs = [run(line) for _ in range(RUNS + 1)][1:]
    seconds = [round(r[0], 3) for r in runs]
    bytes_all = model.stat().st_size + sum(f.stat().st_size for f in model.parent.glob("weights.bin"))
    return {"bytes": bytes_all, "medianSeconds": statistics.median(seconds), "seconds": seconds, "peakBytes": max(r[1] for r in runs)}


def main():
    load = [round(x, 2) for x in os.getloadavg()]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = {"minilm_l6": measure(small_model(folder)), "64 MatMul, external data": measure(large_model(folder))}
    result = {"command": "benchmarks/inspect", "cores": os.cpu_count(), "cpuFlags": cpu(), "loadBefore": load, "models": rows}
    (ROOT / "benchmarks" / "results" / "inspect.json").write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(rows, indent=2))


main()

"""See benchmarks/pack-memory."""

import filecmp
import json
import os
import tempfile
from pathlib import Path

import numpy as np

import processes

TENSORS, ROWS, COLUMNS = 64, 1024, 4096  # 16 MiB each
MOST = 512 << 20


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + bytes([value]))


def field(number, content):
    """The head of a length-delimited field (protobuf encoding), and its content."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def model(file):
    """Writes a model of normally distributed weights; the graph is larger than what fits in memory twice."""
    rng = np.random.default_rng(1)
    head = lambda i: b"".join([b"\x08" + varint(ROWS), b"\x08" + varint(COLUMNS), b"\x10\x01", field(8, f"layer{i}.weight".encode())])
    bytes_of_tensor = 4 * ROWS * COLUMNS
    raw = varint(9 << 3 | 2) + varint(bytes_of_tensor)
    heads = [head(i) + raw for i in range(TENSORS)]
    tensors = [varint(5 << 3 | 2) + varint(len(h) + bytes_of_tensor) + h for h in heads]
    name = field(2, b"weights")
    graph = len(name) + sum(len(t) + bytes_of_tensor for t in tensors)
    with open(file, "wb") as out:
        out.write(b"\x08\x08" + field(8, b"\x10\x11") + varint(7 << 3 | 2) + varint(graph) + name)
        for tensor in tensors:
            out.write(tensor)
            out.write((rng.standard_normal((ROWS, COLUMNS), dtype=np.float32) * 0.02).tobytes())


def main():
    processes.run(["scripts/dwindle", "--version"])  # builds the program where it is not built
    rows = {}
    with tempfile.TemporaryDirectory(dir="target") as folder:
        file, packed, again = (Path(folder) / name for name in ("model.onnx", "model.dwz", "again.onnx"))
        model(file)
        for preset in ("fast", "small"):
            row = {}
            for name, line in (("pack", ["pack", file, "-o", packed, "--preset", preset]), ("unpack", ["unpack", packed, "-o", again])):
                seconds, peak = processes.run(["scripts/dwindle", *line])
                row[name] = {"seconds": round(seconds, 1), "peakBytes": peak, "peakMiB": round(peak / (1 << 20))}
                if peak > MOST:
                    raise SystemExit(f"{preset} {name}: peak of {peak} bytes, expected at most {MOST}")
            if not filecmp.cmp(file, again, shallow=False):
                raise SystemExit("unpacking gave another file")
            rows[preset] = {"bytes": packed.stat().st_size, **row}
            print(preset, json.dumps(rows[preset]), flush=True)
        size = file.stat().st_size
    result = {"what": "a model of 64 FP32 tensors of 16 MiB; whole processes on all cores, peak resident memory with all that the JVM takes", "bytes": size,
              "machine": {"cores": os.cpu_count()}, "presets": rows}
    Path("benchmarks/results/pack-memory.json").write_text(json.dumps(result, indent=2) + "\n")


main()

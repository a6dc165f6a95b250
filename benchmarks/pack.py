"""See benchmarks/pack."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import ml_dtypes
import numpy as np
import onnx
import zstandard
from onnx import TensorProto, helper, numpy_helper
from zipnn import ZipNN

import processes

ZOO, JAVA, CLASSES = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
MODELS = {"minilm_l6": 6, "resnet20_cifar10": 300}  # with the passes of a timing: the JVM tells processor time in hundredths of a second
TYPES = {"FP32": (TensorProto.FLOAT, np.float32, "float32"), "BF16": (TensorProto.BFLOAT16, ml_dtypes.bfloat16, "bfloat16"),
         "FP16": (TensorProto.FLOAT16, np.float16, "float16")}
ROUNDS = 5
ONLY = sys.argv[4:]  # a model and a type: the other rows stay as they are
RESULT = Path("benchmarks/results/pack.json")


def original(name):
    """The FP32 model; the one that the zoo does not hold is made, or was by the tests."""
    made = Path("target/zoo") / f"{name}.onnx"
    places = [ZOO / "models" / f"{name}.onnx", made]
    if not any(path.exists() for path in places):
        made.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, ZOO / "prepare.py", made.parent], check=True, stdout=subprocess.DEVNULL)
    return next(path for path in places if path.exists())


def weights(name, kind, file):
    """Writes a model that holds the weights alone, in another type; returns their bytes, joined."""
    code, dtype, _ = TYPES[kind]
    tensors = []
    for tensor in onnx.load(original(name)).graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type == TensorProto.FLOAT and values.nbytes >= 256:
            tensors.append(TensorProto(name=tensor.name, data_type=code, dims=values.shape, raw_data=values.astype(dtype).tobytes()))
    node = helper.make_node("Identity", ["x"], ["y"])
    ends = [helper.make_tensor_value_info(end, TensorProto.FLOAT, [1]) for end in "xy"]
    onnx.save(helper.make_model(helper.make_graph([node], "weights", ends[:1], ends[1:], tensors)), file)
    return b"".join(tensor.raw_data for tensor in tensors)


class Ours:
    """The coders in a JVM of their own, which stays: `in` and `out` take the seconds of processor time of a pass."""

    def __init__(self, file, preset, warm_up):
        line = [JAVA, "--add-modules", "jdk.incubator.vector", "-Ddwindle.vectorsAfter=0", "-XX:+UseSerialGC", "-Xmx1g", "-Xmn16m", "-cp", CLASSES, "dev.dwindle.pack.PackBenchmark", str(file), preset]
        self.process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.process.stdout.readline()
        self.seconds("in", warm_up)
        self.seconds("out", warm_up)

    def seconds(self, way, passes):
        self.process.stdin.write(f"{way} {passes}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Zip:
    def __init__(self, raw, kind):
        self.raw = raw
        self.coder = ZipNN(method="auto", input_format="byte", bytearray_dtype=TYPES[kind][2], threads=1)
        self.packed = self.coder.compress(bytearray(raw))
        if bytes(self.coder.decompress(self.packed)) != raw:
            raise SystemExit("ZipNN gave other bytes back")

    def seconds(self, way, passes):
        spent = 0
        for _ in range(passes):
            copy = bytearray(self.raw) if way == "in" else self.packed  # it changes what it is given
            begun = time.process_time()
            self.coder.compress(copy) if way == "in" else self.coder.decompress(copy)
            spent += time.process_time() - begun
        return spent / passes


def zstd(raw):
    """Bytes and speeds of level 19, once."""
    begun = time.process_time()
    packed = zstandard.ZstdCompressor(level=19).compress(raw)
    middle = time.process_time()
    zstandard.ZstdDecompressor().decompress(packed)
    return {"bytes": len(packed), "in": speed(raw, middle - begun), "out": speed(raw, time.process_time() - middle)}


def speed(raw, seconds):
    return round(len(raw) / 1e6 / seconds, 1)


def whole(file, preset, packed, again):
    """Seconds of whole processes, and that the file comes back."""
    dwindle = "scripts/dwindle"
    seconds_in, _ = processes.run([dwindle, "pack", file, "-o", packed, "--preset", preset])
    seconds_out, _ = processes.run([dwindle, "unpack", packed, "-o", again])
    if Path(again).read_bytes() != Path(file).read_bytes():
        raise SystemExit("unpacking gave another file")
    return {"bytes": packed.stat().st_size, "packSeconds": round(seconds_in, 2), "unpackSeconds": round(seconds_out, 2)}


def race(name, kind, folder):
    file = folder / "weights.onnx"
    raw = weights(name, kind, file)
    passes = MODELS[name]
    row = {"bytes": len(raw)}
    for preset in ("small", "fast"):
        row[preset] = whole(file, preset, folder / "packed.dwz", folder / "again.onnx")
    fast, small, other = Ours(file, "fast", 4 * passes), Ours(file, "small", 1), Zip(raw, kind)
    row["zipnn"] = {"bytes": len(other.packed)}
    row["zstd19"] = zstd(raw)
    for way in ("in", "out"):
        rounds = [(fast.seconds(way, passes), other.seconds(way, passes)) for _ in range(ROUNDS)]
        row["fast"][way] = speed(raw, statistics.median(f for f, _ in rounds))
        row["zipnn"][way] = speed(raw, statistics.median(z for _, z in rounds))
        ratios = sorted(z / f for f, z in rounds)
        row[f"speedRatio_{way}"] = {"median": round(statistics.median(ratios), 3), "least": round(ratios[0], 3), "most": round(ratios[-1], 3)}
        row["small"][way] = speed(raw, small.seconds(way, max(1, passes // 30)))
    fast.close()
    small.close()
    return row


def main():
    processes.run(["scripts/dwindle", "--version"])  # builds the program where it is not built
    load = os.getloadavg()[0]
    before = json.loads(RESULT.read_text())["models"] if ONLY else {}
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in MODELS:
            rows[name] = {}
            for kind in TYPES:
                if ONLY and [name, kind] != ONLY:
                    rows[name][kind] = before[name][kind]
                    continue
                rows[name][kind] = race(name, kind, Path(folder))
                print(name, kind, json.dumps(rows[name][kind]), flush=True)
    result = {
        "what": "FLOAT initializers of 256 bytes or more, rounded to the type. Ours: the .dwz of a model that holds these tensors alone; the others: the bytes of the tensors, joined. "
                "in and out: MB/s of the type, by processor time of the process; ours in a JVM that has warmed up, block by block in memory with checksums and garbage collection; ZipNN with threads=1; "
                "small and zstd once. packSeconds, unpackSeconds: wall time of the whole program, start-up included, on all cores",
        "speedRatio": "speed of fast over ZipNN's in the same round, median of rounds in turn",
        "machine": {"cores": os.cpu_count(), "instructions": processes.cpu(), "load_before": round(load, 2)},
        "versions": {"zipnn": version("zipnn"), "zstandard": version("zstandard"), "zstd": ".".join(map(str, zstandard.ZSTD_VERSION))},
        "models": rows,
    }
    RESULT.write_text(json.dumps(result, indent=2) + "\n")


main()

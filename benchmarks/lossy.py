"""Lossy compression beside NNCodec: see benchmarks/lossy."""

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import processes
import scores
from scores import ROOT

PYTHON = ROOT / ".venv" / "nncodec" / "bin" / "python"
# Both coders are timed so often, and the shortest counts.
RUNS = 3
JAVA = [os.environ["LOSSY_JAVA"], "-XX:+UseSerialGC", "-Xmx3g", "--add-modules", "jdk.incubator.vector", "-Ddwindle.vectorsAfter=0", "-cp", os.environ["LOSSY_CLASSES"],
        "dev.dwindle.pack.LossyBenchmark"]

# Of each model: NNCodec's quantization parameters, our steps without and with samples (with what a bit is worth), how many samples, and how many passes of our coder are timed together.
MODELS = {
    "resnet20_cifar10": {"qp": [-38, -34, -32, -28], "plain": [0.5, 0.6, 0.7], "sampled": [(0.5, 0.05), (0.75, 0.05), (0.9, 0.05)], "samples": 32, "passes": 100},
    "minilm_l6": {"qp": [-28, -22], "plain": [0.42], "sampled": [(0.3, 0.05), (0.6, 0.1), (0.75, 0.05)], "samples": 128, "passes": 1},
}


def processor(line, environment=None):
    """The output of a process, and the processor seconds of it and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([str(word) for word in line], check=True, capture_output=True, text=True, env=environment, cwd=ROOT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def shortest(line):
    """Wall seconds of a whole process, its start included, on all cores: the shortest."""
    return round(min(processes.run(line)[0] for _ in range(RUNS)), 3)


def peer(name, model, qp, folder):
    out = folder / "peer.onnx"
    rows = [json.loads(processor([PYTHON, ROOT / "benchmarks" / "peers" / "weights_nncodec.py", model, out, qp])[0]) for _ in range(RUNS)]
    again = folder / "again.onnx"
    whole = shortest([PYTHON, ROOT / "benchmarks" / "peers" / "weights_nncodec.py", "decode", f"{out}.nnc", model, again])
    if again.read_bytes() != out.read_bytes():
        raise SystemExit("NNCodec gave other weights back")
    return {"qp": qp, "bytes": rows[0]["bytes"], "wholeDecodeSeconds": whole, "score": round(scores.score(name, out), 5),
            "encodeSeconds": min(row["encodeSeconds"] for row in rows), "decodeSeconds": min(row["decodeSeconds"] for row in rows)}


def ours(name, model, step, worth, samples, folder, passes):
    """One setting: the file is quantized once, by the program where there are samples, and coded by both presets."""
    source, out = folder / "quantized.onnx", folder / "out.onnx"
    row = {"step": step, "lambda": worth, "samples": samples}
    if samples:
        recipe = folder / "recipe.yaml"
        recipe.write_text(f"passes: [{{rdoq: {{step: {step}, lambda: {worth}}}}}]\n")
        data = ["--recipe", recipe, "--data", ROOT / "benchmarks" / "zoo" / f"{name}.yaml", "--calibration-samples", samples, "--threads", 1]
        row["wholeProgramSeconds"] = round(processor(scores.command(model, source, *data), scores.environment())[1], 2)
    for preset in "small", "fast":
        line = [*JAVA, source if samples else model, out, 0 if samples else step, preset, passes]
        row[preset] = json.loads(processor(line)[0])
        row[preset]["wholeUnpackSeconds"] = shortest([ROOT / "scripts" / "dwindle", "unpack", f"{out}.dwz", "-o", folder / "again.onnx"])
    row["score"] = round(scores.score(name, str(out) + ".unpacked"), 5)
    return row


def compared(row):
    """For each of NNCodec's points our smallest that scores as high: bytes, and how many times as fast."""
    for point in row["nncodec"]:
        for kind in "plain", "sampled":
            good = [each for each in row[kind] if each["score"] >= point["score"]]
            if not good:
                continue
            best = min(good, key=lambda each: each["small"]["fileBytes"])
            point[kind] = {"step": best["step"], "score": best["score"]}
            for preset in "small", "fast":
                told = best[preset]
                point[kind][preset] = {
                    "bytesRatio": round(told["fileBytes"] / point["bytes"], 3),
                    "encodingSpeed": round(point["encodeSeconds"] / (told["quantizeSeconds"] + told["tensorsInSeconds"]), 2),
                    "decodingSpeed": round(point["decodeSeconds"] / told["tensorsOutSeconds"], 2),
                    "wholeDecodingSpeed": round(point["wholeDecodeSeconds"] / told["wholeUnpackSeconds"], 2)}


def main():
    subprocess.run([str(ROOT / "scripts" / "dwindle"), "devices"], check=True, stdout=subprocess.DEVNULL)
    load = [round(x, 2) for x in os.getloadavg()]
    names = sys.argv[3:] or list(MODELS)
    rows = {} if len(names) == len(MODELS) else json.loads((ROOT / "benchmarks" / "results" / "lossy.json").read_text())["models"]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name in names:
            plan = MODELS[name]
            model = scores.model_file(name, folder)
            row = rows[name] = {"fileBytes": model.stat().st_size, "score": round(scores.score(name, model), 5), "nncodec": [], "plain": [], "sampled": []}
            todo = {"nncodec": [lambda qp=qp: peer(name, model, qp, folder) for qp in plan["qp"]],
                    "plain": [lambda step=step: ours(name, model, step, 0.05, 0, folder, plan["passes"]) for step in plan["plain"]],
                    "sampled": [lambda step=step, worth=worth: ours(name, model, step, worth, plan["samples"], folder, plan["passes"]) for step, worth in plan["sampled"]]}
            # In turn, so that what else the machine does falls on all alike.
            for turn in range(max(map(len, todo.values()))):
                for kind, works in todo.items():
                    if turn < len(works):
                        row[kind].append(works[turn]())
                        print(name, kind, json.dumps(row[kind][-1]), flush=True)
            compared(row)
    scores.write("lossy.json", "benchmarks/lossy", rows, loadBefore=load, note=(
        "Processor seconds on one thread, in memory, in warm processes, the shortest of three times. NNCodec: bytes of the coded weights; encoding quantizes. Ours: fileBytes is the packed model, its graph "
        "included. Ratios are of fileBytes, and of the speed with which tensors are quantized and coded; without samples (plain) that is all the work, with samples what the whole "
        "program took, its start and calibration included, is wholeProgramSeconds, which the ratio leaves out. whole: wall seconds of decoding processes from start to end, on all cores, from the packed file to a model file. Both presets unpack to the same file, which is scored."))


if __name__ == "__main__":
    main()

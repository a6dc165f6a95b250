"""See benchmarks/sharing."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np
import sklearn
from sklearn.cluster import KMeans

import processes

JAVA, CLASSES = sys.argv[1:3]
COUNT, ENTRIES, ROUNDS = 16_000_000, 16, 2


def numbers():
    rng = np.random.default_rng(1)
    yield "normal", rng.standard_normal(COUNT, dtype=np.float32)
    yield "heavy-tailed", (rng.standard_t(3, COUNT) * 0.02).astype(np.float32)


def theirs(values):
    begun = time.perf_counter()
    found = KMeans(ENTRIES, n_init=1, random_state=1).fit(values.reshape(-1, 1))
    seconds = time.perf_counter() - begun
    distance = values.astype(np.float64) - found.cluster_centers_[found.labels_, 0]
    return seconds, float(distance @ distance)


def ours(file):
    line = [JAVA, "-XX:+UseSerialGC", "-Xmx3g", "-cp", CLASSES, "dev.dwindle.quant.CodebookBenchmark", str(file), str(ENTRIES)]
    return [float(word) for word in subprocess.run(line, check=True, capture_output=True, text=True).stdout.split()]


def main():
    load = os.getloadavg()[0]
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, values in numbers():
            file = Path(folder) / "values"
            values.tofile(file)
            runs = []
            for _ in range(ROUNDS):
                first, best, error = ours(file)
                seconds, other = theirs(values)
                runs.append({"seconds": first, "secondsWarm": best, "error": error, "scikitLearnSeconds": round(seconds, 2), "scikitLearnError": other})
                print(name, runs[-1], flush=True)
            rows[name] = {"runs": runs, "timeRatio": round(statistics.median(r["seconds"] / r["scikitLearnSeconds"] for r in runs), 4),
                          "errorRatio": round(max(r["error"] / r["scikitLearnError"] for r in runs), 5)}
    result = {
        "what": f"{COUNT} numbers, {ENTRIES} entries: finding them and the place of each number, one thread; seconds of the first time in a new process, and of the fastest of three more",
        "timeRatio": "ours of the first time over scikit-learn's (KMeans, n_init=1), the median of rounds; errorRatio: sums of squared errors, the greatest",
        "machine": {"cores": os.cpu_count(), "instructions": processes.cpu(), "load_before": round(load, 2), "scikitLearn": sklearn.__version__},
        "numbers": rows,
    }
    Path("benchmarks/results/sharing.json").write_text(json.dumps(result, indent=2) + "\n")


main()

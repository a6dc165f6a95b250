"""Scores of INT8 files that Dwindle writes, by judges that are not Dwindle: see benchmarks/int8-scores."""

import json
import tempfile
from pathlib import Path

from scores import ROOT, compress, metric, model_file, score, score_openvino, write

SAMPLES = {"mobilenet_v1_025_224": 200, "nanodet_m_320": 100}
MODELS = ["resnet20_cifar10", "resnet8_cifar10", "vgg_small_cifar10", "lenet5_mnist", "mobilenet_v1_025_224", "nanodet_m_320", "minilm_l6"]


def main():
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in MODELS:
            model = model_file(name, folder)
            out = Path(folder) / f"{name}-int8.onnx"
            samples = SAMPLES.get(name, 300)
            compress(model, out, "--int8", "--data", ROOT / "benchmarks" / "zoo" / f"{name}.yaml", "--calibration-samples", samples)
            before, after = score(name, model), score(name, out)
            rows[name] = {
                "calibrationSamples": samples, "metric": metric(name), "fp32": before, "int8": after, "int8OpenVino": score_openvino(name, out),
                "bytesFp32": model.stat().st_size, "bytesInt8": out.stat().st_size,
            }
            print(name, json.dumps(rows[name]), flush=True)
    write("int8-scores.json", "benchmarks/int8-scores", rows)


if __name__ == "__main__":
    main()

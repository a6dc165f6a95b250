"""INT8 by NNCF's post-training quantization on ONNX, its defaults. Arguments: zoo, name, model, count, output."""

import sys

import nncf
import onnx

import samples

zoo, name, model, count, output = sys.argv[1:]
data = list(samples.stream(zoo, name, int(count)))
kind = nncf.ModelType.TRANSFORMER if name == "minilm_l6" else None
onnx.save(nncf.quantize(onnx.load(model), nncf.Dataset(data), subset_size=len(data), model_type=kind), output)

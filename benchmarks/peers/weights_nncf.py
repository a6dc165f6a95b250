"""INT4 weights by NNCF on ONNX: symmetric, groups of 64, all layers, as Dwindle's --int4. Arguments: model, output."""

import sys

import nncf
import onnx

model, output = sys.argv[1:]
loaded = onnx.load(model)
for opset in loaded.opset_import:
    if opset.domain == "" and opset.version < 21:
        opset.version = 21  # the first with INT4; the operators of the models compared here mean the same before
compressed = nncf.compress_weights(loaded, mode=nncf.CompressWeightsMode.INT4_SYM, group_size=64, all_layers=True)
onnx.save(compressed, output)

"""
NNCodec's codec core on the float weights of an ONNX model: codes them, decodes them, and puts what comes back into the model.
Usage: weights_nncodec.py MODEL OUT QP [JSON of more arguments]. Prints JSON: bytes, and processor seconds of encoding and of decoding; the coded weights are in OUT.nnc.
With `decode CODED MODEL OUT` it only decodes them into a model.
"""

import importlib.util
import json
import sys
import time
import types

# What the package loads for training and data sets, but its codec does not use.
framework = types.ModuleType("nncodec.framework")
for name in "tensorflow_model", "pytorch_model", "use_case_init":
    part = types.ModuleType("nncodec.framework." + name)
    part.is_tef_model = part.is_pyt_model = lambda model: False
    setattr(framework, name, part)
    sys.modules["nncodec.framework." + name] = part
sys.modules["nncodec.framework"] = framework

import numpy as np
import onnx
from nncodec import nnc
from onnx import numpy_helper


def seconds(work):
    began = time.process_time()
    result = work()
    return result, time.process_time() - began


def put(decoded, model, out):
    """Writes the model with what was decoded in the place of its weights."""
    for tensor in model.graph.initializer:
        if tensor.name in decoded:
            value = np.asarray(decoded[tensor.name], np.float32).reshape(list(tensor.dims))
            tensor.CopyFrom(numpy_helper.from_array(value, tensor.name))
    onnx.save(model, out)


def decode(coded, model_file, out):
    with open(coded, "rb") as file:
        stream = bytearray(file.read())
    put(nnc.decompress(stream), onnx.load(model_file), out)


def main():
    if sys.argv[1] == "decode":
        return decode(*sys.argv[2:])
    model_file, out, qp = sys.argv[1:4]
    more = json.loads(sys.argv[4]) if len(sys.argv) > 4 else {}
    model = onnx.load(model_file)
    floats = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer if t.data_type == onnx.TensorProto.FLOAT}
    parameters = {name: np.array(value) for name, value in floats.items() if value.size > 0 and np.isfinite(value).all()}
    stream, encoding = seconds(lambda: nnc.compress(parameters, qp=int(qp), return_bitstream=True, bitstream_path="/dev/null", **more))
    decoded, decoding = seconds(lambda: nnc.decompress(stream))
    put({name: decoded[name] for name in parameters}, model, out)
    with open(out + ".nnc", "wb") as file:
        file.write(stream)
    print(json.dumps({"qp": int(qp), "bytes": len(stream), "weights": sum(v.size for v in parameters.values()),
                      "encodeSeconds": round(encoding, 4), "decodeSeconds": round(decoding, 4)}))


if __name__ == "__main__":
    main()

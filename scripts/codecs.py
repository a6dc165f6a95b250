"""Write what the ONNX reference says of the number formats: python codecs.py FILE.onnx (needs onnx 1.23.2).

For each type: codes and the numbers that they stand for; inputs and their codes, with and without saturation. All codes
of types of 8 bits and fewer, random ones of wider types; as inputs the numbers of codes, the middles between them, their
neighbours, what is beyond the range, and random bits. The file is a model of constants only; CodecsTest reads the one that
is committed.
"""

import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

FLOATING = ["FLOAT16", "BFLOAT16", "FLOAT8E4M3FN", "FLOAT8E4M3FNUZ", "FLOAT8E5M2", "FLOAT8E5M2FNUZ", "FLOAT4E2M1"]
INTEGERS = ["INT8", "UINT8", "INT4", "UINT4", "INT2", "UINT2"]
BITS = {"FLOAT16": 16, "BFLOAT16": 16, "FLOAT4E2M1": 4, "INT4": 4, "UINT4": 4, "INT2": 2, "UINT2": 2}
SCALE = np.float32(0.25)


def evaluate(operator, inputs, **attributes):
    """One node of the newest operator set."""
    names = [f"x{i}" for i in range(len(inputs))]
    node = helper.make_node(operator, names, ["y"], **attributes)
    infos = [helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(a.dtype), a.shape) for n, a in zip(names, inputs)]
    output = helper.make_tensor_value_info("y", TensorProto.UNDEFINED, None)
    graph = helper.make_graph([node], "g", infos, [output])
    return ReferenceEvaluator(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 25)])).run(None, dict(zip(names, inputs)))[0]


def as_codes(array, bits):
    """The bits of each element."""
    raw = np.ascontiguousarray(array).view(np.uint16 if bits == 16 else np.uint8)
    return raw & np.array((1 << bits) - 1, raw.dtype)


def of_codes(codes, name):
    dtype = helper.tensor_dtype_to_np_dtype(getattr(TensorProto, name))
    if name.startswith("INT") and BITS.get(name, 8) < 8:  # the wider byte holds the sign
        bits = BITS[name]
        return ((codes.astype(np.int16) ^ (1 << bits - 1)) - (1 << bits - 1)).astype(dtype)
    return codes.astype(dtype) if name.startswith("UINT") else codes.view(dtype)


def all_codes(bits, rng):
    if bits == 16:
        return rng.integers(0, 1 << 16, 2048).astype(np.uint16)
    return np.arange(1 << bits, dtype=np.uint8)


def inputs_around(numbers, rng):
    finite = np.unique(numbers[np.isfinite(numbers)][:512]).astype(np.float32)
    middles = ((finite[1:].astype(np.float64) + finite[:-1]) / 2).astype(np.float32)
    points = np.concatenate([finite, middles, finite[-1:] * np.float32(1.03), finite[-1:] * np.float32(1.1)])
    bits = rng.integers(0, 1 << 32, 1024, dtype=np.uint64).astype(np.uint32).view(np.float32)
    around = [points, -points, np.nextafter(points, np.float32(np.inf)), np.nextafter(points, np.float32(-np.inf))]
    ends = np.array([0, -0.0, np.inf, -np.inf, np.nan, 1e38, -1e38, 1e-45, 65519.996, 65520], np.float32)
    return np.concatenate([*around, ends, bits])


def main():
    rng = np.random.default_rng(1)
    arrays = {}
    for name in FLOATING:
        bits = BITS.get(name, 8)
        codes = all_codes(bits, rng)
        numbers = evaluate("Cast", [of_codes(codes, name)], to=TensorProto.FLOAT)
        inputs = inputs_around(numbers, rng)
        arrays |= {f"{name}_codes": codes, f"{name}_numbers": numbers, f"{name}_inputs": inputs}
        for saturate in 0, 1:
            stored = evaluate("Cast", [inputs], to=getattr(TensorProto, name), saturate=saturate)
            arrays[f"{name}_saturate{saturate}"] = as_codes(stored, bits)
    for name in INTEGERS:
        bits = BITS.get(name, 8)
        codes = all_codes(bits, rng)
        stored = of_codes(codes, name)
        zero = of_codes(np.array(1, np.uint8), name)
        numbers = evaluate("DequantizeLinear", [stored, SCALE, zero])
        inputs = inputs_around(numbers, rng)
        inputs = inputs[np.isfinite(inputs) & (np.abs(inputs) < 1e6)]
        quantized = evaluate("QuantizeLinear", [inputs, SCALE, zero])
        arrays |= {f"{name}_codes": codes, f"{name}_numbers": numbers, f"{name}_inputs": inputs,
                   f"{name}_quantized": as_codes(quantized, bits)}
    constants = [numpy_helper.from_array(np.ascontiguousarray(array), name) for name, array in arrays.items()]
    onnx.save(helper.make_model(helper.make_graph([], "codecs", [], [], constants)), sys.argv[1])


main()

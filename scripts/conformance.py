"""Write the node tests of the installed onnx package: python conformance.py DIR.

The layout is the usual one: DIR/test_x/model.onnx, DIR/test_x/test_data_set_0/input_0.pb, output_0.pb, ...
scripts/conformance installs the package and runs this file.
"""

import shutil
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import OptionalProto, TensorProto, numpy_helper
from onnx.backend.test.loader import load_node_model_tests

MARKER = ".conformance"


def fail(message):
    print(f"conformance: {message}", file=sys.stderr)
    sys.exit(2)


def value_proto(value, info):
    """The protobuf message of a value, of the kind (tensor, sequence, optional) that its type in the model says."""
    kind = info.type.WhichOneof("value")
    if kind == "sequence_type":
        return numpy_helper.from_list(value, info.name, dtype=sequence_element(info.type.sequence_type))
    if kind == "optional_type":
        element = info.type.optional_type.elem_type.WhichOneof("value")
        dtype = OptionalProto.SEQUENCE if element == "sequence_type" else OptionalProto.TENSOR
        return numpy_helper.from_optional(value, info.name, dtype=dtype)
    if kind != "tensor_type":
        raise ValueError(f"{info.name}: found a {kind}, expected a tensor, a sequence or an optional")
    if isinstance(value, TensorProto):
        return value
    return numpy_helper.from_array(np.asarray(value), info.name)


def sequence_element(sequence):
    """The element kind, which an empty list cannot tell."""
    nested = sequence.elem_type.HasField("sequence_type")
    return onnx.SequenceProto.SEQUENCE if nested else onnx.SequenceProto.TENSOR


def write_test(case, folder):
    graph = case.model.graph
    folder.mkdir(exist_ok=True)
    (folder / "model.onnx").write_bytes(case.model.SerializeToString(deterministic=True))
    for number, (inputs, outputs) in enumerate(case.data_sets):
        data = folder / f"test_data_set_{number}"
        data.mkdir(exist_ok=True)
        for role, values, infos in (("input", inputs, graph.input), ("output", outputs, graph.output)):
            for index, (value, info) in enumerate(zip(values, infos, strict=True)):
                message = value_proto(value, info)
                (data / f"{role}_{index}.pb").write_bytes(message.SerializeToString(deterministic=True))


def is_plain(case):
    """Whether every input and output is a tensor."""
    return all(v.type.HasField("tensor_type") for v in (*case.model.graph.input, *case.model.graph.output))


def clear(folder):
    """Make the folder ready: ours or empty, without the tests of another version."""
    folder.mkdir(parents=True, exist_ok=True)
    foreign = [p.name for p in folder.iterdir() if p.name != MARKER and not p.name.startswith("test_")]
    if foreign:
        fail(f"{folder}: found '{min(foreign)}', expected an empty or a new folder; give another one")
    if (folder / MARKER).exists():
        for test in folder.glob("test_*"):
            shutil.rmtree(test)
        (folder / MARKER).unlink()


def main():
    folder = Path(sys.argv[1])
    clear(folder)
    cases = load_node_model_tests()
    for case in cases:
        write_test(case, folder / case.name)
    plain = sum(map(is_plain, cases))
    marker = f"onnx {onnx.__version__}: {len(cases)} tests, {plain} with plain tensors only"
    (folder / MARKER).write_text(marker + "\n")
    print(f"{folder}: {marker}")


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}; free or change the folder, then run again")

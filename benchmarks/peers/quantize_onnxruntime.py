"""INT8 by ONNX Runtime's static quantizer: QDQ, MinMax, per channel, pre-processed. Arguments: zoo, name, model, count, output."""

import sys
import tempfile
from pathlib import Path

from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

import samples


class Reader(CalibrationDataReader):
    def __init__(self, stream):
        self.stream = stream

    def get_next(self):
        return next(self.stream, None)


zoo, name, model, count, output = sys.argv[1:]
with tempfile.TemporaryDirectory() as folder:
    prepared = str(Path(folder) / "prepared.onnx")
    quant_pre_process(model, prepared, skip_symbolic_shape=True)
    quantize_static(
        prepared, output, Reader(samples.stream(zoo, name, int(count))), quant_format=QuantFormat.QDQ, per_channel=True,
        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
    )

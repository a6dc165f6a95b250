package dev.dwindle.data;

import dev.dwindle.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;

/** Reads a serialized ONNX {@code TensorProto}; given from above, since this package does not know protobuf. */
@FunctionalInterface
public interface ProtoTensors {
  /** The tensor's name, which may be empty, and the tensor. Fails with an error that names the file. */
  Map.Entry<String, Tensor> read(Path file);
}

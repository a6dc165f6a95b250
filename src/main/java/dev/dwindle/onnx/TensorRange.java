package dev.dwindle.onnx;

import java.util.List;

/**
 * Where the elements of a tensor lie in a model file, little-endian and dense.
 *
 * @param name the tensor's; where it has none, the first output of its node
 * @param dtype ONNX code of the element type, as it stands in the file: any number
 * @param dims sizes as they stand in the file; they need not agree with the bytes
 * @param offset position in the file, in bytes
 * @param bytes length, at least 1
 */
public record TensorRange(String name, int dtype, List<Long> dims, long offset, long bytes) {
  public TensorRange {
    dims = List.copyOf(dims);
  }
}

package dev.dwindle.op;

import dev.dwindle.quant.Conversion;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;

/** Results that were computed in doubles, as tensors of any numeric type. */
final class Numbers {
  private Numbers() {}

  /** A tensor of floating-point (rounded to nearest even) or integer elements (towards zero). */
  static Tensor tensor(DType dtype, Shape shape, double[] values) {
    if (dtype.isFloating()) {
      return Elements.ofDoubles(dtype, shape, values);
    }
    return Conversion.truncated(dtype, shape, values);
  }
}

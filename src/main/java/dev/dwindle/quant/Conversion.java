package dev.dwindle.quant;

import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;

/**
 * One numeric type to another as ONNX's Cast says: to floating point rounded to nearest even; to integers towards zero,
 * then the low bits; to BOOL whether it is not zero.
 */
public final class Conversion {
  private static final double TWO_TO_63 = 0x1p63;

  private Conversion() {}

  /**
   * The tensor in another numeric type; itself where it has it.
   *
   * @param saturate whether numbers beyond an FP8 type become its largest rather than infinity or NaN
   */
  public static Tensor cast(Tensor tensor, DType to, boolean saturate) {
    DType from = tensor.dtype();
    if (from == to) {
      return tensor;
    }
    if (!isNumeric(from) || !isNumeric(to)) {
      throw new InvalidInputException(
          "cast: found " + from.text() + " to " + to.text() + ", expected numeric types");
    }
    if (to.isFloating()) {
      // Through float where no bit is lost, else through double; UINT64 and INT64 to double by Java's one rounding.
      return to == DType.DOUBLE || from == DType.DOUBLE || !saturate
          ? Elements.ofDoubles(to, tensor.shape(), Elements.doubles(tensor), saturate)
          : Elements.ofFloats(to, tensor.shape(), Elements.floats(tensor));
    }
    if (!from.isFloating()) {
      return Elements.ofLongs(to, tensor.shape(), Elements.longs(tensor));
    }
    return to == DType.BOOL ? nonZero(tensor) : truncated(to, tensor.shape(), Elements.doubles(tensor));
  }

  /** A FLOAT8E8M0 tensor of these numbers. */
  public static Tensor powers(Tensor tensor, E8M0.Rounding rounding, boolean saturate) {
    double[] x = Elements.doubles(tensor);
    byte[] codes = new byte[x.length];
    for (int i = 0; i < x.length; i++) {
      codes[i] = (byte) E8M0.encode(x[i], rounding, saturate);
    }
    return Tensor.of(DType.FLOAT8E8M0, tensor.shape(), codes);
  }

  /** An integer tensor of the numbers without their fractions; beyond 64 bits the nearest end, NaN is 0. */
  public static Tensor truncated(DType dtype, Shape shape, double[] values) {
    long[] y = new long[values.length];
    for (int i = 0; i < y.length; i++) {
      double x = values[i];
      y[i] = dtype == DType.UINT64 && x >= TWO_TO_63 ? (long) (x - TWO_TO_63) ^ Long.MIN_VALUE : (long) x;
    }
    return Elements.ofLongs(dtype, shape, y);
  }

  private static Tensor nonZero(Tensor tensor) {
    double[] x = Elements.doubles(tensor);
    boolean[] y = new boolean[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = x[i] != 0;
    }
    return Tensor.of(tensor.shape(), y);
  }

  private static boolean isNumeric(DType type) {
    return type.isFloating() || type.isInteger() || type == DType.BOOL;
  }
}

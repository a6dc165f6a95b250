package dev.dwindle.op;

import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;

/**
 * What the integer products share: elements less their zero points, sums that wrap at 32 bits, and sums brought to the
 * scale of the output.
 *
 * <p>A sum becomes {@code saturate(round(float(sum) * (xScale * wScale / yScale)) + zero point)}, every step in float and
 * rounded to nearest even, as in ONNX Runtime. ONNX's reference adds the zero point before it rounds, which differs at
 * ties where that is odd; the specification says that the quotient is rounded.
 */
final class IntegerProducts {
  private IntegerProducts() {}

  /** An input of 8-bit integers less its zero point (which may be omitted, and whose axes run along {@code axis}). */
  static double[] centred(Evaluation call, int input, int zeroInput, int axis) {
    requireEightBits(call, input);
    double[] x = call.doubles(input);
    if (call.has(zeroInput)) {
      double[] zero = along(call, zeroInput, call.shape(input), axis);
      for (int i = 0; i < x.length; i++) {
        x[i] -= zero[i];
      }
    }
    return x;
  }

  /**
   * The elements of an input as they stand in {@code shape}: a vector runs along {@code axis} (counted from the end where
   * negative), anything else broadcasts.
   */
  static double[] along(Evaluation call, int input, Shape shape, int axis) {
    Shape own = call.shape(input);
    Shape placed = own;
    if (own.rank() == 1 && own.size() != 1) {
      long[] dims = new long[axis < 0 ? -axis : shape.rank() - axis];
      Arrays.fill(dims, 1);
      dims[0] = own.size();
      placed = Shape.of(dims);
    }
    return Broadcast.onto(call, call.doubles(input), own.size() == 1 ? Shape.SCALAR : placed, shape);
  }

  private static void requireEightBits(Evaluation call, int input) {
    DType type = call.dtype(input);
    if (!type.isInteger() || type.bits() != 8) {
      throw call.invalid("input " + input + " is of type " + type.text() + ", expected int8 or uint8");
    }
  }

  /** Exact sums as INT32, which wraps around. */
  static Tensor int32(Shape shape, double[] sums) {
    int[] y = new int[sums.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = (int) (long) sums[i];
    }
    return Tensor.of(shape, y);
  }

  /**
   * Exact sums in the type of the zero point.
   *
   * @param factors the scale of the left and that of the right factor, for each sum
   * @param scaleInput the input with the scale of the output; its zero point follows
   */
  static Tensor requantized(Evaluation call, Shape shape, double[] sums, double[][] factors, int scaleInput) {
    if (call.shape(scaleInput).size() != 1 || call.shape(scaleInput + 1).size() != 1) {
      throw call.invalid("scale and zero point of the output are of shapes " + call.shape(scaleInput) + " and "
          + call.shape(scaleInput + 1) + ", expected one value each");
    }
    requireEightBits(call, scaleInput + 1);
    DType to = call.dtype(scaleInput + 1);
    double[] multipliers = multipliers(call.dtype(scaleInput), factors, call.doubles(scaleInput)[0]);
    double zero = call.doubles(scaleInput + 1)[0];
    double low = to.min();
    double high = to.max();
    long[] y = new long[sums.length];
    for (int i = 0; i < y.length; i++) {
      float scaled = (float) (int) (long) sums[i] * (float) multipliers[i];
      y[i] = (long) Math.min(high, Math.max(low, Math.rint(scaled) + zero));
    }
    return Elements.ofLongs(to, shape, y);
  }

  /** Products of the factors' scales over that of the output, rounded to the type of the scales at each step. */
  private static double[] multipliers(DType type, double[][] factors, double divisor) {
    double[] product = new double[factors[0].length];
    for (int i = 0; i < product.length; i++) {
      product[i] = factors[0][i] * factors[1][i];
    }
    Shape shape = Shape.of(product.length);
    double[] rounded = Elements.doubles(Elements.ofDoubles(type, shape, product));
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] /= divisor;
    }
    return Elements.doubles(Elements.ofDoubles(type, shape, rounded));
  }
}

package dev.dwindle.quant;

import dev.dwindle.tensor.Shape;
import java.util.Arrays;

/**
 * Rounding that keeps sums: in each group of neighbouring weights those nearest to the middle between two codes are
 * rounded the other way until the rounding errors add up to almost nothing. What a convolution gives for even input then
 * stays the same, at almost no cost in squared error. After SQuant (Guo et al., 2022), which does so for integers.
 */
final class SumKeeping {
  private SumKeeping() {}

  /**
   * Adjusts the kernels of a convolution one by one, then its output channels.
   *
   * @param exact the weights, of shape {@code [outputs, inputs, kernel...]}
   * @param rounded the weights as they are stored; changed in place
   * @param other the stored number on the other side of each weight, NaN where there is none; changed in place
   */
  static void ofConvolution(Shape shape, float[] exact, float[] rounded, float[] other) {
    int kernel = Math.toIntExact(shape.product(2, shape.rank()));
    adjust(exact, rounded, other, kernel);
    if (shape.dim(1) > 1) {
      adjust(exact, rounded, other, Math.toIntExact(kernel * shape.dim(1)));
    }
  }

  /** Adjusts groups of so many weights each. */
  static void adjust(float[] exact, float[] rounded, float[] other, int group) {
    long[] order = new long[group];
    for (int from = 0; group > 1 && from < exact.length; from += group) {
      double sum = 0;
      for (int i = from; i < from + group; i++) {
        sum += (double) rounded[i] - exact[i];
      }
      if (sum != 0) {
        flip(exact, rounded, other, from, sum, order);
      }
    }
  }

  private static void flip(float[] exact, float[] rounded, float[] other, int from, double sum, long[] order) {
    int count = 0;
    for (int i = from; i < from + order.length; i++) {
      double error = (double) rounded[i] - exact[i];
      double step = (double) rounded[i] - other[i];
      if (error * sum > 0 && step * error > 0) {
        // Nearest to the middle first; among equals the first.
        order[count++] = ((long) Float.floatToIntBits((float) (1 - error / step)) << 32) | i;
      }
    }
    Arrays.sort(order, 0, count);
    double left = sum;
    for (int k = 0; k < count; k++) {
      int i = (int) order[k];
      double step = (double) rounded[i] - other[i];
      if (Math.abs(left - step) < Math.abs(left)) {
        left -= step;
        float stored = rounded[i];
        rounded[i] = other[i];
        other[i] = stored;
      }
    }
  }
}

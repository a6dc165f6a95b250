package dev.dwindle.engine;

import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;

/**
 * Whether an output is near enough to the one expected: 1e-3 relative and 1e-5 absolute for FLOAT and DOUBLE, 1e-2 and
 * 1e-3 for narrower floats, integers exact or within one step where they were quantized. NaN equals NaN.
 */
final class Closeness {
  private Closeness() {}

  /** One line that says how they differ, or null where they are near enough. */
  static String difference(Tensor found, Tensor expected, boolean quantized) {
    if (found.dtype() != expected.dtype() || !found.shape().equals(expected.shape())) {
      return "is " + found + ", expected " + expected;
    }
    return expected.dtype().isFloating() ? floats(found, expected) : integers(found, expected, quantized ? 1 : 0);
  }

  private static String floats(Tensor found, Tensor expected) {
    boolean narrow = expected.dtype() != DType.FLOAT && expected.dtype() != DType.DOUBLE;
    double relative = narrow ? 1e-2 : 1e-3;
    double absolute = narrow ? 1e-3 : 1e-5;
    double[] a = Elements.doubles(found);
    double[] b = Elements.doubles(expected);
    int wrong = 0;
    int worst = 0;
    for (int i = 0; i < a.length; i++) {
      boolean same = a[i] == b[i] || Double.isNaN(a[i]) && Double.isNaN(b[i]);
      if (!same && !(Math.abs(a[i] - b[i]) <= absolute + relative * Math.abs(b[i])
          && Double.isInfinite(a[i]) == Double.isInfinite(b[i]))) {
        worst = wrong++ == 0 || Math.abs(a[i] - b[i]) > Math.abs(a[worst] - b[worst]) ? i : worst;
      }
    }
    return wrong == 0 ? null : differ(wrong, a.length, worst, a[worst], b[worst]);
  }

  private static String integers(Tensor found, Tensor expected, long allowed) {
    long[] a = Elements.longs(found);
    long[] b = Elements.longs(expected);
    int wrong = 0;
    int worst = 0;
    for (int i = 0; i < a.length; i++) {
      if (Math.abs(a[i] - b[i]) > allowed) {
        worst = wrong++ == 0 ? i : worst;
      }
    }
    return wrong == 0 ? null : differ(wrong, a.length, worst, a[worst], b[worst]);
  }

  private static String differ(int wrong, int count, int index, Object found, Object expected) {
    return "differs in " + wrong + " of " + count + " elements; element " + index + " is " + found + ", expected "
        + expected;
  }
}

package dev.dwindle.calibrate;

import dev.dwindle.op.Bins;
import dev.dwindle.quant.Affine;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;

/** The range whose quantization errs least, in the mean square over all elements: what is cut off against finer steps. */
public final class SquaredError {
  /** Ends that are tried on each side. */
  private static final int STEPS = 64;
  /** Rounds of moving one end while the other stays; more of them change nothing. */
  private static final int ROUNDS = 2;

  private SquaredError() {}

  /**
   * Searches both ends in turn.
   *
   * @param coder the quantization that would cover a range
   */
  public static Range least(Distribution distribution, Function<Range, Affine> coder) {
    return least(distribution, coder, DoubleUnaryOperator.identity());
  }

  /**
   * The same for what is behind a function, through which all that reads the elements sees them; the range as it is where the function is straight.
   *
   * @param coder the quantization that would cover a range
   */
  public static Range least(Distribution distribution, Function<Range, Affine> coder, ElementFunction seen) {
    DoubleUnaryOperator function = seen.over(distribution);
    return function == null ? distribution.range() : least(distribution, coder, function);
  }

  private static Range least(Distribution distribution, Function<Range, Affine> coder, DoubleUnaryOperator seen) {
    int first = distribution.lowest();
    int last = distribution.highest();
    int low = first;
    int high = last;
    double least = of(distribution, coder.apply(distribution.range()), seen);
    int zero = Math.clamp(distribution.bins().place(0), first, last);
    for (int round = 0; round < ROUNDS; round++) {
      for (int k = 1; k < STEPS; k++) {
        int end = last - (int) ((long) (last - zero) * k / STEPS);
        double error = of(distribution, coder.apply(distribution.between(low, end)), seen);
        if (error < least) {
          least = error;
          high = end;
        }
      }
      for (int k = 1; k < STEPS; k++) {
        int end = first + (int) ((long) (zero - first) * k / STEPS);
        double error = of(distribution, coder.apply(distribution.between(end, high)), seen);
        if (error < least) {
          least = error;
          low = end;
        }
      }
    }
    return distribution.between(low, high);
  }

  /** The sum of squared errors of all elements under a quantization, behind a function. */
  private static double of(Distribution distribution, Affine affine, DoubleUnaryOperator seen) {
    Bins bins = distribution.bins();
    long[] counts = distribution.counts();
    double width = bins.start(1) - bins.start(0);
    double low = affine.dequantize((int) affine.dtype().min());
    double high = affine.dequantize((int) affine.dtype().max());
    // Steps finer than bins: the elements of a bin fall anywhere between two steps.
    double evenly = affine.scale() < 2 * width ? affine.scale() * (double) affine.scale() / 12 : -1;
    double sum = 0;
    for (int i = distribution.lowest(); i <= distribution.highest(); i++) {
      if (counts[i] != 0) {
        double x = distribution.middle(i);
        double clipped = Math.clamp(x, low, high);
        double step = clipped == x ? Math.rint(x / affine.scale()) * affine.scale() : clipped;
        double error = seen.applyAsDouble(x) - seen.applyAsDouble(step);
        sum += counts[i] * (clipped == x && evenly >= 0 ? evenly * square(slope(bins, i, seen)) : square(error));
      }
    }
    return sum;
  }

  private static double slope(Bins bins, int bin, DoubleUnaryOperator seen) {
    double from = bins.start(bin);
    double to = bins.start(bin + 1);
    return (seen.applyAsDouble(to) - seen.applyAsDouble(from)) / (to - from);
  }

  private static double square(double x) {
    return x * x;
  }
}

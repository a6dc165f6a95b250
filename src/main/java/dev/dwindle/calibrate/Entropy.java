package dev.dwindle.calibrate;

import dev.dwindle.quant.Affine;
import java.util.function.Function;

/**
 * The range within which the quantized distribution tells most of the original one: the smallest Kullback-Leibler divergence
 * over symmetric cuts, as published for TensorRT (S. Migacz, 8-bit inference with TensorRT, 2017).
 */
public final class Entropy {
  /** Magnitudes that are tried, from the smallest with as many bins as steps up to the whole range. */
  private static final int CUTS = 128;

  private Entropy() {}

  /**
   * Tries cuts of both ends at the same magnitude.
   *
   * @param coder the quantization that would cover a range
   */
  public static Range least(Distribution observed, Function<Range, Affine> coder) {
    Distribution distribution = withoutPeakAtZero(observed);
    Range full = distribution.range();
    double largest = Math.max(Math.abs(full.min()), Math.abs(full.max()));
    Range best = full;
    double least = divergence(distribution, distribution.lowest(), distribution.highest(), coder.apply(full));
    for (int k = CUTS - 1; k > 0; k--) {
      double cut = largest * k / CUTS;
      int low = (int) distribution.bins().place(Math.max(full.min(), -cut));
      int high = (int) distribution.bins().place(Math.min(full.max(), cut));
      Range range = distribution.between(low, high);
      Affine affine = coder.apply(range);
      if (high - low + 1 < affine.dtype().max() - affine.dtype().min() + 1) {
        break;
      }
      double divergence = divergence(distribution, low, high, affine);
      if (divergence < least) {
        least = divergence;
        best = range;
      }
    }
    return best;
  }

  /** Zero is kept exactly by every quantization: what an activation function puts there must not weigh on the choice. */
  static Distribution withoutPeakAtZero(Distribution distribution) {
    long[] counts = distribution.counts().clone();
    int zero = (int) distribution.bins().place(0);
    if (zero >= 0 && zero < counts.length) {
      long left = zero > 0 ? counts[zero - 1] : 0;
      long right = zero < counts.length - 1 ? counts[zero + 1] : 0;
      counts[zero] = Math.min(counts[zero], Math.max(left, right));
    }
    return new Distribution(distribution.range(), counts);
  }

  /**
   * The divergence of what the bins from {@code low} to {@code high} hold once all below and above is cut to them, from
   * what remains of them when each step of the quantization is spread evenly over its bins that are not empty; infinite
   * where that leaves an end out.
   */
  static double divergence(Distribution distribution, int low, int high, Affine affine) {
    long[] counts = distribution.counts();
    long total = 0;
    long inside = 0;
    for (int i = distribution.lowest(); i <= distribution.highest(); i++) {
      total += counts[i];
      inside += i >= low && i <= high ? counts[i] : 0;
    }
    long below = 0;
    for (int i = distribution.lowest(); i < low; i++) {
      below += counts[i];
    }
    long above = total - inside - below;
    double divergence = 0;
    int from = low;
    while (from <= high) {
      int to = from;
      long sum = 0;
      int filled = 0;
      int step = affine.quantize((float) distribution.middle(from));
      while (to <= high && affine.quantize((float) distribution.middle(to)) == step) {
        sum += counts[to];
        filled += counts[to] == 0 ? 0 : 1;
        to++;
      }
      for (int i = from; i < to; i++) {
        long held = counts[i] + (i == low ? below : 0) + (i == high ? above : 0);
        if (held > 0) {
          double p = (double) held / total;
          double q = counts[i] == 0 ? 0 : (double) sum / filled / inside;
          divergence += p * Math.log(p / q);
        }
      }
      from = to;
    }
    return divergence;
  }
}

package dev.dwindle.op;

/**
 * The bins of a histogram that grows: bin {@code i} holds what is at least {@code (first + i) * 2^exponent} and less than
 * the start of the next. Bins of a wider range are unions of bins of a narrower one, so that counts move without a loss.
 *
 * @param first index of the lowest bin, counted from the one that begins at zero
 * @param exponent of the width of a bin, a power of two
 */
public record Bins(long first, int exponent) {
  /** Narrower bins would need reciprocals beyond a float. */
  private static final int NARROWEST = -100;

  /** The narrowest bins of which {@code count} hold both ends: all on one side of zero, or half on each. */
  public static Bins covering(float min, float max, int count) {
    long first = min >= 0 ? 0 : max < 0 ? -count : -count / 2;
    double largest = Math.max(Math.abs((double) min), Math.abs((double) max));
    int exponent = Math.max(NARROWEST, Math.getExponent(largest / count));
    Bins bins = new Bins(first, exponent);
    while (bins.place(min) < 0 || bins.place(max) >= count) {
      bins = new Bins(first, bins.exponent + 1);
    }
    return bins;
  }

  /** The place of a number among the bins; outside {@code 0 .. count - 1} where none of them holds it. */
  public long place(double x) {
    return (long) Math.floor(Math.scalb(x, -exponent)) - first;
  }

  /** Where bin {@code i} begins, and the one before it ends. */
  public double start(int i) {
    return Math.scalb((double) (first + i), exponent);
  }

  /** The counts of these bins in the bins of a range that holds theirs. */
  public long[] moved(long[] counts, Bins to) {
    if (equals(to)) {
      return counts.clone();
    }
    int shift = Math.min(to.exponent - exponent, Long.SIZE - 1);
    long[] result = new long[counts.length];
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] != 0) {
        result[(int) (((first + i) >> shift) - to.first)] += counts[i];
      }
    }
    return result;
  }
}

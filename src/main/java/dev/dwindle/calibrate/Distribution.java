package dev.dwindle.calibrate;

import dev.dwindle.op.Bins;
import java.util.Arrays;

/**
 * How the elements of an activation are spread over its range.
 *
 * @param range the smallest and largest of them
 * @param counts how many lie in each bin of {@link Bins#covering} that range
 */
public record Distribution(Range range, long[] counts) {
  /** The bins that are counted in. */
  Bins bins() {
    return Bins.covering(range.min(), range.max(), counts.length);
  }

  /** The number that stands for the elements of a bin: its middle, or the end of the range that lies in it. */
  double middle(int bin) {
    Bins bins = bins();
    return Math.clamp((bins.start(bin) + bins.start(bin + 1)) / 2, range.min(), range.max());
  }

  /** The bin that holds the lower end of the range. */
  int lowest() {
    return (int) bins().place(range.min());
  }

  /** The bin that holds the upper end of the range. */
  int highest() {
    return (int) bins().place(range.max());
  }

  /** The part of the range between two bins, both included. */
  Range between(int low, int high) {
    Bins bins = bins();
    return new Range((float) Math.max(range.min(), bins.start(low)),
        (float) Math.min(range.max(), bins.start(high + 1)));
  }

  /**
   * The range that holds the given share of all elements: whole bins are cut off the ends, the emptier end first, while
   * enough elements remain inside.
   *
   * @param percentile in percent, such as 99.99
   */
  public Range percentile(double percentile) {
    long spare = (long) Math.floor(Arrays.stream(counts).sum() * (1 - percentile / 100));
    int low = lowest();
    int high = highest();
    while (low < high && Math.min(counts[low], counts[high]) <= spare) {
      spare -= counts[low] <= counts[high] ? counts[low++] : counts[high--];
    }
    return between(low, high);
  }
}

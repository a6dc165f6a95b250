package dev.dwindle.calibrate;

import java.util.Arrays;

/** The smallest and largest value that each channel of an activation takes. */
public record ChannelRanges(float[] min, float[] max) {
  /** The ranges of channels that nothing was seen of. */
  static ChannelRanges empty(int channels) {
    float[] min = new float[channels];
    float[] max = new float[channels];
    Arrays.fill(min, Range.EMPTY.min());
    Arrays.fill(max, Range.EMPTY.max());
    return new ChannelRanges(min, max);
  }

  /** Widens the channels so that they hold rows of one element each. */
  void include(float[] rows) {
    for (int from = 0; from < rows.length; from += min.length) {
      include(rows, from);
    }
  }

  private void include(float[] rows, int from) {
    for (int c = 0; c < min.length; c++) {
      min[c] = Math.min(min[c], rows[from + c]);
      max[c] = Math.max(max[c], rows[from + c]);
    }
  }

  /** Widens the channels so that they hold what rows of the smallest and as many rows of the largest elements tell. */
  void includeEnds(float[] ends) {
    for (int i = 0; i < ends.length / 2; i++) {
      int c = i % min.length;
      min[c] = Math.min(min[c], ends[i]);
      max[c] = Math.max(max[c], ends[ends.length / 2 + i]);
    }
  }

  /** The ranges that hold these and others. */
  ChannelRanges union(ChannelRanges other) {
    float[] low = min.clone();
    float[] high = max.clone();
    for (int c = 0; c < low.length; c++) {
      low[c] = Math.min(low[c], other.min[c]);
      high[c] = Math.max(high[c], other.max[c]);
    }
    return new ChannelRanges(low, high);
  }

  /** The largest magnitude of each channel. */
  public float[] reaches() {
    float[] reaches = new float[min.length];
    for (int c = 0; c < reaches.length; c++) {
      reaches[c] = Math.max(Math.abs(min[c]), Math.abs(max[c]));
    }
    return reaches;
  }

  /** The range of all channels once each is divided by its factor. */
  public Range dividedBy(float[] factors) {
    Range all = Range.EMPTY;
    for (int c = 0; c < factors.length; c++) {
      all = all.union(new Range(min[c] / factors[c], max[c] / factors[c]));
    }
    return all;
  }
}

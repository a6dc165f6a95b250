package dev.dwindle.calibrate;

import java.util.Arrays;

/** The ranges of an activation's channels in each half of the samples, which belong to the halves in turn. */
public record ChannelHalves(ChannelRanges even, ChannelRanges odd) {
  /** The ranges in all samples. */
  public ChannelRanges all() {
    return even.union(odd);
  }

  /**
   * How far the halves disagree on how far a channel reaches: the larger over the smaller reach, the median over the channels.
   * What samples agree upon, other samples will keep to.
   */
  public double disagreement() {
    float[] a = even.reaches();
    float[] b = odd.reaches();
    double[] ratios = new double[a.length];
    for (int c = 0; c < ratios.length; c++) {
      ratios[c] = a[c] == b[c] ? 1 : (double) Math.max(a[c], b[c]) / Math.min(a[c], b[c]);
    }
    Arrays.sort(ratios);
    return ratios[ratios.length / 2];
  }
}

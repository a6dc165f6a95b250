package dev.dwindle.search;

import java.util.Arrays;

/** Which of many findings to believe so that few of those believed are false (Benjamini and Hochberg, 1995). */
final class FalseDiscovery {
  private FalseDiscovery() {}

  /**
   * Whether each finding is believed.
   *
   * @param pValues of the findings, independent of each other or positively dependent
   * @param rate the share of false ones among those believed that is borne on average
   */
  static boolean[] believed(double[] pValues, double rate) {
    double[] sorted = pValues.clone();
    Arrays.sort(sorted);
    double limit = -1;
    for (int i = 0; i < sorted.length; i++) {
      if (sorted[i] <= rate * (i + 1) / sorted.length) limit = sorted[i];
    }
    boolean[] believed = new boolean[pValues.length];
    for (int i = 0; i < believed.length; i++) believed[i] = pValues[i] <= limit;
    return believed;
  }
}

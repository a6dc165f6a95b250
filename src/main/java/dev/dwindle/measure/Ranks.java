package dev.dwindle.measure;

import java.util.Arrays;
import java.util.Comparator;

/** Figures that depend on the order of scores: Spearman's correlation, area under the ROC curve, average precision. */
final class Ranks {
  private Ranks() {}

  /** Ranks from 0, ties sharing their mean. */
  static double[] of(double[] values) {
    int n = values.length;
    Integer[] order = order(values);
    double[] ranks = new double[n];
    for (int start = 0; start < n;) {
      int end = start;
      while (end < n && values[order[end]] == values[order[start]]) end++;
      for (int i = start; i < end; i++) ranks[order[i]] = (start + end - 1) / 2.0;
      start = end;
    }
    return ranks;
  }

  /** Spearman's rank correlation. */
  static double spearman(double[] a, double[] b) {
    return pearson(of(a), of(b));
  }

  private static double pearson(double[] a, double[] b) {
    double meanA = Arrays.stream(a).average().orElse(0);
    double meanB = Arrays.stream(b).average().orElse(0);
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += (a[i] - meanA) * (b[i] - meanB);
      aa += (a[i] - meanA) * (a[i] - meanA);
      bb += (b[i] - meanB) * (b[i] - meanB);
    }
    return ab / Math.sqrt(aa * bb);
  }

  /** The probability that a positive scores above a negative, ties counting half. */
  static double areaUnderRoc(double[] scores, boolean[] positive) {
    double[] ranks = of(scores);
    long positives = 0;
    double sum = 0;
    for (int i = 0; i < ranks.length; i++) {
      if (positive[i]) {
        positives++;
        sum += ranks[i] + 1;
      }
    }
    long negatives = ranks.length - positives;
    return (sum - positives * (positives + 1) / 2.0) / ((double) positives * negatives);
  }

  /** Mean of the precision at each positive, highest score first; NaN where there is none. */
  static double averagePrecision(double[] scores, boolean[] positive) {
    Integer[] order = order(scores);
    int seen = 0;
    double sum = 0;
    for (int i = order.length - 1; i >= 0; i--) {
      if (positive[order[i]]) sum += (double) ++seen / (order.length - i);
    }
    return seen == 0 ? Double.NaN : sum / seen;
  }

  /** Indices by rising value. */
  private static Integer[] order(double[] values) {
    Integer[] order = new Integer[values.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> values[i]));
    return order;
  }
}

package dev.dwindle.measure;

import dev.dwindle.result.Estimate;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Wilcoxon's signed-rank test, exact, with the estimate (Hodges and Lehmann 1963) and the interval that belong to it: the interval leaves
 * out zero just where the test rejects. The differences must be independent of each other, and as often too high as too low where there is
 * nothing to find.
 */
final class SignedRank {
  private SignedRank() {}

  /** The two-sided probability of ranks as uneven as these where the differences lie around zero; 1 where all are zero. */
  static double pValue(double[] differences) {
    double[] nonzero = Arrays.stream(differences).filter(d -> d != 0).toArray();
    int[] doubled = doubledRanks(nonzero);
    int positive = IntStream.range(0, doubled.length).filter(i -> nonzero[i] > 0).map(i -> doubled[i]).sum();
    double[] sums = distribution(doubled);
    int least = Math.min(positive, sums.length - 1 - positive);
    return Math.min(1, 2 * Arrays.stream(sums, 0, least + 1).sum());
  }

  /**
   * The middle of the differences: the median of the means of all pairs. Fewer than six bound nothing at 95 %; their interval is
   * all they span, and says with which confidence.
   */
  static Estimate middle(double[] differences) {
    int n = differences.length;
    if (n == 0) return new Estimate(Double.NaN, Double.NaN, Double.NaN, Statistics.CONFIDENCE);
    double[] means = pairMeans(differences);
    int cut = cut(n);
    double confidence = cut > 0 ? Statistics.CONFIDENCE : 1 - Math.scalb(1.0, 1 - n);
    int low = Math.max(0, cut - 1);
    double value = (means[(means.length - 1) / 2] + means[means.length / 2]) / 2;
    return new Estimate(value, means[low], means[means.length - 1 - low], confidence);
  }

  /** How many of the means lie outside the interval on each side, its own end counted; 0 where none can be cut off. */
  private static int cut(int n) {
    double[] sums = distribution(IntStream.rangeClosed(1, n).map(rank -> 2 * rank).toArray());
    double tail = 0;
    int sum = 0;
    while (2 * (tail + sums[2 * sum]) <= 1 - Statistics.CONFIDENCE) {
      tail += sums[2 * sum];
      sum++;
    }
    return sum;
  }

  /** The means of all pairs, each value with itself too (Walsh averages), sorted. */
  private static double[] pairMeans(double[] values) {
    int n = values.length;
    double[] means = new double[n * (n + 1) / 2];
    int at = 0;
    for (int i = 0; i < n; i++) {
      for (int j = i; j < n; j++) means[at++] = (values[i] + values[j]) / 2;
    }
    Arrays.sort(means);
    return means;
  }

  /** Twice the ranks of the magnitudes, so that the middle rank of equal ones is whole. */
  private static int[] doubledRanks(double[] values) {
    int n = values.length;
    int[] order = IntStream.range(0, n).boxed().sorted(Comparator.comparingDouble(i -> Math.abs(values[i])))
        .mapToInt(Integer::intValue).toArray();
    int[] ranks = new int[n];
    for (int from = 0, to; from < n; from = to) {
      to = from;
      while (to < n && Math.abs(values[order[to]]) == Math.abs(values[order[from]])) to++;
      for (int i = from; i < to; i++) ranks[order[i]] = from + 1 + to;
    }
    return ranks;
  }

  /** The probability of each sum of those ranks that a fair coin picks. */
  private static double[] distribution(int[] ranks) {
    double[] chances = new double[Arrays.stream(ranks).sum() + 1];
    chances[0] = 1;
    for (int rank : ranks) {
      for (int sum = chances.length - 1; sum >= 0; sum--) {
        chances[sum] = (chances[sum] + (sum >= rank ? chances[sum - rank] : 0)) / 2;
      }
    }
    return chances;
  }
}

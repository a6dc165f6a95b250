package dev.dwindle.measure;

import dev.dwindle.result.Estimate;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** Point estimates with intervals. All intervals are two-sided at {@link #CONFIDENCE}. */
public final class Statistics {
  /** Confidence of every interval that is printed. */
  public static final double CONFIDENCE = 0.95;

  private static final double Z = 1.959963984540054;
  private static final int RESAMPLES = 2000;
  private static final int MOST_DRAWS = 20;

  private Statistics() {}

  /** A share of successes, with Wilson's score interval (Wilson 1927). */
  public static Estimate share(long successes, long trials) {
    if (trials == 0) return new Estimate(Double.NaN, Double.NaN, Double.NaN, CONFIDENCE);
    double p = (double) successes / trials;
    double z2 = Z * Z / trials;
    double centre = (p + z2 / 2) / (1 + z2);
    double half = Z * Math.sqrt(p * (1 - p) / trials + z2 / (4 * trials)) / (1 + z2);
    double low = successes == 0 ? 0 : centre - half;
    double high = successes == trials ? 1 : centre + half;
    return new Estimate(p, low, high, CONFIDENCE);
  }

  /**
   * The difference of two shares over the same samples, with the adjusted Wald interval for paired proportions (Bonett
   * and Price 2012).
   *
   * @param gained samples that only the second got right
   * @param lost samples that only the first got right
   */
  public static Estimate pairedShares(long gained, long lost, long samples) {
    return pairedShares(gained, lost, samples, Z);
  }

  private static Estimate pairedShares(long gained, long lost, long samples, double z) {
    if (samples == 0) return new Estimate(Double.NaN, Double.NaN, Double.NaN, CONFIDENCE);
    double up = (gained + 1.0) / (samples + 2);
    double down = (lost + 1.0) / (samples + 2);
    double half = z * Math.sqrt((up + down - (up - down) * (up - down)) / (samples + 2));
    double difference = (double) (gained - lost) / samples;
    double centre = up - down;
    return new Estimate(
        difference, Math.min(difference, Math.max(-1, centre - half)), Math.max(difference, Math.min(1, centre + half)),
        CONFIDENCE);
  }

  /**
   * How many samples the paired interval needs before its half width is {@code margin}, if samples go on disagreeing as
   * often as they did.
   */
  public static long samplesFor(long gained, long lost, long samples, double margin) {
    double disagree = (gained + lost + 2.0) / (samples + 2);
    return (long) Math.ceil(Z * Z * disagree / (margin * margin));
  }

  /** The median of independent values, with the interval between order statistics (binomial, distribution-free). */
  public static Estimate median(double[] values) {
    return quantile(values, 1, 50);
  }

  /**
   * A percentile of values in the order in which they were taken, with the interval between order statistics. Neighbours may resemble each other:
   * the interval grows as the blocks differ more in how many of their values lie below the percentile than independent values would.
   *
   * @param blockLength values of a block; 1 where values are independent
   */
  public static Estimate quantile(double[] values, int blockLength, double percent) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    if (n == 0) return new Estimate(Double.NaN, Double.NaN, Double.NaN, CONFIDENCE);
    double p = percent / 100;
    double value = percent == 50 ? (sorted[(n - 1) / 2] + sorted[n / 2]) / 2 : sorted[rank(p, n)];
    double reach = Z * Math.sqrt(n * p * (1 - p) * inflation(values, blockLength, value, p));
    int low = Math.max(0, (int) Math.floor(p * (n - 1) - reach));
    int high = Math.min(n - 1, (int) Math.ceil(p * (n - 1) + reach));
    return new Estimate(value, sorted[low], sorted[high], CONFIDENCE);
  }

  /** How many times as much as that of independent values the share of values above this one varies from block to block; at least 1. */
  private static double inflation(double[] values, int blockLength, double value, double p) {
    int blocks = values.length / blockLength;
    if (blockLength == 1 || blocks < 2) return 1;
    double squares = 0;
    for (int block = 0; block < blocks; block++) {
      double above = 0;
      for (int i = 0; i < blockLength; i++) {
        double v = values[block * blockLength + i];
        above += v > value ? 1 : v == value ? 1 - p : 0;
      }
      squares += Math.pow(above - blockLength * (1 - p), 2);
    }
    return Math.max(1, squares / (blocks - 1) / (blockLength * p * (1 - p)));
  }

  private static int rank(double p, int n) {
    return (int) Math.clamp((long) Math.ceil(p * n - 1e-9) - 1, 0, n - 1);
  }

  /**
   * A percentile (nearest rank), or null where there are too few values to claim it: with fewer than {@code ln(0.01) /
   * ln(p)} runs the largest may lie below it with more than 1 % probability (44 for P90, 90 for P95, 459 for P99, 4,603
   * for P99.9).
   */
  public static Double percentile(double[] values, double percent) {
    if (values.length < Binomial.needed(percent, 0)) return null;
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[rank(percent / 100, sorted.length)];
  }

  /** The distribution: 0 to 100 percent in steps of one, between neighbouring ranks by proportion; empty of no values. */
  public static List<Double> quantiles(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    if (sorted.length == 0) return List.of();
    return IntStream.rangeClosed(0, 100).mapToObj(percent -> {
      double rank = percent / 100.0 * (sorted.length - 1);
      int below = (int) rank;
      int above = Math.min(below + 1, sorted.length - 1);
      return sorted[below] + (rank - below) * (sorted[above] - sorted[below]);
    }).toList();
  }

  /** Standard deviation over mean. */
  public static double variation(double[] values) {
    double mean = Arrays.stream(values).average().orElse(Double.NaN);
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    return Math.sqrt(squares / Math.max(1, values.length - 1)) / mean;
  }

  /**
   * A figure of a list of samples, with the percentile bootstrap interval (Efron 1979). Draws whose figure is not defined (such as
   * an area under the ROC curve without positives) are drawn again, within bounds.
   *
   * @param figure computes the figure from sample indices, some of which stand there several times
   */
  public static Estimate bootstrap(int samples, long seed, ToDoubleFunction<int[]> figure) {
    int[] all = new int[samples];
    Arrays.setAll(all, i -> i);
    double value = figure.applyAsDouble(all);
    SplittableRandom random = new SplittableRandom(seed);
    double[] figures = new double[RESAMPLES];
    int[] drawn = new int[samples];
    for (int r = 0; r < RESAMPLES; r++) {
      figures[r] = Double.NaN;
      for (int attempt = 0; attempt < MOST_DRAWS && Double.isNaN(figures[r]); attempt++) {
        for (int i = 0; i < samples; i++) {
          drawn[i] = random.nextInt(samples);
        }
        figures[r] = figure.applyAsDouble(drawn);
      }
    }
    Arrays.sort(figures);
    int cut = (int) Math.floor(RESAMPLES * (1 - CONFIDENCE) / 2);
    return new Estimate(value, figures[cut], figures[RESAMPLES - 1 - cut], CONFIDENCE);
  }
}

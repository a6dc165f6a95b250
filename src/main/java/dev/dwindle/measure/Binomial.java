package dev.dwindle.measure;

import java.util.Arrays;
import java.util.function.LongPredicate;

/**
 * Exact tails of the binomial distribution, and what they allow to claim of a percentile: MLPerf's early stopping (Reddi et al.
 * 2020; MLPerf Inference rules, "early stopping").
 */
public final class Binomial {
  /** Confidence of a claimed percentile. */
  public static final double CONFIDENCE = 0.99;

  private static final double NEGLIGIBLE = 1e-18;
  private static final double LOG_TWO_PI = Math.log(2 * Math.PI);
  /** Logarithms of the first factorials, below which Stirling's series is not exact enough. */
  private static final double[] LOG_FACTORIALS = logFactorials(64);

  private Binomial() {}

  /** The probability of at most {@code k} successes in {@code n} trials that succeed with probability {@code p}. */
  public static double atMost(long k, long n, double p) {
    if (k < 0) return 0;
    if (k >= n || p <= 0) return 1;
    if (p >= 1) return 0;
    return k < n * p ? below(k, n, p) : 1 - below(n - k - 1, n, 1 - p);
  }

  /** The lower tail where k lies below the mean: terms fall on the way down, so that few of them count. */
  private static double below(long k, long n, double p) {
    double term = Math.exp(logChoose(n, k) + k * Math.log(p) + (n - k) * Math.log1p(-p));
    double sum = term;
    double odds = (1 - p) / p;
    for (long i = k; i > 0 && term > sum * NEGLIGIBLE; i--) {
      term *= odds * i / (n - i + 1);
      sum += term;
    }
    return sum;
  }

  /**
   * How many runs it takes to claim a bound on a percentile where so many of them are slower than the bound: the least number with
   * which a bound below the true percentile would see so few slower ones in at most one of a hundred measurements. For P90 44, 64, 81
   * with 0, 1, 2 slower; for P99 459, 662, 838.
   */
  public static long needed(double percent, long slower) {
    double p = 1 - percent / 100;
    long enough = slower + 1;
    while (atMost(slower, enough, p) > 1 - CONFIDENCE) enough *= 2;
    return first(enough / 2, enough, n -> atMost(slower, n, p) <= 1 - CONFIDENCE);
  }

  /** How many of so many runs may be slower than a bound that is claimed for a percentile; -1 where no bound can be claimed. */
  public static long allowed(double percent, long runs) {
    double p = 1 - percent / 100;
    return first(-1, runs, k -> atMost(k, runs, p) > 1 - CONFIDENCE) - 1;
  }

  /** The least number above {@code low}, or else {@code high}, of which this holds, as it does of all above it. */
  private static long first(long low, long high, LongPredicate holds) {
    while (high - low > 1) {
      long middle = (low + high) >>> 1;
      if (holds.test(middle)) high = middle;
      else
        low = middle;
    }
    return high;
  }

  private static double logChoose(long n, long k) {
    return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
  }

  private static double logFactorial(long n) {
    if (n < LOG_FACTORIALS.length) return LOG_FACTORIALS[(int) n];
    double inverse = 1.0 / n;
    return n * Math.log(n) - n + 0.5 * (LOG_TWO_PI + Math.log(n))
        + inverse * (1.0 / 12 - inverse * inverse * (1.0 / 360 - inverse * inverse / 1260));
  }

  private static double[] logFactorials(int count) {
    double[] logs = new double[count];
    for (int i = 2; i < count; i++) logs[i] = Math.log(i);
    Arrays.parallelPrefix(logs, Double::sum);
    return logs;
  }
}

package dev.dwindle.measure;

import dev.dwindle.result.Tail;
import dev.dwindle.result.Timing;
import java.util.Arrays;

/** Latencies in the order in which they were measured, as figures. */
final class LatencyFigures {
  private LatencyFigures() {}

  static Timing timing(double[] millis, int blockLength, int warmup) {
    return new Timing(
        millis.length, warmup, Statistics.quantile(millis, blockLength, 50), Statistics.percentile(millis, 90),
        Statistics.percentile(millis, 99), Arrays.stream(millis).min().orElse(Double.NaN), Statistics.variation(millis),
        Statistics.quantiles(millis));
  }

  /** A percentile with what the number of runs lets one claim of it. */
  static Tail tail(double[] millis, int blockLength, double percent) {
    int n = millis.length;
    long needed = Binomial.needed(percent, 0);
    if (n < needed) return new Tail(percent, null, null, 0, n, needed);
    double[] sorted = millis.clone();
    Arrays.sort(sorted);
    double atMost = sorted[n - 1 - (int) Binomial.allowed(percent, n)];
    long slower = Arrays.stream(sorted).filter(m -> m > atMost).count();
    return new Tail(percent, Statistics.quantile(millis, blockLength, percent), atMost, slower, n, needed);
  }
}

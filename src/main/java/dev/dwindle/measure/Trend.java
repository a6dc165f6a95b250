package dev.dwindle.measure;

/** Whether figures taken one after the other rise or fall: the test of Mann (1945) and Kendall, with the normal distribution's tail. */
final class Trend {
  private Trend() {}

  /** The two-sided probability of an order as one-sided as this one where there is no trend; 1 of fewer than eight figures. */
  static double pValue(double[] figures) {
    int n = figures.length;
    if (n < 8) return 1;
    int score = 0;
    for (int i = 0; i < n; i++) {
      for (int j = i + 1; j < n; j++) score += (int) Math.signum(figures[j] - figures[i]);
    }
    double deviation = Math.sqrt(n * (n - 1.0) * (2 * n + 5) / 18);
    return Math.min(1, 2 * upperTail(Math.max(0, Math.abs(score) - 1) / deviation));
  }

  /** The normal distribution above z, for z of at least 0 (Abramowitz and Stegun 26.2.17, exact to 1e-7). */
  private static double upperTail(double z) {
    double t = 1 / (1 + 0.2316419 * z);
    double series = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
    return Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI) * series;
  }
}

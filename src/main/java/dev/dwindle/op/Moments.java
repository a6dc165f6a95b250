package dev.dwindle.op;

/** Mean and variance of elements that lie side by side. */
final class Moments {
  private Moments() {}

  static double mean(double[] x, int from, int count) {
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += x[i];
    }
    return sum / count;
  }

  /** The variance of the population, about this mean. */
  static double variance(double[] x, int from, int count, double mean) {
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += (x[i] - mean) * (x[i] - mean);
    }
    return sum / count;
  }
}

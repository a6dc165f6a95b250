package dev.dwindle.measure;

/**
 * How much to measure.
 *
 * @param runs wanted of each model
 * @param leastSeconds of all counted runs together, where so many runs take less
 * @param mostSeconds of all counted runs together; the runs that fit are counted, at least 10
 * @param warmUpSeconds of all runs before them, at most; each model has its own bound besides
 */
public record Length(int runs, double leastSeconds, double mostSeconds, double warmUpSeconds) {
  static final int LEAST_RUNS = 10;
  private static final int MOST_RUNS = 5_000_000;

  /** With no bound on warming up but each model's own. */
  public Length(int runs, double leastSeconds, double mostSeconds) {
    this(runs, leastSeconds, mostSeconds, Double.POSITIVE_INFINITY);
  }

  /** How many rounds fit where one takes so long. */
  int rounds(double millis) {
    double wanted = Math.max(runs, leastSeconds * 1e3 / millis);
    double fitting = Math.max(Math.min(runs, LEAST_RUNS), mostSeconds * 1e3 / millis);
    return (int) Math.clamp(Math.ceil(Math.min(wanted, fitting)), 1, MOST_RUNS);
  }
}

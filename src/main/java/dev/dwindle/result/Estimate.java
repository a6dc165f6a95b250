package dev.dwindle.result;

/**
 * An estimated number with its interval.
 *
 * @param value the point estimate
 * @param low lower end of the interval
 * @param high upper end of the interval
 * @param confidence of the interval, such as 0.95
 */
public record Estimate(double value, double low, double high, double confidence) {
  /** The same estimate in another unit. */
  public Estimate times(double factor) {
    return factor >= 0
        ? new Estimate(value * factor, low * factor, high * factor, confidence)
        : new Estimate(value * factor, high * factor, low * factor, confidence);
  }
}

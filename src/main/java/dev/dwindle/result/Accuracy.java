package dev.dwindle.result;

/**
 * Accuracy of two models on the same samples.
 *
 * @param metric its name, such as {@code top-1}
 * @param unit {@code %} for shares, else empty or the metric's own; all estimates are in it, differences of shares in pt
 * @param higherIsBetter whether a larger value is better
 * @param point what a gate calls a point: 1 for shares in %, 0.01 for scores that end at 1, else 1 of the metric's own unit
 * @param samples how many samples both were run on
 * @param original of the original model, null where it has no meaning (agreement with itself)
 * @param compressed of the compressed model
 * @param difference compressed minus original, paired over the samples
 */
public record Accuracy(
    String metric, String unit, boolean higherIsBetter, double point, long samples, Estimate original,
    Estimate compressed,
    Estimate difference) {
  public Accuracy {
    if (point == 0) point = 1; // of a report of before there were points
  }
}

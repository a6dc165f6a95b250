package dev.dwindle.measure;

import dev.dwindle.data.Sample;
import dev.dwindle.result.Estimate;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** How good a model's outputs are: what each sample contributes, and the figure that many contributions make. */
public interface Metric {
  /** The name in reports, such as {@code top-1}. */
  String name();

  /** {@code %} for shares, else empty. Estimates are in this unit, shares from 0 to 100. */
  String unit();

  boolean higherIsBetter();

  /** What a gate calls a point: 1 for shares in %, 0.01 for scores that end at 1, else 1 of the metric's own unit. */
  default double point() {
    return 1;
  }

  /**
   * What one run contributes.
   *
   * @param outputs of the model, in the order of its graph
   * @param reference outputs of the original model on the same sample
   * @return a few numbers, always as many; null where this run only prepares the next (the first of a pair)
   */
  double[] observe(Sample sample, List<Tensor> outputs, List<Tensor> reference);

  /** The figure of all contributions, with its interval. */
  Estimate estimate(List<double[]> observed);

  /** The figure of the second list minus that of the first, paired by sample, with its interval. */
  Estimate difference(List<double[]> original, List<double[]> compressed);

  /** Whether the metric compares with the original model, so that the original itself has no figure. */
  default boolean isRelative() {
    return false;
  }
}

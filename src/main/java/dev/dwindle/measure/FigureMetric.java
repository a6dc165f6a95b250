package dev.dwindle.measure;

import dev.dwindle.result.Estimate;
import java.util.List;

/** A metric that is some figure of all contributions together; its intervals come from the bootstrap over samples. */
abstract class FigureMetric implements Metric {
  private static final long SEED = 1;

  @Override
  public String unit() {
    return "";
  }

  @Override
  public boolean higherIsBetter() {
    return true;
  }

  /** The figure of the contributions at these indices, some of which may stand there several times. */
  abstract double figure(List<double[]> observed, int[] indices);

  @Override
  public Estimate estimate(List<double[]> observed) {
    return Statistics.bootstrap(observed.size(), SEED, indices -> figure(observed, indices));
  }

  @Override
  public Estimate difference(List<double[]> original, List<double[]> compressed) {
    return Statistics.bootstrap(original.size(), SEED, i -> figure(compressed, i) - figure(original, i));
  }
}

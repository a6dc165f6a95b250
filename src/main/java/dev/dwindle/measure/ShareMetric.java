package dev.dwindle.measure;

import dev.dwindle.result.Estimate;
import java.util.List;

/** A metric in percent of samples that the model gets right: each contributes 1 or 0. */
abstract class ShareMetric implements Metric {
  @Override
  public String unit() {
    return "%";
  }

  @Override
  public boolean higherIsBetter() {
    return true;
  }

  @Override
  public Estimate estimate(List<double[]> observed) {
    return Statistics.share(observed.stream().filter(o -> o[0] == 1).count(), observed.size()).times(100);
  }

  @Override
  public Estimate difference(List<double[]> original, List<double[]> compressed) {
    long gained = 0;
    long lost = 0;
    for (int i = 0; i < original.size(); i++) {
      double change = compressed.get(i)[0] - original.get(i)[0];
      if (change > 0) gained++;
      if (change < 0) lost++;
    }
    return Statistics.pairedShares(gained, lost, original.size()).times(100);
  }
}

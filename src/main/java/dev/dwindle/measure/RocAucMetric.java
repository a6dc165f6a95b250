package dev.dwindle.measure;

import dev.dwindle.data.MetricSpec;
import dev.dwindle.data.Sample;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** Area under the ROC curve of one number against labels 0 and 1. */
final class RocAucMetric extends FigureMetric {
  private final MetricSpec.RocAuc spec;

  RocAucMetric(MetricSpec.RocAuc spec) {
    this.spec = spec;
  }

  @Override
  public String name() {
    return spec.name();
  }

  @Override
  public double point() {
    return 0.01;
  }

  @Override
  public double[] observe(Sample sample, List<Tensor> outputs, List<Tensor> reference) {
    return new double[] {Elements.doubles(outputs.get(spec.output()))[0], Elements.longs(sample.label())[0]};
  }

  @Override
  double figure(List<double[]> observed, int[] indices) {
    double[] scores = new double[indices.length];
    boolean[] positive = new boolean[indices.length];
    for (int i = 0; i < indices.length; i++) {
      scores[i] = observed.get(indices[i])[0];
      positive[i] = observed.get(indices[i])[1] != 0;
    }
    return Ranks.areaUnderRoc(scores, positive);
  }
}

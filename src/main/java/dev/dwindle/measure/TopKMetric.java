package dev.dwindle.measure;

import dev.dwindle.data.MetricSpec;
import dev.dwindle.data.Sample;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** Share of samples whose class is among the k that score highest; of equal scores the lower index comes first. */
final class TopKMetric extends ShareMetric {
  private final MetricSpec.TopK spec;

  TopKMetric(MetricSpec.TopK spec) {
    this.spec = spec;
  }

  @Override
  public String name() {
    return spec.name();
  }

  @Override
  public double[] observe(Sample sample, List<Tensor> outputs, List<Tensor> reference) {
    float[] scores = Elements.floats(outputs.get(spec.output()));
    long label = Elements.longs(sample.label())[0];
    Labels.check(label, scores.length);
    int ahead = 0;
    for (int i = 0; i < scores.length; i++) {
      if (scores[i] > scores[(int) label] || (scores[i] == scores[(int) label] && i < label)) ahead++;
    }
    return new double[] {ahead < spec.k() && !Float.isNaN(scores[(int) label]) ? 1 : 0};
  }
}

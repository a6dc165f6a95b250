package dev.dwindle.measure;

import dev.dwindle.data.MetricSpec;
import dev.dwindle.data.Sample;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Mean average precision of whole images: an image's score for a class is its best cell's. */
final class ImageMapMetric extends FigureMetric {
  private final MetricSpec.ImageMap spec;

  ImageMapMetric(MetricSpec.ImageMap spec) {
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
    int classes = outputs.get(spec.outputs().getFirst()).shape().intDim(-1);
    double[] best = new double[classes + 1];
    Arrays.fill(best, Double.NEGATIVE_INFINITY);
    for (int index : spec.outputs()) {
      float[] scores = Elements.floats(outputs.get(index));
      for (int i = 0; i < scores.length; i++) best[i % classes] = Math.max(best[i % classes], scores[i]);
    }
    long label = Elements.longs(sample.label())[0];
    Labels.check(label, classes);
    best[classes] = label;
    return best;
  }

  @Override
  double figure(List<double[]> observed, int[] indices) {
    int classes = observed.getFirst().length - 1;
    double sum = 0;
    int seen = 0;
    for (int c = 0; c < classes; c++) {
      double[] scores = new double[indices.length];
      boolean[] positive = new boolean[indices.length];
      boolean any = false;
      for (int i = 0; i < indices.length; i++) {
        scores[i] = observed.get(indices[i])[c];
        positive[i] = observed.get(indices[i])[classes] == c;
        any |= positive[i];
      }
      if (any) {
        sum += Ranks.averagePrecision(scores, positive);
        seen++;
      }
    }
    return sum / seen;
  }
}

package dev.dwindle.measure;

import dev.dwindle.data.MetricSpec;
import dev.dwindle.data.Sample;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** Spearman's correlation of labels with the cosine of two embeddings; the two samples of a pair follow each other. */
final class SpearmanMetric extends FigureMetric {
  private final MetricSpec.Spearman spec;

  /** Embeddings of the first sample of a pair whose second is still to come: the original's and the compressed one's. */
  private float[] firstOfOriginal;

  private float[] firstOfCompressed;

  SpearmanMetric(MetricSpec.Spearman spec) {
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
    float[] embedding = embedding(sample, outputs.get(spec.output()));
    float[] first;
    if (outputs == reference) {
      first = firstOfOriginal;
      firstOfOriginal = first == null ? embedding : null;
    } else {
      first = firstOfCompressed;
      firstOfCompressed = first == null ? embedding : null;
    }
    return first == null ? null : new double[] {cosine(first, embedding), Elements.doubles(sample.label())[0]};
  }

  private float[] embedding(Sample sample, Tensor output) {
    Shape shape = output.shape();
    int tokens = shape.rank() == 3 ? shape.intDim(1) : 1;
    int width = shape.intDim(-1);
    float[] values = Elements.floats(output);
    long[] mask = spec.mask() == null ? null : Elements.longs(sample.inputs().get(spec.mask()));
    float[] sum = new float[width];
    for (int t = 0; t < tokens; t++) {
      if (mask != null && mask[t] == 0) continue;
      for (int i = 0; i < width; i++) sum[i] += values[t * width + i];
    }
    return sum;
  }

  private static double cosine(float[] a, float[] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += (double) a[i] * b[i];
      aa += (double) a[i] * a[i];
      bb += (double) b[i] * b[i];
    }
    return ab / Math.sqrt(aa * bb);
  }

  @Override
  double figure(List<double[]> observed, int[] indices) {
    double[] cosines = new double[indices.length];
    double[] labels = new double[indices.length];
    for (int i = 0; i < indices.length; i++) {
      cosines[i] = observed.get(indices[i])[0];
      labels[i] = observed.get(indices[i])[1];
    }
    return Ranks.spearman(cosines, labels);
  }
}

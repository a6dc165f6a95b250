package dev.dwindle.measure;

import dev.dwindle.data.MetricSpec;
import dev.dwindle.data.Sample;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** exp of the mean negative log likelihood (natural logarithm) of each next token. */
final class PerplexityMetric extends FigureMetric {
  private final MetricSpec.Perplexity spec;

  PerplexityMetric(MetricSpec.Perplexity spec) {
    this.spec = spec;
  }

  @Override
  public String name() {
    return spec.name();
  }

  @Override
  public boolean higherIsBetter() {
    return false;
  }

  @Override
  public double[] observe(Sample sample, List<Tensor> outputs, List<Tensor> reference) {
    Tensor output = outputs.get(spec.output());
    int vocabulary = output.shape().intDim(-1);
    float[] logits = Elements.floats(output);
    long[] tokens = Elements.longs(sample.label());
    double sum = 0;
    for (int t = 1; t < tokens.length; t++) {
      Labels.check(tokens[t], vocabulary);
      sum -= logLikelihood(logits, (t - 1) * vocabulary, vocabulary, (int) tokens[t]);
    }
    return new double[] {sum, tokens.length - 1};
  }

  private static double logLikelihood(float[] logits, int from, int count, int token) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) max = Math.max(max, logits[from + i]);
    double sum = 0;
    for (int i = 0; i < count; i++) sum += Math.exp(logits[from + i] - max);
    return logits[from + token] - max - Math.log(sum);
  }

  @Override
  double figure(List<double[]> observed, int[] indices) {
    double sum = 0;
    double tokens = 0;
    for (int i : indices) {
      sum += observed.get(i)[0];
      tokens += observed.get(i)[1];
    }
    return Math.exp(sum / tokens);
  }
}

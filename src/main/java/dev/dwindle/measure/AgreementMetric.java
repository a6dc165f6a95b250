package dev.dwindle.measure;

import dev.dwindle.data.Sample;
import dev.dwindle.quant.Elements;
import dev.dwindle.result.Estimate;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/**
 * How like the original's a model's outputs are, without labels: the signal-to-noise ratio in dB over all floating-point
 * outputs, difference counted as noise.
 */
final class AgreementMetric extends FigureMetric {
  @Override
  public String name() {
    return "SQNR";
  }

  @Override
  public String unit() {
    return "dB";
  }

  @Override
  public boolean isRelative() { return true; }

  @Override
  public double[] observe(Sample sample, List<Tensor> outputs, List<Tensor> reference) {
    double signal = 0;
    double noise = 0;
    for (int o = 0; o < outputs.size(); o++) {
      if (!reference.get(o).dtype().isFloating()) continue;
      float[] a = Elements.floats(reference.get(o));
      float[] b = Elements.floats(outputs.get(o));
      for (int i = 0; i < Math.min(a.length, b.length); i++) {
        signal += (double) a[i] * a[i];
        noise += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
      }
    }
    return new double[] {signal, noise};
  }

  @Override
  double figure(List<double[]> observed, int[] indices) {
    double signal = 0;
    double noise = 0;
    for (int i : indices) {
      signal += observed.get(i)[0];
      noise += observed.get(i)[1];
    }
    return noise == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(signal / noise);
  }

  @Override
  public Estimate difference(List<double[]> original, List<double[]> compressed) {
    throw new IllegalStateException("agreement has no difference: it compares with the original already");
  }
}

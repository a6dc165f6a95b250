package dev.dwindle.measure;

import dev.dwindle.data.Sample;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** Share of samples on which the largest number of the first output stands where the original's does. */
final class ArgMaxAgreementMetric extends ShareMetric {
  @Override
  public String name() {
    return "arg-max agreement";
  }

  @Override
  public boolean isRelative() { return true; }

  @Override
  public double[] observe(Sample sample, List<Tensor> outputs, List<Tensor> reference) {
    return new double[] {argMax(outputs.getFirst()) == argMax(reference.getFirst()) ? 1 : 0};
  }

  private static int argMax(Tensor tensor) {
    float[] values = Elements.floats(tensor);
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] > values[best]) best = i;
    }
    return best;
  }
}

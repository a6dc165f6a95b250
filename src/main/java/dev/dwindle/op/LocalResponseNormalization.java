package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** LRN: divides by a power of the squares summed over neighbouring channels (Krizhevsky and others, 2012). */
final class LocalResponseNormalization implements Operator {
  @Override
  public String name() {
    return "LRN";
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return call.same(0);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Shape shape = call.shape(0);
    long size = call.integer("size");
    if (shape.rank() < 2 || size < 1) {
      throw call.invalid("input has shape " + shape + " and size is " + size
          + ", expected [batch, channels, ...] and 1 or more");
    }
    int channels = shape.intDim(1);
    int plane = (int) shape.product(2, shape.rank());
    int before = (int) ((size - 1) / 2);
    int after = (int) (size - 1 - before);
    double factor = (double) call.real("alpha", 1e-4f) / size;
    double bias = call.real("bias", 1);
    double beta = call.real("beta", 0.75f);
    double[] x = call.doubles(0);
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      int c = i / plane % channels;
      double sum = 0;
      for (int k = Math.max(-before, -c); k <= Math.min(after, channels - 1 - c); k++) {
        sum += x[i + k * plane] * x[i + k * plane];
      }
      y[i] = x[i] / Math.pow(bias + factor * sum, beta);
    }
    return List.of(Elements.ofDoubles(call.dtype(0), shape, y));
  }
}

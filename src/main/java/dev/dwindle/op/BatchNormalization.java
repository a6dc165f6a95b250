package dev.dwindle.op;

import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/**
 * BatchNormalization: {@code (x - mean) / sqrt(variance + epsilon) * scale + bias} per channel; the statistics come in,
 * or in training mode (from version 14) are those of the batch.
 */
final class BatchNormalization implements Operator {
  @Override
  public String name() {
    return "BatchNormalization";
  }

  @Override
  public int since() {
    return 7;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    TensorType statistics = call.tensor(3);
    return List.of(call.tensor(0), statistics, statistics, statistics, statistics);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Shape shape = call.shape(0);
    boolean spatial = call.version() >= 9 || call.flag("spatial", true);
    int channels = shape.rank() < 2 ? 1 : (int) (spatial ? shape.dim(1) : shape.product(1, shape.rank()));
    int inner = shape.rank() < 2 || !spatial ? 1 : (int) shape.product(2, shape.rank());
    for (int input = 1; input < 5; input++) {
      if (call.shape(input).size() != channels) {
        throw call.invalid("input " + input + " has shape " + call.shape(input) + ", expected [" + channels + "]");
      }
    }
    double[] x = call.doubles(0);
    boolean training = call.version() >= 14 && call.flag("training_mode", false);
    if (training && x.length == 0) {
      throw call.invalid("input has shape " + shape + ", expected elements to take the mean of");
    }
    double[] mean = training ? means(x, channels, inner) : call.doubles(3);
    double[] variance = training ? variances(x, mean, inner) : call.doubles(4);
    normalize(call, x, mean, variance, inner);
    Tensor y = Elements.ofDoubles(call.dtype(0), shape, x);
    return training ? List.of(y, running(call, 3, mean), running(call, 4, variance))
        : List.of(y, call.input(3), call.input(4), call.input(3), call.input(4));
  }

  private static void normalize(Evaluation call, double[] x, double[] mean, double[] variance, int inner) {
    double[] scale = call.doubles(1);
    double[] bias = call.doubles(2);
    double epsilon = call.real("epsilon", 1e-5f);
    for (int from = 0, c = 0; from < x.length; from += inner, c = (c + 1) % mean.length) {
      double factor = scale[c] / Math.sqrt(variance[c] + epsilon);
      for (int i = from; i < from + inner; i++) {
        x[i] = (x[i] - mean[c]) * factor + bias[c];
      }
    }
  }

  static double[] means(double[] x, int channels, int inner) {
    double[] sums = new double[channels];
    for (int i = 0; i < x.length; i++) {
      sums[i / inner % channels] += x[i];
    }
    return divided(sums, x.length / channels);
  }

  static double[] variances(double[] x, double[] mean, int inner) {
    double[] sums = new double[mean.length];
    for (int i = 0; i < x.length; i++) {
      int c = i / inner % mean.length;
      sums[c] += (x[i] - mean[c]) * (x[i] - mean[c]);
    }
    return divided(sums, x.length / mean.length);
  }

  private static double[] divided(double[] sums, int count) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] /= count;
    }
    return sums;
  }

  private static Tensor running(Evaluation call, int input, double[] current) {
    double momentum = call.real("momentum", 0.9f);
    double[] running = call.doubles(input);
    for (int i = 0; i < running.length; i++) {
      running[i] = running[i] * momentum + current[i] * (1 - momentum);
    }
    return Elements.ofDoubles(call.dtype(input), call.shape(input), running);
  }
}

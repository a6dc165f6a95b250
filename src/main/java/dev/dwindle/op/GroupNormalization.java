package dev.dwindle.op;

import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * GroupNormalization and InstanceNormalization (groups of one channel): zero mean and unit variance for each group of
 * channels of each image, then scale and bias.
 */
final class GroupNormalization implements Operator {
  private final boolean instance;

  GroupNormalization(boolean instance) {
    this.instance = instance;
  }

  @Override
  public String name() {
    return instance ? "InstanceNormalization" : "GroupNormalization";
  }

  @Override
  public int since() {
    return instance ? 6 : 18;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return call.same(0);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Shape shape = call.shape(0);
    if (shape.rank() < 2) {
      throw call.invalid("input has shape " + shape + ", expected [batch, channels, ...]");
    }
    int channels = shape.intDim(1);
    int groups = instance ? channels : call.int32("num_groups");
    if (groups < 1 && channels > 0 || channels > 0 && channels % groups != 0) {
      throw call.invalid("num_groups is " + groups + ", expected a divisor of the " + channels + " channels");
    }
    boolean perGroup = !instance && call.version() < 21;
    int scales = perGroup ? groups : channels;
    double[] scale = call.doubles(1);
    double[] bias = call.doubles(2);
    if (scale.length != scales || bias.length != scales) {
      throw call
          .invalid("scale and bias have " + scale.length + " and " + bias.length + " elements, expected " + scales);
    }
    double[] x = call.doubles(0);
    double epsilon = call.real("epsilon", 1e-5f);
    int plane = (int) shape.product(2, shape.rank());
    int count = channels == 0 ? 0 : channels / groups * plane;
    for (int from = 0; from < x.length; from += count) {
      double mean = Moments.mean(x, from, count);
      double inverse = 1 / Math.sqrt(Moments.variance(x, from, count, mean) + epsilon);
      for (int i = from; i < from + count; i++) {
        int c = perGroup ? i / count % groups : i / plane % channels;
        x[i] = (x[i] - mean) * inverse * scale[c] + bias[c];
      }
    }
    return List.of(Elements.ofDoubles(call.dtype(0), shape, x));
  }

  @Override
  public List<Value> decompose(Expansion call) {
    if (call.type(0).dtype() != DType.FLOAT || !call.type(0).hasRank() || call.type(0).rank() < 2) {
      return null;
    }
    Value x = call.input(0);
    long[] perChannel = new long[call.type(0).rank() - 1];
    Arrays.fill(perChannel, 1);
    perChannel[0] = -1;
    Value groups = call.op("Reshape", x, call.integers(0, instance ? 0 : call.integer("num_groups"), -1));
    Value centred = call.op("Sub", groups, call.reduce("ReduceMean", groups, 2));
    Value variance = call.reduce("ReduceMean", call.op("Mul", centred, centred), 2);
    Value deviation = call.op("Sqrt", call.op("Add", variance, call.constant(call.real("epsilon", 1e-5f))));
    Value normal = call.op("Div", centred, deviation);
    if (!instance && call.version() < 21) {
      Value scaled = call.op("Mul", normal, call.op("Reshape", call.input(1), call.integers(-1, 1)));
      Value shifted = call.op("Add", scaled, call.op("Reshape", call.input(2), call.integers(-1, 1)));
      return List.of(call.op("Reshape", shifted, call.op("Shape", x)));
    }
    Value back = call.op("Reshape", normal, call.op("Shape", x));
    Value scaled = call.op("Mul", back, call.op("Reshape", call.input(1), call.integers(perChannel)));
    return List.of(call.op("Add", scaled, call.op("Reshape", call.input(2), call.integers(perChannel))));
  }
}

package dev.dwindle.op;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/**
 * {@code dev.dwindle.Summary}: the smallest and the largest element of a FLOAT tensor X, two FLOATs (infinity and minus
 * infinity for none, NaN where there is one), and where the second output is asked for, the mean of each plane of
 * {@code [batch, channels, ...]} as {@code [batch, channels]}. A zero among the ends has no sign.
 */
final class Summary implements Operator {
  @Override
  public String domain() {
    return OWN_DOMAIN;
  }

  @Override
  public String name() {
    return "Summary";
  }

  @Override
  public List<ValueType> infer(Inference call) {
    List<Dim> x = call.dims(0);
    if (call.outputCount() < 2) {
      return List.of(TensorType.of(DType.FLOAT, Shape.of(2)));
    }
    if (x != null) requirePlanes(call, x.size(), x);
    return List.of(TensorType.of(DType.FLOAT, Shape.of(2)),
        new TensorType(DType.FLOAT, x == null ? null : x.subList(0, 2)));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    float[] x = call.floats(0);
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    for (float v : x) {
      min = Math.min(min, v);
      max = Math.max(max, v);
    }
    Tensor ends = Tensor.of(Shape.of(2), min + 0f, max + 0f);
    return call.outputCount() < 2 ? List.of(ends) : List.of(ends, means(call, x));
  }

  private static Tensor means(Evaluation call, float[] x) {
    Shape shape = call.shape(0);
    requirePlanes(call, shape.rank(), shape);
    float[] means = new float[(int) shape.product(0, 2)];
    int plane = (int) shape.product(2, shape.rank());
    for (int i = 0; i < means.length; i++) {
      double sum = 0;
      for (int k = i * plane; k < (i + 1) * plane; k++) {
        sum += x[k];
      }
      means[i] = (float) (sum / plane);
    }
    return Tensor.of(Shape.of(shape.dim(0), shape.dim(1)), means);
  }

  @Override
  public List<Value> decompose(Expansion call) {
    Value x = call.input(0);
    if (!call.type(0).hasRank()) {
      return null;
    }
    Attribute whole = Attribute.of("keepdims", 0);
    Value min = call.op("Reshape", call.op("ReduceMin", List.of(whole), x), call.integers(1));
    Value max = call.op("Reshape", call.op("ReduceMax", List.of(whole), x), call.integers(1));
    Value ends = call.op("Concat", List.of(Attribute.of("axis", 0)), min, max);
    if (call.outputCount() < 2) {
      return List.of(ends);
    }
    int rank = call.type(0).rank();
    requirePlanes(call, rank, call.type(0));
    Value means = rank == 2 ? x : call.op("GlobalAveragePool", x);
    return List.of(ends, call.op("Flatten", List.of(Attribute.of("axis", 1)), means));
  }

  private static void requirePlanes(Call call, int rank, Object shape) {
    if (rank < 2) {
      throw call.invalid("input has shape " + shape + ", expected [batch, channels, ...]");
    }
  }
}

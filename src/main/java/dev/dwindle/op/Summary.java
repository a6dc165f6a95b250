package dev.dwindle.op;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * {@code dev.dwindle.Summary}: the smallest and the largest element of a FLOAT tensor X, two FLOATs (infinity and minus
 * infinity for none, NaN where there is one), and where they are asked for, the mean of each plane of
 * {@code [batch, channels, ...]} as {@code [batch, channels]}, and the smallest and the largest element of each plane as
 * {@code [2, batch, channels]}. A zero among the ends has no sign.
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
    List<Dim> two = x == null ? null : List.of(Dim.of(2), x.get(0), x.get(1));
    return List.of(TensorType.of(DType.FLOAT, Shape.of(2)),
        new TensorType(DType.FLOAT, x == null ? null : x.subList(0, 2)), new TensorType(DType.FLOAT, two));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    float[] x = call.floats(0);
    Tensor ends = Tensor.of(Shape.of(2), ends(x, 1));
    if (call.outputCount() < 2) return List.of(ends);
    Shape shape = call.shape(0);
    requirePlanes(call, shape.rank(), shape);
    Shape planes = Shape.of(2, shape.dim(0), shape.dim(1));
    return List.of(ends, means(call, x), Tensor.of(planes, ends(x, (int) shape.product(0, 2))));
  }

  /** The smallest elements of so many equal parts, then the largest. */
  private static float[] ends(float[] x, int parts) {
    float[] ends = new float[2 * parts];
    Arrays.fill(ends, 0, parts, Float.POSITIVE_INFINITY);
    Arrays.fill(ends, parts, 2 * parts, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < x.length; i++) {
      int part = i / (x.length / parts);
      ends[part] = Math.min(ends[part], x[i]);
      ends[parts + part] = Math.max(ends[parts + part], x[i]);
    }
    for (int i = 0; i < ends.length; i++) ends[i] += 0f;
    return ends;
  }

  private static Tensor means(Evaluation call, float[] x) {
    Shape shape = call.shape(0);
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
    List<Attribute> flat = List.of(Attribute.of("axis", 1));
    Value means = call.op("Flatten", flat, rank == 2 ? x : call.op("GlobalAveragePool", x));
    if (call.outputCount() < 3) return List.of(ends, means);
    Value most = rank == 2 ? x : call.op("Flatten", flat, call.op("GlobalMaxPool", x));
    Value least = rank == 2 ? x
        : call.op("Neg", call.op("Flatten", flat, call.op("GlobalMaxPool", call.op("Neg", x))));
    Value both = call.op("Concat", List.of(Attribute.of("axis", 0)), least, most);
    Value unsigned = call.op("Add", both, call.scalar(DType.FLOAT, 0));
    Value counts = call.op("Shape", means);
    Value shape = call.op("Concat", List.of(Attribute.of("axis", 0)), call.integers(2), counts);
    return List.of(ends, means, call.op("Reshape", unsigned, shape));
  }

  private static void requirePlanes(Call call, int rank, Object shape) {
    if (rank < 2) {
      throw call.invalid("input has shape " + shape + ", expected [batch, channels, ...]");
    }
  }
}

package dev.dwindle.rewrite;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Seeded inputs for a graph. */
public final class Samples {
  private Samples() {}

  /** Numbers from -1 to 1 for floating-point inputs, true for BOOL ones, 1 for integers; a symbol gets a size. */
  public static Map<String, Tensor> of(Graph graph, long symbol) {
    Map<String, Tensor> samples = new LinkedHashMap<>();
    Random random = new Random(5);
    for (Value input : graph.requiredInputs()) {
      TensorType type = input.tensorType();
      Shape shape = type.hasRank()
          ? Shape.of(type.dims().stream().mapToLong((Dim d) -> d.isKnown() ? d.size() : symbol).toArray())
          : Shape.of(2, 3, 4);
      samples.put(input.name(), tensor(type, shape, random));
    }
    return samples;
  }

  private static Tensor tensor(TensorType type, Shape shape, Random random) {
    if (type.dtype().isFloating()) {
      return Elements.ofDoubles(type.dtype(), shape, random.doubles(shape.intSize(), -1, 1).toArray());
    }
    long[] ones = new long[shape.intSize()];
    Arrays.fill(ones, 1);
    return Elements.ofLongs(type.dtype(), shape, ones);
  }
}

package dev.dwindle.engine;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Models that take several samples as one request: those whose inputs all leave their first dimension open, and by the same name. */
final class Batches {
  private Batches() {}

  /** Whether the inputs leave their first dimension open. */
  static boolean fit(Graph graph) {
    List<Value> inputs = graph.requiredInputs();
    if (inputs.isEmpty() || inputs.stream().anyMatch(input -> !isOpen(input))) return false;
    return inputs.stream().map(input -> input.tensorType().dims().getFirst()).distinct().count() == 1;
  }

  private static boolean isOpen(Value input) {
    List<Dim> dims = input.tensorType() == null ? null : input.tensorType().dims();
    return dims != null && !dims.isEmpty() && !dims.getFirst().isKnown();
  }

  /** The shapes of so many samples, where these are inputs of one. */
  static Map<String, Shape> shapes(Map<String, Tensor> inputs, int batch) {
    Map<String, Shape> shapes = new HashMap<>();
    inputs.forEach((name, tensor) -> {
      Shape one = tensor.shape();
      shapes.put(name,
          Shape.of(IntStream.range(0, one.rank()).mapToLong(i -> one.dim(i) * (i == 0 ? batch : 1)).toArray()));
    });
    return shapes;
  }
}

package dev.dwindle.rewrite;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.op.GemmAttributes;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import java.util.HashMap;
import java.util.Map;

/** What a model costs whatever it runs on. */
public final class Cost {
  private Cost() {}

  /** Numbers in floating-point constants, those of subgraphs included. */
  public static long parameters(Model model) {
    return parameters(model.graph());
  }

  private static long parameters(Graph graph) {
    long count = 0;
    for (Value constant : graph.constants()) {
      count += constant.tensor().dtype().isFloating() ? constant.tensor().size() : 0;
    }
    for (Node node : graph.nodes()) {
      for (Graph sub : node.subgraphs()) count += parameters(sub);
    }
    return count;
  }

  /**
   * Multiplications whose products are added up in Conv, ConvTranspose, Gemm and MatMul, in one run with inputs of their
   * declared shapes; a dimension that is left open, such as the batch, is 1. What subgraphs compute is not counted.
   *
   * @throws InvalidInputException where the shapes of one of these nodes do not follow
   */
  public static long multiplyAdds(Model model) {
    Graph graph = model.graph();
    Map<String, Shape> shapes = new HashMap<>();
    for (Value input : graph.requiredInputs()) {
      TensorType type = input.tensorType();
      if (type == null || !type.hasRank()) continue;
      shapes.put(input.name(), Shape.of(type.dims().stream().mapToLong(Cost::size).toArray()));
    }
    Types types = ShapeInference.of(graph, shapes);
    long count = 0;
    for (Node node : graph.nodes()) {
      count = Math.addExact(count, multiplyAdds(node, types));
    }
    return count;
  }

  private static long size(Dim dim) {
    return dim.isKnown() ? dim.size() : 1;
  }

  /** As {@link #multiplyAdds(Model)}, of one node. */
  public static long multiplyAdds(Node node, Types types) {
    if (!node.domain().isEmpty()) return 0;
    return switch (node.operator()) {
      // Each element of the output is a sum over the weights of one output channel.
      case "Conv" -> Math.multiplyExact(shape(node, node.output(), types).size(), inner(shape(node, 1, types)));
      // Each element of the input is multiplied by the weights of its channel.
      case "ConvTranspose" -> Math.multiplyExact(shape(node, 0, types).size(), inner(shape(node, 1, types)));
      case "Gemm" -> Math.multiplyExact(shape(node, node.output(), types).size(),
          shape(node, 0, types).dim(GemmAttributes.of(new Call(node)).transposeA() ? 0 : 1));
      case "MatMul" -> Math.multiplyExact(shape(node, node.output(), types).size(), shape(node, 0, types).dim(-1));
      default -> 0;
    };
  }

  private static long inner(Shape weights) {
    return weights.product(1, weights.rank());
  }

  private static Shape shape(Node node, int input, Types types) {
    return shape(node, node.input(input), types);
  }

  private static Shape shape(Node node, Value value, Types types) {
    Shape shape = types.shape(value);
    if (shape == null) {
      throw new InvalidInputException(node.label() + ": its multiply-adds cannot be counted, since "
          + (value == null ? "an input is missing" : "'" + value.name() + "' is a " + types.tensorType(value))
          + "; expected shapes that follow from those of the inputs");
    }
    return shape;
  }
}

package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import java.util.Set;

/** What depends on constants and shapes alone is computed when a graph is compiled; where it depends on data after all, the node is refused then. */
final class Ahead {
  private static final Set<String> SHAPES = Set.of("Constant", "Shape", "Size", "ConstantOfShape", "Range");
  private static final Set<String> ARITHMETIC = Set.of("Add", "Sub", "Mul", "Div", "Mod", "Min", "Max", "Neg", "Abs");

  private Ahead() {}

  /** Whether a node is of a kind that models use to compute with shapes. */
  static boolean mayBe(Node node) {
    return node.domain().isEmpty()
        && (SHAPES.contains(node.operator()) || ARITHMETIC.contains(node.operator()) && isInteger(node.output()));
  }

  private static boolean isInteger(Value value) {
    TensorType type = value.tensorType();
    return type != null && type.dtype() != null && type.dtype().isInteger();
  }
}

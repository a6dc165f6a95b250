package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import java.util.Set;

/** Operators whose output has the elements of their first input in the same order: it lies where that does. */
final class ViewKernel implements CudaKernel {
  private static final Set<String> OPERATORS = Set.of("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity");

  @Override
  public boolean matches(Node node) {
    return node.domain().isEmpty() && OPERATORS.contains(node.operator());
  }

  @Override
  public boolean takesNarrow(Node node) {
    return true;
  }

  @Override
  public void plan(Node node, Planning planning) {
    planning.alias(node.output(), planning.place(node.input(0)));
  }
}
